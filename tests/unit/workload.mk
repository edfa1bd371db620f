# SPDX-License-Identifier: GPL-2.0
#
# Builds the unit test of the benchmark program `workload` into the folder O.
#
# To be included by the unit tests' makefile. The test is built from the
# sources themselves, all but the command line, with the sanitizers. Lines of its
# tables leave out what is 0.

workload_unit := $(dir $(lastword $(MAKEFILE_LIST)))
workload_bench := $(workload_unit)../../tools/bench
workload_include := $(workload_unit)../../include
workload_sources := $(workload_unit)workload-plan-test.c \
		    $(wildcard $(workload_bench)/workload-*.c)

$(O)/workload-plan-test: $(workload_sources) $(workload_bench)/workload.h \
		$(workload_unit)tap.h $(workload_include)/twostage_counters.h
	@mkdir -p $(@D)
	$(CC) -std=gnu11 -D_GNU_SOURCE -O1 -g -Wall -Wextra -Werror \
		-Wno-missing-field-initializers \
		-fsanitize=address,undefined -fno-sanitize-recover=all \
		-I$(workload_bench) -I$(workload_include) \
		-o $@ $(workload_sources) -ljson-c

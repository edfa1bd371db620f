# SPDX-License-Identifier: GPL-2.0
#
# Builds the unit tests of tools/bench/workload into the folder O.
#
# To be included by the unit tests' makefile. The test is built out of the
# sources themselves, with the sanitizers, so that it needs no kernel and no
# other build.

workload_unit := $(dir $(lastword $(MAKEFILE_LIST)))
workload_bench := $(workload_unit)../../tools/bench
workload_include := $(workload_unit)../../include
workload_sources := $(workload_unit)workload-plan-test.c \
		    $(workload_bench)/workload-comb.c \
		    $(workload_bench)/workload-latency.c \
		    $(workload_bench)/workload-plan.c \
		    $(workload_bench)/workload-json.c \
		    $(workload_bench)/workload-sample.c

$(O)/workload-plan-test: $(workload_sources) \
		$(wildcard $(workload_bench)/workload-*.h) \
		$(workload_include)/twostage_counters.h
	@mkdir -p $(@D)
	$(CC) -std=gnu11 -D_GNU_SOURCE -O1 -g -Wall -Wextra -Werror \
		-fsanitize=address,undefined -fno-sanitize-recover=all \
		-I$(workload_bench) -I$(workload_include) \
		-o $@ $(workload_sources)

# Builds the unit tests that are written in C, into the folder O.
#
# They compile the real src/writeout.c, src/policy.c and src/cache-file.c against the
# mock headers of tests/unit/kernel, which must come before every other folder.

UNIT := $(patsubst %/,%,$(dir $(lastword $(MAKEFILE_LIST))))
TREE := $(UNIT)/../..
O ?= $(TREE)/out/unit
UNIT_CC ?= gcc
# The two warnings that the kernel leaves off, its code is written without.
UNIT_CFLAGS := -std=gnu11 -g -O1 -Wall -Wextra -Werror \
	-Wno-sign-compare -Wno-unused-parameter \
	-fsanitize=address,undefined -fno-sanitize-recover=undefined \
	-I $(UNIT)/kernel -I $(UNIT) -I $(TREE)/src -I $(TREE)/include
UNIT_HEADERS := $(wildcard $(UNIT)/*.h $(UNIT)/kernel/*.h \
	$(UNIT)/kernel/linux/*.h $(TREE)/src/*.h \
	$(TREE)/src/compat/*.h $(TREE)/include/*.h)

$(O)/writeout-test: $(UNIT)/writeout-test.c $(UNIT)/writeout-mock.c \
		$(TREE)/src/writeout.c $(UNIT_HEADERS)
	@mkdir -p $(@D)
	$(UNIT_CC) $(UNIT_CFLAGS) -o $@ $(filter %.c,$^)

$(O)/policy-test: $(UNIT)/policy-test.c $(TREE)/src/policy.c $(UNIT_HEADERS)
	@mkdir -p $(@D)
	$(UNIT_CC) $(UNIT_CFLAGS) -o $@ $(filter %.c,$^)

$(O)/cache-file-test: $(UNIT)/cache-file-test.c $(TREE)/src/cache-file.c $(UNIT_HEADERS)
	@mkdir -p $(@D)
	$(UNIT_CC) $(UNIT_CFLAGS) -o $@ $(filter %.c,$^)

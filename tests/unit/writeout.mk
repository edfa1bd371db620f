# Builds the unit tests of src/*.c into the folder O: each compiles the real source
# against mock.h, which stands in for every header of the kernel and of btrfs.
# `make flags` makes these headers and prints how to compile with them.

UNIT := $(patsubst %/,%,$(dir $(lastword $(MAKEFILE_LIST))))
TREE := $(UNIT)/../..
O ?= $(TREE)/out/unit
include $(TREE)/tools/no-space.mk
UNIT_CC ?= gcc
# Kernel code is compiled without the two warnings that are off here.
UNIT_CFLAGS := -std=gnu11 -g -O1 -Wall -Wextra -Werror \
	-Wno-sign-compare -Wno-unused-parameter \
	-fsanitize=address,undefined -fno-sanitize-recover=undefined \
	-I $(O)/kernel -I $(UNIT) -I $(TREE)/src -I $(TREE)/include
UNIT_HEADERS := $(wildcard $(addsuffix /*.h,$(UNIT) $(TREE)/src \
	$(TREE)/src/compat $(TREE)/include))

MOCKED := $(patsubst %,$(O)/kernel/%.h,block-group block-rsv btrfs_inode ctree \
	delalloc-space delayed-inode delayed-ref disk-io free-space-cache \
	ordered-data transaction twostage_compat $(addprefix linux/,atomic blkdev \
	btrfs_tree compiler completion fs kernel kobject ktime list mm mutex seqlock \
	spinlock string types wait rbtree))

UNIT_TESTS := $(addprefix $(O)/,writeout-test policy-test cache-file-test)

.PHONY: all flags
all: $(UNIT_TESTS)

flags: $(MOCKED)
	@echo $(UNIT_CFLAGS)

$(MOCKED):
	@mkdir -p $(@D)
	@echo '#include "mock.h"' > $@

$(UNIT_TESTS): $(O)/%-test: $(UNIT)/%-test.c $(TREE)/src/%.c $(UNIT_HEADERS) $(MOCKED)
	$(UNIT_CC) $(UNIT_CFLAGS) -o $@ $(filter %.c,$^)

$(O)/writeout-test: $(UNIT)/writeout-mock.c

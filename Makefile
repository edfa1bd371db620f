# Builds, installs, tests and measures btrfs_twostage. The module itself is
# described in Kbuild; `make help` lists the targets.

SHELL := /bin/bash
KVER ?= $(shell uname -r)
KDIR ?= /lib/modules/$(KVER)/build
MODULE_FOLDER := out/module/$(KVER)
NAME := btrfs-twostage
VERSION := $(shell sed -nE 's/^PACKAGE_VERSION="(.*)"/\1/p' dkms.conf)
DKMS_SOURCE := /usr/src/$(NAME)-$(VERSION)
HOOKS := /etc/kernel/postinst.d /etc/kernel/header_postinst.d

.PHONY: help bench bench-host test module install uninstall clean

help:
	@sed -nE 's/^#: ?//p' Makefile

#: sudo make bench		measure in a guest with a stock kernel
bench:
	@tools/dependencies
	@tools/bench/run

#: sudo make bench-host		measure on this machine's kernel, in real time
bench-host:
	@tools/dependencies
	@tools/bench/run --host

#: sudo make test		run all tests (TESTS="unit dkms vm" for a part)
test:
	@tools/dependencies
	@tests/run $(TESTS)

#: sudo make install		install the module by DKMS for this kernel (KVER=)
install:
	@tools/dkms/source check '$(KVER)' '$(KDIR)'
	install -d '$(DKMS_SOURCE)'
	cp -r --parents dkms.conf Kbuild Makefile COPYING src include tools/dkms \
		'$(DKMS_SOURCE)'
	dkms install '$(NAME)/$(VERSION)' -k '$(KVER)'
	for folder in $(HOOKS); do \
		install -d $$folder && \
		ln -sf '$(DKMS_SOURCE)/tools/dkms/kernel-hook' $$folder/$(NAME); \
	done

#: sudo make uninstall		take it out again, for all kernels
uninstall:
	rm -f $(HOOKS:=/$(NAME))
	dkms remove '$(NAME)/$(VERSION)' --all
	rm -rf '$(DKMS_SOURCE)'

#: make module			build out/module/KVER/btrfs_twostage.ko (KVER= KDIR= KSRC=)
module:
	@tools/dkms/prepare '$(KVER)' '$(KDIR)' '$(MODULE_FOLDER)'
	@$(MAKE) --no-print-directory -C '$(KDIR)' \
		M='$(abspath $(MODULE_FOLDER))' \
		TWOSTAGE_VERSION='$(VERSION)' modules \
		2> >(grep -v '^Skipping BTF generation' >&2)
	@tools/dkms/btf '$(MODULE_FOLDER)/btrfs_twostage.ko' '$(KVER)'

#: make clean			remove what `make module` built
clean:
	rm -rf out/module

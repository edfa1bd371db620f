# Builds, installs, tests and measures btrfs_twostage. The module itself is
# described in Kbuild; `make help` lists the targets.

SHELL := /bin/bash
KVER ?= $(shell uname -r)
KDIR ?= /lib/modules/$(KVER)/build
MODULE_FOLDER := out/module/$(KVER)
VERSION := $(shell sed -nE 's/^PACKAGE_VERSION="(.*)"/\1/p' dkms.conf)

.PHONY: help module clean

help:
	@sed -nE 's/^#: ?//p' Makefile

#: make module [KVER=] [KDIR=] [KSRC=]	build out/module/KVER/btrfs_twostage.ko
module:
	@tools/dkms/prepare '$(KVER)' '$(KDIR)' '$(MODULE_FOLDER)'
	@$(MAKE) --no-print-directory -C '$(KDIR)' \
		M='$(abspath $(MODULE_FOLDER))' \
		TWOSTAGE_VERSION='$(VERSION)' modules

#: make clean				remove what `make module` made
clean:
	rm -rf out/module

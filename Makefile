# Builds, installs, tests and measures btrfs_twostage. `make help` lists the
# targets; Kbuild has the module itself.

SHELL := /bin/bash
KVER ?= $(shell uname -r)
KDIR ?= /lib/modules/$(KVER)/build
MODULE_FOLDER := out/module/$(KVER)
NAME := btrfs-twostage
VERSION := $(shell tools/dkms/version)
DKMS_SOURCE := /usr/src/$(NAME)-$(VERSION)
HOOKS := /etc/kernel/postinst.d /etc/kernel/header_postinst.d

.PHONY: help bench bench-host lab figures check test test-long module install install-source uninstall \
	deb clean not-packaged

help:
	@sed -nE 's/^#: ?//p' Makefile

#: sudo make bench       measure every policy in a guest with a stock kernel
bench:
	@tools/dependencies guest
	@tools/bench/run

#: sudo make bench-host  the same on this machine's kernel, in real time
bench-host:
	@tools/dependencies
	@tools/bench/run --host

#: sudo make lab         measure a grid of cells (LAB=small, LAB="--kernel=6.12", CLOCK=wall)
lab:
	@tools/dependencies guest lab
	@tools/lab/run $(if $(filter full small cold large,$(LAB)),--grid=$(LAB),$(LAB)) \
		$(if $(CLOCK),--clock=$(CLOCK))

#: make figures          rewrite measured tables and pictures (sudo, TAKE=all: measure first)
figures:
	@tools/figures/run $(TAKE)

#: sudo make test        run all tests (TEST="fit page*" KERNELS=6.1; LIST=1 prints them)
test:
	@tests/run $(if $(LIST),--list) $(if $(STATUS),--status) $(TESTS)

#: sudo make test-long   leave nothing out, for hours; resumes (STATUS=1: how far)
test-long:
	@tests/run --long $(if $(LIST),--list) $(if $(STATUS),--status) $(TESTS)

#: sudo make check       static checks: shellcheck, checkpatch, sparse, … (CHECKS=style)
check:
	@tools/dependencies check
	@tools/check/run $(CHECKS)

#: sudo make install     install the module by DKMS for this kernel (KVER=)
install: not-packaged
	@tools/dkms/source check '$(KVER)' '$(KDIR)'
	$(MAKE) --no-print-directory install-source
	cp COPYING '$(DKMS_SOURCE)'
	dkms install '$(NAME)/$(VERSION)' -k '$(KVER)'
	for folder in $(HOOKS); do \
		install -d $$folder && \
		ln -sf '$(DKMS_SOURCE)/tools/dkms/kernel-hook' $$folder/$(NAME); \
	done

# What DKMS builds from, and the name by which a kernel's hook finds it.
install-source:
	install -d '$(DESTDIR)$(DKMS_SOURCE)'
	tools/dkms/files '$(DESTDIR)$(DKMS_SOURCE)'
	if [[ -n '$(DESTDIR)' ]]; then \
		install -d '$(DESTDIR)/usr/lib/$(NAME)' && \
		ln -s '../../src/$(NAME)-$(VERSION)/tools/dkms/kernel-hook' \
			'$(DESTDIR)/usr/lib/$(NAME)/kernel-hook'; \
	fi

# The package's files are dpkg's to replace and to remove.
not-packaged:
	@! dpkg-query -W -f '$${Status}' $(NAME)-dkms 2> /dev/null | \
		grep -q ' installed$$' || \
		{ echo '$(NAME)-dkms is installed: apt remove it first' >&2; exit 1; }

#: sudo make uninstall   remove it from all kernels
uninstall: not-packaged
	rm -f $(HOOKS:=/$(NAME))
	dkms remove '$(NAME)/$(VERSION)' --all
	rm -rf '$(DKMS_SOURCE)'

#: make module           build out/module/KVER/btrfs_twostage.ko (KVER= KDIR= KSRC=)
module:
	@tools/dkms/prepare '$(KVER)' '$(KDIR)' '$(MODULE_FOLDER)'
	@$(MAKE) --no-print-directory -C '$(KDIR)' \
		M='$(abspath $(MODULE_FOLDER))' \
		TWOSTAGE_VERSION='$(VERSION)' modules \
		2> >(grep -v '^Skipping BTF generation' >&2)
	@tools/dkms/btf '$(MODULE_FOLDER)/btrfs_twostage.ko' '$(KVER)'

#: make deb              build the Debian packages into out/deb
deb:
	@tools/deb

#: make clean            remove what `make module` built
clean:
	rm -rf out/module

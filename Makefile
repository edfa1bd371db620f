# Builds, installs, tests and measures btrfs_twostage. `make help` lists the
# targets; Kbuild has the module itself.
#
# All that is made goes to out/. `make clean` removes what was compiled, here or by the
# makefiles in tools/ and tests/. It leaves what takes long: guest roots, measurements
# and results of tests, which only `make distclean` removes.

SHELL := /bin/bash
KVER ?= $(shell uname -r)
KDIR ?= /lib/modules/$(KVER)/build
MODULE_FOLDER := out/module/$(KVER)
NAME := btrfs-twostage
VERSION := $(shell tools/dkms/version)
# What was compiled into out/, for every maker of it.
COMPILED := module twostage unit crash guest-programs deb bench/workload bench/objects bench/bin \
	lab-images/bin

.PHONY: help bench bench-host lab figures check test test-long module install install-source uninstall \
	deb clean distclean

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
	@tools/lab/run $(if $(filter-out --%,$(LAB)),--grid='$(filter-out --%,$(LAB))') $(filter --%,$(LAB)) \
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
install:
	@tools/dkms/install '$(KVER)' '$(KDIR)'

# For a package: what DKMS builds from, and the name by which a kernel's hook finds it.
install-source:
	install -d '$(DESTDIR)/usr/src/$(NAME)-$(VERSION)' '$(DESTDIR)/usr/lib/$(NAME)'
	tools/dkms/files '$(DESTDIR)/usr/src/$(NAME)-$(VERSION)'
	ln -s '../../src/$(NAME)-$(VERSION)/tools/dkms/kernel-hook' '$(DESTDIR)/usr/lib/$(NAME)'

#: sudo make uninstall   remove it from all kernels
uninstall:
	@tools/dkms/uninstall

# Where the headers hold a vmlinux, the last step makes BTF, and fails the build if it
# cannot: then that step is repeated without it.
KBUILD = $(MAKE) --no-print-directory -C '$(KDIR)' M="$$PWD/$(MODULE_FOLDER)" \
	TWOSTAGE_VERSION='$(VERSION)'

#: make module           build out/module/KVER/btrfs_twostage.ko (KVER= KDIR= KSRC=)
module:
	@[[ "$$PWD" != *[[:space:]:]* ]] || { echo "btrfs_twostage: the kernel's makefiles cannot" \
		"build in a folder with a space or colon in its name: $$PWD" >&2; exit 1; }
	@tools/dkms/prepare '$(KVER)' '$(KDIR)' '$(MODULE_FOLDER)'
	+@$(KBUILD) modules 2> >(grep -v '^Skipping BTF generation' >&2) || \
		{ [[ -e '$(MODULE_FOLDER)/btrfs_twostage.mod.o' ]] && \
		  $(KBUILD) CONFIG_DEBUG_INFO_BTF_MODULES= modules; }
	@tools/dkms/btf '$(MODULE_FOLDER)/btrfs_twostage.ko' '$(KVER)' || \
		echo "btrfs_twostage: the module has no BTF, since tools/dkms/btf ended with $$?" >&2

#: make deb              build the Debian packages into out/deb
deb:
	@tools/deb

#: make clean            remove what was compiled; guests and results stay
clean:
	rm -rf $(addprefix out/,$(COMPILED))

#: make distclean        remove all of out/, which takes long to make again
distclean:
	@rm -rf out 2> /dev/null || { echo 'out/ has files of root: sudo make distclean' >&2; exit 1; }

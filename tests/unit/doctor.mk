# SPDX-License-Identifier: GPL-2.0
#
# Builds the program that tests/unit/doctor runs, into the folder O.

doctor_program := $(dir $(lastword $(MAKEFILE_LIST)))../../tools/twostage

.PHONY: $(O)/twostage
$(O)/twostage:
	$(MAKE) -C $(doctor_program) O=$(abspath $(O))

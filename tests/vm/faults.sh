# shellcheck shell=bash
#
# Makes steps fail on purpose in the build `faults` of the module (src/fault.h). Sourced by
# lib.sh.

FAULT=/sys/module/btrfs_twostage/parameters/fault

# inject POINT,ERRNO,SKIP,TIMES: see src/fault.h
inject() {
	echo "$1" > "$FAULT"
}

# fault_field NAME: how often the step was passed, or failed
fault_field() {
	sed -nE "s/.* $1=([0-9]+).*/\1/p" "$FAULT"
}

# shellcheck shell=bash
#
# The module as it is not installed: `faults`, with steps that fail on purpose
# (src/fault.h), and `unread` (tests/vm/build-flavour). Sourced by lib.sh.

FAULT=/sys/module/btrfs_twostage/parameters/fault

# load_flavour NAME [PARAMETER...]: instead of the one that is installed
load_flavour() {
	local flavour

	flavour=$HERE/../../bin/$1.ko
	! [[ -e /sys/module/btrfs_twostage ]] || modprobe -r btrfs_twostage
	modinfo -F depends "$flavour" | tr , '\n' | xargs -n 1 modprobe
	insmod "$flavour" "${@:2}"
}

# inject POINT,ERRNO,SKIP,TIMES: see src/fault.h
inject() {
	echo "$1" > "$FAULT"
}

# fault_field NAME: how often the step was passed, or failed
fault_field() {
	sed -nE "s/.* $1=([0-9]+).*/\1/p" "$FAULT"
}

# shellcheck shell=bash
#
# What guest tests need. Runs as root in a guest. What a test mounted, attached,
# configured or started is undone after it, and the device-mapper devices in MAPPED
# are removed.
#
# Every commit that a test looks at is shown to be ours by a counter that moved.

HERE=$(dirname "${BASH_SOURCE[0]}")
# shellcheck source=tools/vm/guest.sh
. "$HERE/../../tools/vm/guest.sh"
# shellcheck source=tests/tap.sh
. "$HERE/../tap.sh"
# shellcheck source=tests/vm/kernel-log.sh
. "$HERE/kernel-log.sh"
# shellcheck source=tests/vm/counters.sh
. "$HERE/counters.sh"
# shellcheck source=tests/vm/filesystems.sh
. "$HERE/filesystems.sh"
# shellcheck source=tests/vm/events.sh
. "$HERE/events.sh"
# shellcheck source=tests/vm/load.sh
. "$HERE/load.sh"
# shellcheck source=tests/vm/faults.sh
. "$HERE/faults.sh"

# There is no udev in the guest.
export DM_DISABLE_UDEV=1
MAPPED=()
REFUSAL=/tmp/refusal

tear_down_test() {
	local name

	stop_doing || true
	umount "$MOUNT" 2> /dev/null || true
	for name in "${MAPPED[@]}"; do
		dmsetup remove --retry "$name" 2> /dev/null || true
	done
	tear_down
	remove_recorder
}

# start_over: in the midst of a test, as after it
start_over() {
	tear_down_test
	# tear_down goes on after an error.
	set -e
}

# expect_refused REGEX COMMAND...: it fails, and says so; REFUSAL has what it said
expect_refused() {
	! "${@:2}" > "$REFUSAL" 2>&1 || fail "not refused: ${*:2}"
	grep -qE "$1" "$REFUSAL" || fail "${*:2}: $(< "$REFUSAL")"
}

expect_equal() {
	[[ $1 == "$2" ]] || fail "$3: $1 is not $2"
}

expect_at_least() {
	(($1 >= $2)) || fail "$3: $1 is less than $2"
}

# shellcheck shell=bash
#
# What every guest test needs, and the rooms that most need: filesystems.sh,
# counters.sh, events.sh and kernel-log.sh. A test sources the others itself:
# flavours.sh, load.sh and mapper.sh. Runs as root in a guest. What a test mounted,
# attached or configured is undone after it.
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

# undo_set_up: what a tear_down_test of a test's own begins or ends with
undo_set_up() {
	tear_down
	remove_recorder
}

tear_down_test() {
	undo_set_up
}

expect_equal() {
	[[ $1 == "$2" ]] || fail "$3: $1 is not $2"
}

expect_at_least() {
	(($1 >= $2)) || fail "$3: $1 is less than $2"
}

# shellcheck shell=bash
#
# The counters of what is mounted, beside `counter` of tools/vm/guest.sh. Sourced by
# lib.sh.

NOTED=/tmp/noted

# note_counters: as they are now, for grown
note_counters() {
	(cd "$WRITEOUT" && grep -H . num_* whole_ns) > "$NOTED"
}

# grown NAME: by how much, since note_counters
grown() {
	echo $(($(counter "$1") - $(sed -n "s/^$1://p" "$NOTED")))
}

# Nothing is in flight between transactions, and the sums agree.
expect_balanced() {
	expect_equal "$(counter in_flight)" 0 "in_flight after a commit"
	expect_equal "$(counter num_started)" \
		"$(($(counter num_waited) + $(counter num_discarded)))" \
		"num_started against num_waited + num_discarded"
}

# expect_started NUMBER: since the mount, at least
expect_started() {
	expect_at_least "$(counter num_started)" "$1" num_started
}

# write_to NAME VALUE: as it is, to a file beside the counters
write_to() {
	printf '%s' "$2" > "$WRITEOUT/$1"
}

fsid() {
	basename "$(dirname "$WRITEOUT")"
}

history_file() {
	echo "/proc/fs/btrfs_twostage/$(fsid)/history"
}

# column NAME FILE: of each commit, in a history
column() {
	awk -v name="$1" 'NR == 1 { for (i = 1; i <= NF; i++)
					if ($i == name) at = i
				    next }
			  { print $at }' "$2"
}

sum() {
	awk '{ total += $1 } END { printf "%d\n", total }'
}

# shellcheck shell=bash
#
# The module's trace events, in a tracefs instance of our own. Sourced by lib.sh.

TRACING=/sys/kernel/tracing/instances/test
EVENTS=/tmp/events

# enable_events 0|1: ours alone. Of stock's, which are in the same group, one reads
# what another task may have freed (trace_add_delayed_data_ref, 6.1): KASAN reports it.
enable_events() {
	local event

	for event in "$TRACING"/events/btrfs_twostage/twostage_*; do
		echo "$1" > "$event/enable"
	done
}

start_recording() {
	mkdir -p "$TRACING"
	echo 16384 > "$TRACING/buffer_size_kb"
	echo global > "$TRACING/trace_clock"
	: > "$TRACING/trace"
	enable_events 1
}

# Leaves one line an event in EVENTS: its name and its fields as name=value.
stop_recording() {
	enable_events 0
	sed -nE 's/^.*: (twostage_[a-z_]+): [0-9a-f-]{36}: /\1 /p' \
		"$TRACING/trace" > "$EVENTS"
	! grep -hqE '^overrun: [1-9]' "$TRACING"/per_cpu/cpu*/stats ||
		fail "events were lost"
	[[ -s $EVENTS ]] || fail "no events were recorded"
}

remove_recorder() {
	[[ ! -d $TRACING ]] || rmdir "$TRACING"
}

# values EVENT FIELD: the field of each event of that name
values() {
	sed -nE "s/^$1 (.* )?$2=([^ ]+).*/\2/p" "$EVENTS"
}

# count_events REGEX
count_events() {
	grep -c "^$1 " "$EVENTS" || true
}

# Each commit ends with nothing in flight.
expect_commits_end_empty() {
	awk '$1 == "twostage_cache_start" { in_flight++ }
	     $1 ~ /^twostage_cache_(wait|discard)$/ { in_flight-- }
	     $1 == "twostage_commit" && in_flight { exit 1 }
	     $1 == "twostage_commit" { commits++ }
	     END { exit !commits || in_flight }' "$EVENTS" ||
		fail "a commit ended with caches in flight"
}

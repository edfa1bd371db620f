# shellcheck shell=bash
#
# What the guest tests share. Sourced by each file of this folder; runs as root
# in a guest. What a test mounted, attached or configured is undone after it.
#
# Every commit that a test looks at is shown to be ours by a counter that moved.

# shellcheck source=tools/vm/guest.sh
. "$(dirname "${BASH_SOURCE[0]}")/../../tools/vm/guest.sh"
# shellcheck source=tests/vm/kernel-log.sh
. "$(dirname "${BASH_SOURCE[0]}")/kernel-log.sh"
# shellcheck source=tests/tap.sh
. "$(dirname "${BASH_SOURCE[0]}")/../tap.sh"

TRACING=/sys/kernel/tracing/instances/test
EVENTS=/tmp/events
BLOCK_GROUPS=${BLOCK_GROUPS:-16}

tear_down_test() {
	tear_down
	[[ ! -d $TRACING ]] || rmdir "$TRACING"
}

# set_up LATENCY_NS: a mounted filesystem on one device, filled: the usual
# beginning.
set_up() {
	make_device twostage0 $(((BLOCK_GROUPS + 8) * 1024)) "$1"
	make_filesystem "$DEVICE"
	mount_ours "$DEVICE"
	workload fill --block-groups="$BLOCK_GROUPS" \
		--files-per-block-group=20 "$MOUNT" > /tmp/filled
	sync -f "$MOUNT"
}

# Dirty all filled block groups and commit; /tmp/dirtied says which.
dirty_and_sync() {
	workload dirty --block-groups="$BLOCK_GROUPS" "$MOUNT" > /tmp/dirtied
	sync -f "$MOUNT"
}

# enable_events 0|1: ours alone. Of the distribution's, which are in the same group,
# one reads what another task may have freed (trace_add_delayed_data_ref, 6.1): KASAN
# tells of it.
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
	! grep -q '[1-9][0-9]*' <(cat "$TRACING"/per_cpu/cpu*/stats |
		sed -n 's/^overrun: //p' | grep -v '^0$') ||
		fail "events were lost"
	[[ -s $EVENTS ]] || fail "no events were recorded"
}

# values EVENT FIELD: the field of each event of that name
values() {
	sed -nE "s/^$1 (.* )?$2=([^ ]+).*/\2/p" "$EVENTS"
}

count_events() {
	grep -c "^$1 " "$EVENTS" || true
}

expect_equal() {
	[[ $1 == "$2" ]] || fail "$3: $1 is not $2"
}

expect_at_least() {
	(($1 >= $2)) || fail "$3: $1 is less than $2"
}

# Nothing is in flight between transactions, and the sums agree.
expect_balanced() {
	expect_equal "$(counter in_flight)" 0 "in_flight after a commit"
	expect_equal "$(counter num_started)" \
		"$(($(counter num_waited) + $(counter num_discarded)))" \
		"num_started against num_waited + num_discarded"
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

expect_v1_active() {
	local generation cache_generation

	generation=$(super_field generation)
	cache_generation=$(super_field cache_generation)
	expect_equal "$cache_generation" "$generation" \
		"cache_generation (the v1 cache is not active)"
}

# fsid, history_file: of what is mounted
fsid() {
	basename "$(dirname "$WRITEOUT")"
}

history_file() {
	echo "/proc/fs/btrfs_twostage/$(fsid)/history"
}

super_field() {
	btrfs inspect-internal dump-super "$DEVICE" |
		awk -v name="$1" '$1 == name { print $2 }'
}

# load_flavour: the module with steps that fail (src/fault.h), instead of the one
# that is installed
load_flavour() {
	local flavour

	flavour=$(dirname "${BASH_SOURCE[0]}")/../../bin/faults.ko
	! [[ -e /sys/module/btrfs_twostage ]] || modprobe -r btrfs_twostage
	modinfo -F depends "$flavour" | tr , '\n' | xargs -n 1 modprobe
	insmod "$flavour"
}

# refused_caches DEVICE: how many caches say of themselves that they are not to
# be used: the cache file has another generation than the item that names it.
refused_caches() {
	# Or what is in the page cache would be shown.
	blockdev --flushbufs "$1"
	btrfs inspect-internal dump-tree -t root "$1" | awk '
		$1 == "item" && / key \([0-9]+ INODE_ITEM 0\)/ {
			inode = substr($4, 2)
			getline
			generation[inode] = $2
		}
		/ key \(FREE_SPACE UNTYPED / {
			getline
			inode = substr($3, 2)
			getline
			claimed[inode] = $3
		}
		END {
			for (inode in claimed) {
				if (!(inode in generation))
					exit 1
				refused += claimed[inode] != generation[inode]
			}
			print refused + 0
		}'
}

# Unmount; the filesystem must be clean, and the stock module must take its
# caches for good: it says so in the log when it does not.
expect_stock_accepts() {
	local before log=/tmp/stock.log

	umount "$MOUNT"
	expect_v1_active
	btrfs check --check-data-csum "$DEVICE" > /tmp/check.log 2>&1 ||
		fail "btrfs check: $(tail -n 5 /tmp/check.log)"
	before=$(lines_said)
	modprobe btrfs
	mount -t btrfs "$DEVICE" "$MOUNT"
	has_v1_cache || fail "the stock module mounted it without the cache"
	# Freeing space in a block group makes it load that cache.
	dirty_and_sync
	umount "$MOUNT"
	said_since "$before" > "$log"
	! grep -E 'free space (cache|inode)|wrong amount of free space' "$log" ||
		fail "the stock module refused a cache"
	btrfs check "$DEVICE" > /tmp/check.log 2>&1 ||
		fail "btrfs check after stock: $(tail -n 5 /tmp/check.log)"
}

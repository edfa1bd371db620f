# shellcheck shell=bash
#
# Making, filling, dirtying and checking the filesystem of a test, which is on DEVICE
# and mounted at MOUNT. Sourced by lib.sh, beside tools/vm/guest.sh.

# shellcheck disable=SC2034 # for those who source this
EVERY_POLICY=(serial two_stage early stock)
BLOCK_GROUPS=${BLOCK_GROUPS:-16}
# How many files have been made to take space.
TAKEN=0
# Room for that many of data, and for metadata.
DEVICE_MIB=$(((BLOCK_GROUPS + 8) * 1024))

# mount_new [MIB [LATENCY_NS]]: a filesystem with nothing in it
mount_new() {
	make_device twostage0 "${1:-8192}" "${2:-}"
	make_filesystem "$DEVICE"
	mount_ours "$DEVICE"
}

# mount_stock FOLDER: by the stock module
mount_stock() {
	modprobe btrfs
	mkdir -p "$1"
	mount -t btrfs "$DEVICE" "$1"
}

# fill [OPTION...]: BLOCK_GROUPS block groups
fill() {
	workload fill --block-groups="$BLOCK_GROUPS" "$@" "$MOUNT" > /tmp/filled
}

# take_space KIB: in files of half the size each time, spread over what is free, until
# less than that is
take_space() {
	local size

	for ((size = 128 << 20; size >= $1; size /= 2)); do
		while fallocate -l "${size}K" "$MOUNT/space.$((TAKEN += 1))" 2> /dev/null; do
			:
		done
		rm -f "$MOUNT/space.$TAKEN"
	done
	sync -f "$MOUNT"
}

# dirty NUMBER: so many of the filled block groups; /tmp/dirtied says which
dirty() {
	workload dirty --block-groups="$1" "$MOUNT" > /tmp/dirtied
}

dirty_and_sync() {
	dirty "$BLOCK_GROUPS"
	sync -f "$MOUNT"
}

# commit_under POLICY...: all block groups, under each
commit_under() {
	local policy

	for policy; do
		set_policy "$policy"
		dirty_and_sync
	done
}

# quiet_commits NUMBER: that write no data
quiet_commits() {
	local number

	for ((number = 0; number < $1; number++)); do
		touch "$MOUNT/quiet"
		sync -f "$MOUNT"
	done
}

# In bytes, what block groups of data take.
data_size() {
	btrfs filesystem df -b "$MOUNT" | sed -nE 's/^Data, .*total=([0-9]+),.*/\1/p'
}

# The ioctl, not syncfs: it wakes the cleaner, which frees empty block groups.
sync_and_clean() {
	btrfs filesystem sync "$MOUNT"
	sleep 1
}

# set_up LATENCY_NS: a filled filesystem, committed
set_up() {
	mount_new "$DEVICE_MIB" "$1"
	fill --files-per-block-group=20
	sync -f "$MOUNT"
}

# nobody COMMAND...: as a user without privileges
nobody() {
	setpriv --reuid=65534 --regid=65534 --clear-groups "$@"
}

super_field() {
	btrfs inspect-internal dump-super "$DEVICE" |
		awk -v name="$1" '$1 == name { print $2 }'
}

# copies LOGICAL [NUMBER]: where they are on DEVICE, all of them or that one
copies() {
	btrfs-map-logical -l "$1" "$DEVICE" |
		sed -nE "s/^mirror ${2:-[0-9]+} .*physical ([0-9]+) .*/\\1/p" | sort -u
}

# dump_roots DEVICE: the tree of tree roots, as it is on the disk and not as the page
# cache has it
dump_roots() {
	blockdev --flushbufs "$1"
	btrfs inspect-internal dump-tree -t root "$1"
}

expect_v1_active() {
	local generation

	generation=$(super_field generation)
	expect_equal "$(super_field cache_generation)" "$generation" \
		"cache_generation (the v1 cache is not active)"
}

# expect_clean [OPTION...]: btrfs check has nothing to say
expect_clean() {
	btrfs check "$@" "$DEVICE" > /tmp/check.log 2>&1 ||
		fail "btrfs check: $(tail -n 8 /tmp/check.log)"
}

unmount_clean() {
	umount "$MOUNT"
	expect_clean
}

# refused_caches DEVICE: how many caches say of themselves that they are not to
# be used: the cache file has another generation than the item that names it.
refused_caches() {
	dump_roots "$1" | awk '
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

# Unmount; the filesystem must be clean, and the stock module must accept its
# caches: it says so in the log when it does not.
expect_stock_accepts() {
	local before log=/tmp/stock.log

	umount "$MOUNT"
	expect_v1_active
	expect_clean --check-data-csum
	before=$(lines_said)
	mount_stock "$MOUNT"
	has_v1_cache || fail "the stock module mounted it without the cache"
	# Freeing space in a block group makes it load that cache.
	dirty_and_sync
	umount "$MOUNT"
	said_since "$before" > "$log"
	! grep -E 'free space (cache|inode)|wrong amount of free space' "$log" ||
		fail "the stock module refused a cache"
	expect_clean
}

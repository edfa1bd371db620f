# shellcheck shell=bash
#
# A filesystem whose trees have many leaves, where they are, and damage to them. Sourced
# by tests of reading ahead, after lib.sh.

# make_many_leaves: small ones, and metadata in one copy unless METADATA says otherwise.
# The device takes its time, so that what was read ahead is in flight for long.
make_many_leaves() {
	local number

	make_null_block twostage0 "$DEVICE_MIB" 1000000 1
	attach_loop /dev/twostage0
	make_filesystem -n 4096 "$DEVICE"
	mount_ours "$DEVICE"
	fill --files-per-block-group=160
	for ((number = 0; number < 8; number++)); do
		dd if=/dev/zero of="$MOUNT/data$number" bs=1M count=8 status=none
	done
	dirty_and_sync
	umount "$MOUNT"
	blockdev --flushbufs "$DEVICE"
	blocks_of extent > /tmp/blocks
}

# blocks_of TREE: LEVEL ADDRESS HAS-BLOCK-GROUP of each
blocks_of() {
	btrfs inspect-internal dump-tree -t "$1" "$DEVICE" | awk '
		function finish() { if (address) print level, address, has + 0 }
		($1 == "node" || $1 == "leaf") && $3 != "flags" {
			finish()
			level = $1 == "leaf" ? 0 : $4
			address = $2
			has = 0
		}
		/ BLOCK_GROUP_ITEM / { has = 1 }
		END { finish() }'
}

leaves_with_block_groups() {
	awk '$1 == 0 && $3 { print $2 }' /tmp/blocks
}

# A mount may look for a block group in the leaf before its own, too.
leaves_without_block_groups() {
	awk '$1 == 0 {
		if (address && !$3)
			print address
		address = $3 ? "" : $2
	}' /tmp/blocks
}

# In every block group, without looking where that is.
free_some() {
	find "$MOUNT" -type f | sort | awk 'NR % 16 == 0' | xargs rm "$MOUNT"/data*
}

# Blocks at these places of the device
overwrite() {
	local physical

	while read -r physical; do
		dd if=/dev/urandom of="$DEVICE" bs=4096 count=1 seek=$((physical / 4096)) \
			conv=notrunc,fsync status=none
	done
	blockdev --flushbufs "$DEVICE"
}

caches() {
	dump_roots "$DEVICE" |
		awk '/ disk byte / { sub(/.*disk byte /, ""); if ($1) print $1 }'
}

# damage_all PLACES: whatever that function lists
damage_all() {
	local address

	# btrfs-map-logical does not find all that it is asked for.
	for address in $("$1"); do
		copies "$address" 2> /dev/null || true
	done > /tmp/physical
	[[ -s /tmp/physical ]] || fail "there are no $1"
	overwrite < /tmp/physical
}

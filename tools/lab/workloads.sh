# shellcheck shell=bash
#
# What is done to the filesystem before the sync that is measured. Sourced by
# tools/lab/measure, in a guest.
#
# prepare_NAME runs once after the mount; a sync follows, so that the caches have
# been read and the first commit is over. dirty_NAME ROUND leaves what the next
# sync commits. Rounds do not depend on one another.

# More than any cell has rounds.
ROUNDS=4

quietly() {
	"$@" > /tmp/said 2>&1 || fail "$*: $(tail -n 3 /tmp/said)"
}

# One extent in each block group.
dirty_truncate() {
	quietly workload dirty --block-groups="$BLOCK_GROUPS" "$MOUNT"
}

prepare_truncate() { dirty_truncate; }

# The same where the free space is in pieces, and the caches have bitmaps.
dirty_fragmented() { dirty_truncate; }
prepare_fragmented() { dirty_truncate; }

overwrite_at_random() {
	quietly fio --name=overwrite --filename="$MOUNT/overwrite" --size=32M \
		--rw=randwrite --bs=4k --ioengine=psync --randrepeat=1 \
		--output=/tmp/fio --allow_file_create=1 "$@"
}

# Blocks that were written one by one are freed one by one.
prepare_overwrite() { overwrite_at_random --fsync=64; }

dirty_overwrite() {
	overwrite_at_random --fsync=1 --number_ios=500 --randseed="$1"
}

# A tree that every guest has: headers of its kernel.
pack_tree() {
	local headers

	[[ ! -e /tmp/tree.tar ]] || return 0
	headers=$(find /usr/src -maxdepth 1 -name 'linux-headers-*-common*' |
		head -n 1)
	[[ -d $headers/include/linux ]] || fail "no kernel headers in /usr/src"
	tar -C "$headers/include" -cf /tmp/tree.tar linux
}

unpack_tree() {
	mkdir "$MOUNT/tree.$1"
	tar -C "$MOUNT/tree.$1" -xf /tmp/tree.tar
}

prepare_unpack() { pack_tree; }
dirty_unpack() { unpack_tree "$1"; }

prepare_delete() {
	local round

	pack_tree
	for ((round = 1; round <= ROUNDS; round++)); do
		unpack_tree "$round"
	done
}

dirty_delete() { rm -r "$MOUNT/tree.$1"; }

SNAPSHOTS=8

# snapshot_all FOLDER: of a subvolume that is rewritten in between
snapshot_all() {
	local i

	mkdir "$1"
	for ((i = 1; i <= SNAPSHOTS; i++)); do
		cp /tmp/content "$MOUNT/subvolume/$i"
		quietly btrfs subvolume snapshot "$MOUNT/subvolume" "$1/$i"
	done
}

prepare_snapshots() {
	local i

	head -c 65536 /dev/zero | tr '\0' x > /tmp/content
	quietly btrfs subvolume create "$MOUNT/subvolume"
	for ((i = 1; i <= 500; i++)); do
		echo "$i" > "$MOUNT/subvolume/file.$i"
	done
	snapshot_all "$MOUNT/snapshots.0"
}

# Making one commits. What the older ones held is freed by the cleaner, which
# runs after a commit; its work is left to the sync.
dirty_snapshots() {
	snapshot_all "$MOUNT/snapshots.$1"
	quietly btrfs subvolume delete "$MOUNT/snapshots.$(($1 - 1))"/*
	quietly btrfs filesystem sync "$MOUNT"
	quietly btrfs subvolume sync "$MOUNT"
}

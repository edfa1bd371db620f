# shellcheck shell=bash
#
# What is measured of a filesystem that was just mounted, that settles, or that is
# unmounted. Sourced by tools/lab/measure, in a guest.
#
# Beside prepare_NAME and dirty_NAME (workloads.sh), time_NAME prints timed_ns, as JSON;
# without one, the sync is timed. Cold is what was mounted anew: virtual time runs on
# while the guest waits for its own disk, so nothing may drop what it has read of that,
# and each program has run before it is timed.

time_command() {
	local began=${EPOCHREALTIME/[.,]/}

	quietly "$@"
	echo "{\"timed_ns\": $(((${EPOCHREALTIME/[.,]/} - began) * 1000))}"
}

mount_anew() {
	umount "$MOUNT"
	mount_filesystem
}

# The mount, which goes by the module's parameters and not by a policy that is set later.
prepare_mount() {
	[[ $POLICY =~ ^(fit|-)$ ]] || fail "mount is measured with the defaults, which are fit"
	mount_anew
}

dirty_mount() { umount "$MOUNT"; }
time_mount() {
	time_command mount -t "$(type_of_module)" -o "$OPTIONS" "$DEVICE" "$MOUNT"
}

# The first commit after a mount, which frees an extent in each block group.
prepare_first() { dirty_truncate; }
dirty_first() {
	mount_anew
	dirty_truncate
}

# The sync after removing extents from all over a tree that is not in memory: one in fifty,
# as the processor takes longer for all than a disk for their leaves. Half of the places are
# holes.
prepare_cold() { dirty_truncate; }
dirty_cold() {
	mount_anew
	quietly fio --name=punch --filename="$MOUNT/workload/comb" --ioengine=falloc \
		--rw=randtrim --bs=16k --number_ios=$((60 * BLOCK_GROUPS)) --randseed="$1" \
		--allow_file_create=0 --output=/tmp/fio
}

# Taking space in each block group, for the first time since the mount.
prepare_take() { dirty_truncate; }
dirty_take() { mount_anew; }
time_take() {
	local files=60

	# A filesystem in pieces has 100 MiB free in each.
	[[ $WORKLOAD != *-pieces ]] || files=9
	workload take --block-groups="$BLOCK_GROUPS" --files-per-block-group="$files" \
		"$MOUNT"
}

# The same after a crash under settle, which leaves no cache valid. The superblocks of
# the last commit stay, since those of a later one cannot be written.
fail_superblocks() {
	local sector

	for sector in $((64 * 2)) $((64 * 2048)) $((256 * 2097152)); do
		echo "$1$sector-$((sector + 7))" > /sys/kernel/config/nullb/twostage0/badblocks
	done
}

prepare_rebuild() {
	echo 1000 > "$WRITEOUT/settle"
	dirty_truncate
}

dirty_rebuild() {
	(($(counter unsettled) >= BLOCK_GROUPS)) || fail "only $(counter unsettled) unsettled"
	fail_superblocks +
	umount "$MOUNT"
	fail_superblocks -
	mount_filesystem
}

time_rebuild() { time_take; }

# The mount that converts to a free space tree.
prepare_convert() { prepare_mount; }
dirty_convert() { umount "$MOUNT"; }
time_convert() {
	OPTIONS+=,clear_cache,space_cache=v2
	time_mount
}

# The commit that invalidates all caches.
prepare_invalidate() {
	echo 0 > "$WRITEOUT/settle"
	dirty_truncate
}

dirty_invalidate() {
	echo 4 > "$WRITEOUT/settle"
	dirty_truncate
}

# One that writes what is quiet.
prepare_settling() {
	echo 1 > "$WRITEOUT/settle"
	dirty_truncate
}

dirty_settling() { touch "$MOUNT/settling"; }

# The unmount, with all block groups dirty, and under settle all of them unsettled. An
# unmount before has replaced the files that the image was made with, which are larger.
prepare_unmount() {
	dirty_truncate
	mount_anew
	dirty_truncate
}

dirty_unmount() { dirty_truncate; }
time_unmount() { time_command umount "$MOUNT"; }

# shellcheck shell=bash
#
# Devices and filesystems for tests and benchmarks, in a guest or on a machine
# of one's own. Sourced, runs as root. Everything is made in memory and below
# MOUNTS, and tear_down undoes what was made here and nothing else.
#
# Every filesystem is mounted by type, never by detection: detection would take
# the stock module. A loop device that is not direct is an error: it would hide
# the pipeline.

MOUNTS=/mnt/btrfs-twostage
MOUNT=$MOUNTS/ours

# Set by make_device and mount_ours.
DEVICE=
WRITEOUT=
LOOP_DEVICES=()

fail() {
	echo "$*" >&2
	exit 1
}

# make_null_block NAME MIB [LATENCY_NS [QUEUE_DEPTH]]: /dev/NAME, in memory; with
# NULL_BLOCK_DISCARD=1 it can be trimmed
make_null_block() {
	local configuration=/sys/kernel/config/nullb/$1

	modprobe null_blk nr_devices=0
	mkdir "$configuration"
	echo 1 > "$configuration/memory_backed"
	echo 4096 > "$configuration/blocksize"
	echo 2 > "$configuration/irqmode"
	echo "${4:-1024}" > "$configuration/hw_queue_depth"
	echo "${3:-1000}" > "$configuration/completion_nsec"
	echo "${NULL_BLOCK_DISCARD:-0}" > "$configuration/discard"
	echo "$2" > "$configuration/size"
	echo 1 > "$configuration/power"
}

# attach_loop FILE [DIRECT]: a loop device over a file or a device, with direct
# I/O unless DIRECT is off. Sets DEVICE.
attach_loop() {
	local direct=${2:-on} expected=1

	[[ $direct == on ]] || expected=0
	DEVICE=$(losetup --find --show --direct-io="$direct" \
		--sector-size 4096 "$1")
	LOOP_DEVICES+=("$DEVICE")
	[[ $(< "/sys/block/${DEVICE#/dev/}/loop/dio") == "$expected" ]] ||
		fail "$DEVICE is not as asked for, direct I/O $direct:" \
			"a buffered one hides the pipeline"
}

# make_device NAME MIB [LATENCY_NS]: a null_blk device of that latency, and a
# loop device over it that really does direct I/O. Sets DEVICE.
make_device() {
	make_null_block "$@"
	attach_loop "/dev/$1"
}

# make_filesystem DEVICE...: one without the free space tree, so that the v1
# cache can be used, or with it when CACHE is v2; without the block group tree,
# which asks for the free space tree.
make_filesystem() {
	local known option=-R features=^free-space-tree

	[[ ${CACHE:-v1} != v2 ]] || features=free-space-tree
	known=$(mkfs.btrfs -O list-all 2>&1)
	if grep -q '^free-space-tree' <<< "$known"; then
		option=-O
	fi
	if [[ $option == -O ]] && grep -q '^block-group-tree' <<< "$known"; then
		features+=,^block-group-tree
	fi
	mkfs.btrfs -q -f -m "${METADATA:-single}" -d "${DATA:-single}" \
		"$option" "$features" "$@" > /dev/null
}

filesystem_id() {
	blkid -p -s UUID -o value "$1"
}

# mount_ours DEVICE [OPTIONS]: sets WRITEOUT. Without options a filesystem that
# was just made, or had the v1 cache last, has it: newer kernels do not listen
# to one that asks for it.
mount_ours() {
	mkdir -p "$MOUNT"
	modprobe btrfs_twostage
	mount -t btrfs_twostage -o "${2:-defaults}" "$1" "$MOUNT"
	WRITEOUT=/sys/fs/btrfs_twostage/$(filesystem_id "$1")/writeout
	[[ -d $WRITEOUT ]] || fail "mounted, but not by btrfs_twostage"
}

# Whether what is mounted has the v1 cache.
has_v1_cache() {
	awk -v folder="$MOUNT" '$2 == folder { print $4 }' /proc/self/mounts |
		tr , '\n' | grep -qxE 'space_cache(=v1)?'
}

counter() {
	cat "$WRITEOUT/$1"
}

set_policy() {
	echo "$1" > "$WRITEOUT/policy"
	[[ -z ${2:-} ]] || echo "$2" > "$WRITEOUT/window"
}

# set_writer WRITER [WINDOW]: a policy, with cache files of the distribution's
# size; or fit, which is early with files as large as their contents need
set_writer() {
	local policy=$1 fit=0

	if [[ $policy == fit ]]; then
		policy=early fit=1
	fi
	set_policy "$policy" "${2:-}"
	echo "$fit" > "$WRITEOUT/fit"
}

# Whatever state a failure left: take down what is there, and go on.
tear_down() {
	local mounted loop device

	set +e
	while read -r mounted; do
		umount "$mounted"
	done < <(awk -v below="$MOUNTS/" 'index($2, below) == 1 { print $2 }' \
		/proc/self/mounts | tac)
	for loop in "${LOOP_DEVICES[@]}"; do
		losetup --detach "$loop"
	done
	# The next to have these numbers may be somebody else's.
	LOOP_DEVICES=()
	for device in /sys/kernel/config/nullb/twostage*; do
		[[ -d $device ]] || continue
		echo 0 > "$device/power"
		rmdir "$device"
	done
	if [[ -d /sys/module/btrfs_twostage ]]; then
		modprobe -r btrfs_twostage
	fi
	return 0
}

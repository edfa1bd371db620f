# shellcheck shell=bash
#
# Makes and mounts filesystems, and sets how ours writes. Sourced by guest.sh.
#
# Filesystems are always mounted by type: detection would pick the stock module.

MOUNTS=/mnt/btrfs-twostage
MOUNT=$MOUNTS/ours

# Set by mount_ours.
WRITEOUT=

# make_filesystem DEVICE...: without the free space tree, so that the v1 cache can be
# used, or with it if CACHE is v2; and with the block group tree, which needs it, if CACHE
# is bgt; with a UUID of its own, or UUID
make_filesystem() {
	local known option=-R features=^free-space-tree tree=^block-group-tree

	[[ ${CACHE:-v1} != @(v2|bgt) ]] || features=free-space-tree
	[[ ${CACHE:-v1} != bgt ]] || tree=block-group-tree
	known=$(mkfs.btrfs -O list-all 2>&1)
	if grep -q '^free-space-tree' <<< "$known"; then
		option=-O
		! grep -q '^block-group-tree' <<< "$known" || features+=,$tree
	elif [[ $tree == block-group-tree ]]; then
		fail "this mkfs.btrfs cannot make a block group tree: take the guest of a later release"
	fi
	mkfs.btrfs -q -f ${UUID:+-U "$UUID"} -m "${METADATA:-single}" -d "${DATA:-single}" \
		"$option" "$features" "$@" > /dev/null
}

filesystem_id() {
	blkid -p -s UUID -o value "$1"
}

# mount_ours DEVICE [OPTIONS]: sets WRITEOUT. A new filesystem, or one that used the
# v1 cache before, uses it without being asked; newer kernels ignore the option.
mount_ours() {
	mkdir -p "$MOUNT"
	modprobe btrfs_twostage
	mount -t btrfs_twostage -o "${2:-defaults}" "$1" "$MOUNT"
	WRITEOUT=/sys/fs/btrfs_twostage/$(filesystem_id "$1")/writeout
	[[ -d $WRITEOUT ]] || fail "mounted, but not by btrfs_twostage"
}

# load_flavour NAME [PARAMETER...]: a build of tools/vm/flavour, instead of the module
# that is installed
load_flavour() {
	local flavour

	flavour=$(dirname "${BASH_SOURCE[0]}")/../../bin/$1.ko
	! [[ -e /sys/module/btrfs_twostage ]] || modprobe -r btrfs_twostage
	modinfo -F depends "$flavour" | tr , '\n' | xargs -n 1 modprobe
	insmod "$flavour" "${@:2}"
}

# has_v1_cache: whether the mounted filesystem uses it
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

# set_writer WRITER [WINDOW]: a policy with cache files of the stock size; fit, which is
# early with fit on; or settle, which puts caches off as well
set_writer() {
	local policy=$1 fit=0 settle=0

	case $policy in
	fit) policy=early fit=1 ;;
	settle) policy=early fit=1 settle=4 ;;
	esac
	set_policy "$policy" "${2:-}"
	echo "$fit" > "$WRITEOUT/fit"
	echo "$settle" > "$WRITEOUT/settle"
}

# shellcheck shell=bash
#
# Devices and filesystems for tests and benchmarks, in a guest or on your own
# machine. Sourced, runs as root. Everything is in memory and below MOUNTS;
# tear_down undoes what was made here and nothing else.

fail() {
	echo "$*" >&2
	exit 1
}

# shellcheck source=tools/vm/devices.sh
. "$(dirname "${BASH_SOURCE[0]}")/devices.sh"
# shellcheck source=tools/vm/filesystems.sh
. "$(dirname "${BASH_SOURCE[0]}")/filesystems.sh"

unmount_all() {
	local mounted

	while read -r mounted; do
		umount "$mounted"
	done < <(awk -v below="$MOUNTS/" 'index($2, below) == 1 { print $2 }' \
		/proc/self/mounts | tac)
}

# Take down whatever is there, in whatever state a failure left it.
tear_down() {
	local loop device

	set +e
	unmount_all
	for loop in "${LOOP_DEVICES[@]}"; do
		losetup --detach "$loop"
	done
	# Somebody else may get these numbers next.
	LOOP_DEVICES=()
	# What held a loop device's file.
	unmount_all
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

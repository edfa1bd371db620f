# shellcheck shell=bash
#
# Device-mapper devices between a filesystem and its disk. Sourced by lib.sh.

# There is no udev in the guest.
export DM_DISABLE_UDEV=1

# tear_down_mapped NAME...: the usual, and these devices
tear_down_mapped() {
	local name

	umount "$MOUNT" 2> /dev/null || true
	for name; do
		dmsetup remove --retry "$name" 2> /dev/null || true
	done
	tear_down
	remove_recorder
}

# shellcheck shell=bash
#
# What write-images and mount-images, which run in a guest, share, beside
# tests/vm/lib.sh; and operate, which takes sums of what it restored. Sourced.
#
# A filesystem is a sparse file in memory, under a loop device that is buffered, since
# nothing is timed here. What is in it is the same, whoever writes it.

DISK=/mnt/disk
# Of each, so many; a number beyond them is a file with a name of its own.
SMALL_FILES=24

# contents NUMBER: up to 20 KiB, a few so small that they are inline
contents() {
	yes "$1 of the matrix" | head -c $((($1 * 7919) % 20480 + 1)) || true
}

write_files() {
	local number

	mkdir "$MOUNT/files"
	btrfs subvolume create "$MOUNT/subvolume" > /dev/null
	for ((number = 0; number < SMALL_FILES; number++)); do
		contents "$number" > "$MOUNT/files/$number"
		contents "$((number + SMALL_FILES))" > "$MOUNT/subvolume/$number"
	done
	ln -s files/1 "$MOUNT/link"
	ln "$MOUNT/files/2" "$MOUNT/files/two"
	sync -f "$MOUNT"
	btrfs subvolume snapshot -r "$MOUNT/subvolume" "$MOUNT/snapshot" > /dev/null
	contents 1000 > "$MOUNT/subvolume/0"
}

# sums: of the files that have contents, which those of the workload have not
sums() {
	(cd "$MOUNT" && find . -path ./workload -prune -o -type f -printf '%P\0' |
		LC_ALL=C sort -z | xargs -0 -r cksum)
}

# attach FILE: sets DEVICE
attach() {
	mv "$1" "$DISK"
	attach_loop "$DISK" off
}

detach() {
	losetup --detach "$DEVICE"
	# shellcheck disable=SC2034 # tear_down's
	LOOP_DEVICES=()
	rm "$DISK"
}

# unpack FILE: an image, as the name that it has in there, below /mnt
unpack() {
	tar -C /mnt -xf "$1"
}

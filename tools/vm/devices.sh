# shellcheck shell=bash
#
# null_blk and loop devices. Sourced by guest.sh, which takes them down again.
#
# A loop device that cannot do direct I/O is an error: it would hide the pipeline.

# Set by attach_loop.
DEVICE=
LOOP_DEVICES=()

# make_null_block NAME MIB [LATENCY_NS [QUEUE_DEPTH]]: /dev/NAME, in memory; can be
# trimmed with NULL_BLOCK_DISCARD=1
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

# attach_loop FILE [DIRECT]: a loop device over a file or device, with direct I/O
# unless DIRECT is off. Sets DEVICE.
attach_loop() {
	local direct=${2:-on} expected=1

	[[ $direct == on ]] || expected=0
	DEVICE=$(losetup --find --show --direct-io="$direct" --sector-size 4096 "$1")
	LOOP_DEVICES+=("$DEVICE")
	[[ $(< "/sys/block/${DEVICE#/dev/}/loop/dio") == "$expected" ]] ||
		fail "$DEVICE: cannot turn direct I/O $direct;" \
			"a buffered loop device hides the pipeline"
}

# make_device NAME MIB [LATENCY_NS]: a direct loop device over a null_blk device of
# that latency. Sets DEVICE.
make_device() {
	make_null_block "$@"
	attach_loop "/dev/$1"
}

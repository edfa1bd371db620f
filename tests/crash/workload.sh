# shellcheck shell=bash
#
# What is recorded. Sourced, beside tests/vm/lib.sh.
#
# Marks in the log say what a crash must leave: `begin,NAME`, that NAME is about
# to change and may be anything; `synced,NAME,CHECKSUM`, that it has been fsynced
# with that content. The files that change are in the subvolume data, and the
# snapshots are of it alone: what has been filled must not be shared.

FILES=12

mark() {
	dmsetup message recorded 0 mark "$1"
}

# contents OPERATION: some that no other operation has, of 1 to 200 KiB
contents() {
	yes "$1 of the workload" | head -c $((($1 * 7919) % 204800 + 1024)) || true
}

synced() {
	mark "synced,$1,$(cksum < "$MOUNT/$1" | tr ' ' _)"
}

# write_file NAME OPERATION
write_file() {
	mark "begin,$1"
	contents "$2" > "$MOUNT/$1"
	sync "$MOUNT/$1"
	synced "$1"
}

# overwrite_file NAME OPERATION: the middle of it
overwrite_file() {
	mark "begin,$1"
	contents "$2" | head -c 20000 |
		dd of="$MOUNT/$1" bs=1000 seek=4 conv=notrunc,fsync status=none
	synced "$1"
}

delete_file() {
	mark "begin,$1"
	rm -f "$MOUNT/$1"
}

# What a snapshot has is not changed any more.
make_snapshot() {
	local name

	mark "begin,snapshot.$1"
	btrfs subvolume snapshot -r "$MOUNT/data" "$MOUNT/snapshot.$1" > /dev/null
	sync -f "$MOUNT"
	for name in "$MOUNT/snapshot.$1"/file.*; do
		synced "${name#"$MOUNT"/}"
	done
}

delete_snapshot() {
	local name

	[[ -d $MOUNT/snapshot.$1 ]] || return 0
	for name in "$MOUNT/snapshot.$1"/file.*; do
		mark "begin,${name#"$MOUNT"/}"
	done
	btrfs subvolume delete -c "$MOUNT/snapshot.$1" > /dev/null
}

switch_policy() {
	set_policy "${EVERY_POLICY[$1 % 4]}"
	[[ $(($1 % 4)) -ne 1 ]] || set_policy two_stage 4
	echo $(($1 % 3)) > "$WRITEOUT/settle"
}

# operate NUMBER [SWITCHING]
operate() {
	local name=data/file.$(($1 % FILES))

	case $(($1 % 8)) in
	0|4) dirty_and_sync ;;
	5) [[ ! -e $MOUNT/$name ]] || overwrite_file "$name" "$1" ;;
	6) delete_file "$name" ;;
	*) write_file "$name" "$1" ;;
	esac
	if (($1 % 16 == 9)); then
		make_snapshot $(($1 / 16))
		delete_snapshot $(($1 / 16 - 2))
	fi
	# Not what has been filled: its gigabytes would all be in the log.
	if (($1 % 16 == 14)); then
		btrfs balance start -dusage=5,limit=1 -mlimit=1 "$MOUNT" > /tmp/balance 2>&1 ||
			fail "balance: $(tail -n 2 /tmp/balance)"
	fi
	[[ -z ${2:-} ]] || switch_policy "$1"
}

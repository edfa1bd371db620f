# shellcheck shell=bash
#
# What is done to a filesystem at once, each by a task of its own, until the file
# ENOUGH is there. Sourced, beside tests/vm/lib.sh.
#
# Operations that exclude each other, such as two balances, fail now and then, and
# that is no failure here. Nobody else touches a writer's files; MODEL.NUMBER has
# their checksums, and whatever is wrong with them goes to WRONG.

MODEL=/tmp/model
WRONG=/tmp/wrong
ROUNDS=/tmp/rounds
# Locked while the disk is full.
FULL=/tmp/full
WRITERS=3
# shellcheck disable=SC2034 # for those who source this
OPERATORS=(snapshots balance scrub defragment trim quota remount freeze fill_up
	devices switch_and_read)

# until_stopped COMMAND...: and ROUNDS.COMMAND says how often
until_stopped() {
	local round=0 what=$*

	until [[ -e $ENOUGH ]]; do
		round=$((round + 1))
		"$@" "$round" > /dev/null 2>&1 || true
		echo "$round" > "$ROUNDS.${what// /_}"
	done
}

# rounds: "NAME TIMES, ..." of all
rounds() {
	local file

	for file in "$ROUNDS".*; do
		printf '%s %d, ' "${file#"$ROUNDS."}" "$(< "$file")"
	done | sed 's/, $//'
}

# contents WRITER ROUND
contents() {
	yes "writer $1 in round $2" 2> /dev/null |
		head -c $((($2 * 7919) % 300000 + 1)) || true
}

# write_files NUMBER ROUND: some are new, some are overwritten, some go
write_files() {
	local folder=$MOUNT/writer.$1 name=file.$(($2 % 24)) sum expected

	mkdir -p "$folder"
	verify_file "$1" "file.$((($2 * 7) % 24))"
	sed -i "/^$name /d" "$MODEL.$1"
	if (($2 % 5 == 4)); then
		rm -f "$folder/$name"
		return
	fi
	contents "$1" "$2" > "$folder/$name"
	(($2 % 3)) || sync "$folder/$name"
	sum=$(cksum < "$folder/$name")
	expected=$(contents "$1" "$2" | cksum)
	if [[ $sum == "$expected" ]]; then
		echo "$name $sum" >> "$MODEL.$1"
	elif [[ ${sum#* } == "${expected#* }" ]]; then
		# A shorter one is that of a full disk, and no lost byte.
		echo "$folder/$name: not what was written in round $2" >> "$WRONG"
	fi
}

# verify_file WRITER NAME: if there is one
verify_file() {
	local expected

	expected=$(sed -n "s/^$2 //p" "$MODEL.$1")
	[[ -n $expected ]] || return 0
	[[ $(cksum < "$MOUNT/writer.$1/$2") == "$expected" ]] ||
		echo "$MOUNT/writer.$1/$2: lost or damaged" >> "$WRONG"
}

verify_all() {
	local writer name rest

	for ((writer = 1; writer <= WRITERS; writer++)); do
		while read -r name rest; do
			verify_file "$writer" "$name"
		done < "$MODEL.$writer"
	done
}

snapshots() {
	btrfs subvolume snapshot "$MOUNT" "$MOUNT/snapshot.$1"
	(($1 <= 2)) || btrfs subvolume delete "$MOUNT/snapshot.$(($1 - 2))"
}

balance() {
	flock "$FULL" btrfs balance start -dlimit=2 -mlimit=1 "$MOUNT" &
	sleep 2
	(($1 % 2)) || btrfs balance cancel "$MOUNT"
	wait $!
}

scrub() { flock "$FULL" btrfs scrub start -B "$MOUNT"; sleep 1; }
defragment() { btrfs filesystem defragment -r -f "$MOUNT/writer.$(($1 % WRITERS + 1))"; sleep 1; }
trim() { fstrim "$MOUNT"; sleep 2; }

quota() {
	btrfs quota enable "$MOUNT"
	sleep 3
	btrfs quota disable "$MOUNT"
	sleep 3
}

remount() {
	local options=(compress=zstd compress=no autodefrag noautodefrag commit=1 commit=30)

	# Without what mount adds from /proc/mounts: 7.3 takes "space_cache" for
	# "nospace_cache".
	mount --options-mode=ignore -o "remount,${options[$1 % ${#options[@]}]}" "$MOUNT"
	sleep 1
}

freeze() {
	fsfreeze --freeze "$MOUNT"
	sleep 0.2
	fsfreeze --unfreeze "$MOUNT"
	sleep 3
}

# A commit waits for a scrub to pause, which it does between two extents. Those of a
# full disk are so long that there would be only a few commits; so they are in no
# snapshot, and gone before the next scrub. They are gone before the next balance and
# the next removal of a device, too, which would write gigabytes and leave hardly any
# room for metadata. Where metadata has no room, btrfs aborts the transaction, the
# stock module as much as ours; so a full disk must leave no block groups of data.
fill_up() {
	btrfs subvolume create "$MOUNT/full"
	{
		flock 9
		fallocate -l 100G "$MOUNT/full/all" || fallocate -l 3G "$MOUNT/full/much"
		head -c 20000000 /dev/zero > "$MOUNT/full/more"
		sync -f "$MOUNT"
		rm -f "$MOUNT/full"/*
		sync -f "$MOUNT"
		btrfs balance start -dusage=0 "$MOUNT"
	} 9> "$FULL"
	sleep 2
}

# A scrub makes the only system block group read-only now and then. If the item of a new
# device needs space in it then, btrfs aborts the transaction, whoever writes the caches.
devices() {
	flock "$FULL" btrfs device add -f "$SPARE" "$MOUNT"
	sleep 3
	flock "$FULL" btrfs device remove "$SPARE" "$MOUNT"
	sleep 1
}

switch_and_read() {
	echo "${EVERY_POLICY[$1 % 4]}" > "$WRITEOUT/policy"
	echo $(($1 % 7)) > "$WRITEOUT/window"
	echo $(($1 % 3)) > "$WRITEOUT/settle"
	cat "$WRITEOUT"/* "$(dirname "$(dirname "$WRITEOUT")")"/totals/*
	cat /proc/fs/btrfs_twostage/*/history /proc/fs/btrfs/*/history
	sync -f "$MOUNT"
}

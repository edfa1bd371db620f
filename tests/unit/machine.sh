# shellcheck shell=bash
#
# A made-up machine for the tests of commands of `twostage`, and ways to run one there.
# Below ROOT it has a filesystem of our module, OURS, and one of the stock module, OTHER.
# Sourced, instead of tests/unit/lib.sh.

# shellcheck source=tests/unit/lib.sh
. "$(dirname "$(realpath "${BASH_SOURCE[0]}")")/lib.sh"
TABLES=$tree/include/abi/sysfs-fs-btrfs_twostage
export OURS=abcdef11-2222-3333-4444-555555555555
OTHER=99999999-2222-3333-4444-555555555555
ROOT=$SCRATCH/root
WRITEOUT=$ROOT/sys/fs/btrfs_twostage/$OURS/writeout
HISTORY=$ROOT/proc/fs/btrfs_twostage/$OURS/history
V1=rw,relatime,space_cache,subvolid=5,subvol=/
COLUMNS_OF_HISTORY="transid ended policy window passes started waited redirtied peak \
bytes early_ns setup_ns commit_ns critical_ns whole_ns start_ns wait_ns result put_off blocks_read caches_read \
read_ns"

# commit TRANSID POLICY WINDOW WHOLE_NS [RESULT]: a line of the history
commit() {
	echo "$1 $((1000 * $1)) $2 $3 4 60 60 1 59 15728640 1000000 2000000" \
		"3000000 6000000 $4 700 800 ${5:-0} 12 30 4 5000000"
}

# make_history LINE...: at once, for watch may read it at any time
make_history() {
	printf '%s\n' "$COLUMNS_OF_HISTORY" "$@" > "$HISTORY.new"
	mv "$HISTORY.new" "$HISTORY"
}

# make_mounts LINE...
make_mounts() {
	printf '%s\n' "$@" > "$ROOT/proc/mounts"
}

# Each number is another: 1001 for the first, and so on.
set_up_test() {
	local name number=1000

	rm -rf "$ROOT"
	mkdir -p "$WRITEOUT" "$(dirname "$HISTORY")" \
		"$ROOT/sys/fs/btrfs_twostage/$OURS/devices/loop0" \
		"$ROOT/sys/fs/btrfs/$OTHER/devices/sda1"
	make_mounts "/dev/sda1 / btrfs $V1 0 0" "/dev/loop0 /mnt/a\\040b btrfs $V1 0 0"
	sed -nE 's,^What:.*/<fsid>/writeout/,,p' "$TABLES" > "$SCRATCH/names"
	while read -r name; do
		number=$((number + 1))
		echo "$number" > "$WRITEOUT/$name"
	done < "$SCRATCH/names"
	for name in wait_ns in_flight early_ns commit_ns; do
		printf '%s\n' '0 2' '4 3' 'sum 17' > "$WRITEOUT/${name}_histogram"
	done
	echo early > "$WRITEOUT/policy"
	echo 0 > "$WRITEOUT/window"
	echo 1 | tee "$WRITEOUT/fit" > "$WRITEOUT/read_ahead"
	make_history "$(commit 7 early 0 9000000)"
}

value() {
	cat "$WRITEOUT/$1"
}

# run STATUS ARGUMENT..., refuses STATUS REGEX ARGUMENT...: twostage on the machine
run() {
	exits "$1" timeout 10 "$TWOSTAGE" "${@:2}" --root="$ROOT"
}

refuses() {
	refused "$1" "$2" timeout 10 "$TWOSTAGE" "${@:3}" --root="$ROOT"
}

# holds FILTER: jq's FILTER is true of what was printed
holds() {
	jq -en "input | $1" "$SCRATCH/out"
}

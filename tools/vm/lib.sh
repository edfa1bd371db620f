# shellcheck shell=bash
#
# Shared by the scripts in this folder: where things are kept, and errors. Sourced.
#
# Exit statuses: 1 the command failed, 2 bad usage or a missing tool, 3 the guest was
# lost, 4 there is a splat in the kernel log.

TWOSTAGE_TREE=${TWOSTAGE_TREE:-$(realpath "$(dirname "${BASH_SOURCE[0]}")/../..")}
# shellcheck disable=SC2034 # for scripts that source this
VM_FOLDER=$TWOSTAGE_TREE/out/vm

KERNELS_TABLE=$(dirname "${BASH_SOURCE[0]}")/../../src/compat/kernels

# kernel_names short|long: the kernels in such a test run
kernel_names() {
	awk -v run="$1" '!/^#/ && NF && (run == "long" || $4 == run) { print $1 }' \
		"$KERNELS_TABLE"
}

# kernel_column NAME COLUMN: empty if there is no such kernel
kernel_column() {
	awk -v name="$1" -v column="$2" '!/^#/ && $1 == name { print $column }' \
		"$KERNELS_TABLE"
}

# series_of NAME, release_of NAME: empty if there is no such kernel
series_of() {
	kernel_column "$1" 2
}

release_of() {
	kernel_column "$1" 3
}

# need_kernel NAME WHAT: gives up, naming WHAT, unless the table has the kernel
need_kernel() {
	[[ -n $(series_of "$1") ]] ||
		give_up 2 "$2: no kernel $1; there are $(kernel_names long | paste -sd ' ')"
}

say() {
	printf '[vm] %s\n' "$*" >&2
}

# Begins the messages of give_up.
SPEAKER=tools/vm

# give_up STATUS REASON
give_up() {
	printf '%s: %s\n' "$SPEAKER" "${*:2}" >&2
	exit "$1"
}

# need_tools NAME=PACKAGE...
need_tools() {
	local pair

	for pair in "$@"; do
		command -v "${pair%%=*}" > /dev/null ||
			give_up 2 "${pair%%=*} is missing: apt-get install ${pair##*=}"
	done
}

need_root() {
	[[ $EUID -eq 0 ]] || give_up 2 "must run as root: try sudo"
}

# kernel_of_root ROOT: the newest kernel installed in a root
kernel_of_root() {
	find "$1/boot" -name 'vmlinuz-*' -printf '%f\n' | sed 's/^vmlinuz-//' |
		sort -V | tail -n 1
}

# The space that a root takes (tools/vm/root), in MiB.
# shellcheck disable=SC2034 # for those who source this
ROOT_SPACE=4500

# check_space FOLDER MEBIBYTES
check_space() {
	local free

	free=$(df --output=avail -m "$1" | tail -n 1)
	((free >= $2)) || give_up 2 "$1 has $free MiB free but needs $2: make room"
}

# is_current FILE KEY: whether FILE was made with KEY
is_current() {
	[[ -e $1 && -e $1.key && $(< "$1.key") == "$2" ]]
}

# run_logged NAME COMMAND...: output goes to FOLDER/NAME.log, and is shown only on
# failure
run_logged() {
	local log=$FOLDER/$1.log

	shift
	"$@" > "$log" 2>&1 && return
	tail -n 30 "$log" >&2
	give_up 1 "'$1' failed: full log in $log"
}

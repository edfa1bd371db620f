# shellcheck shell=bash
#
# What the scripts of this folder share: where things are kept, and how they
# fail. Sourced, never run.
#
# Exit statuses: 1 what was run failed, 2 bad usage or a missing tool, 3 the
# guest was lost, 4 the kernel said something it must not say.

TWOSTAGE_TREE=${TWOSTAGE_TREE:-$(realpath "$(dirname "${BASH_SOURCE[0]}")/../..")}
# shellcheck disable=SC2034 # for those who source this
VM_FOLDER=$TWOSTAGE_TREE/out/vm

KERNELS_TABLE=$(dirname "${BASH_SOURCE[0]}")/../../src/compat/kernels

# kernel_names short|long: of the kernels that such a run tests
kernel_names() {
	awk -v run="$1" '!/^#/ && NF && (run == "long" || $4 == run) { print $1 }' \
		"$KERNELS_TABLE"
}

# kernel_column NAME COLUMN: or nothing
kernel_column() {
	awk -v name="$1" -v column="$2" '!/^#/ && $1 == name { print $column }' \
		"$KERNELS_TABLE"
}

# series_of NAME, release_of NAME: the kernel's, or nothing
series_of() {
	kernel_column "$1" 2
}

release_of() {
	kernel_column "$1" 3
}

# need_kernel NAME WHAT: unless the table has it, it is what WHAT names wrongly
need_kernel() {
	[[ -n $(series_of "$1") ]] ||
		give_up 2 "$2: there is no kernel $1, but $(kernel_names long | paste -sd ' ')"
}

say() {
	printf '[vm] %s\n' "$*" >&2
}

# give_up STATUS REASON
give_up() {
	local status=$1

	shift
	printf 'tools/vm: %s\n' "$*" >&2
	exit "$status"
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

# check_space FOLDER MEBIBYTES
check_space() {
	local free

	free=$(df --output=avail -m "$1" | tail -n 1)
	((free >= $2)) ||
		give_up 2 "$1 has $free MiB free, $2 are needed: make room"
}

# is_current FILE KEY: whether the step that leaves FILE was done with KEY
is_current() {
	[[ -e $1 && -e $1.key && $(< "$1.key") == "$2" ]]
}

# run_logged NAME COMMAND...: a step whose output is FOLDER/NAME.log, and shown
# only if it fails
run_logged() {
	local log=$FOLDER/$1.log

	shift
	"$@" > "$log" 2>&1 && return
	tail -n 30 "$log" >&2
	give_up 1 "'$1' failed, the whole of it is in $log"
}

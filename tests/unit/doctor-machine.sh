# shellcheck shell=bash
#
# What the tests of `twostage doctor` share: a made-up machine where all is well, and
# tables of what is found when something is spoilt there. Sourced by the tests here.
# A line of a table is a machine:
#
#   CHECK VERDICT[+] | COMMANDS | FINDING [| REMEDY]
#
# The commands spoil something, below the root; then the check says so and no other
# check finds fault, unless there is a +. With = for commands it is the machine of the
# line above.

# shellcheck source=tests/unit/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

export TWOSTAGE_DOCTOR=$tree/tools/twostage/doctor
VERSION=$("$tree/tools/dkms/version")
KERNEL=6.1.0-56-amd64
HEADERS=usr/src/linux-headers-$KERNEL/include/generated
FILE=lib/modules/$KERNEL/updates/dkms/btrfs_twostage.ko
DKMS=var/lib/dkms/btrfs-twostage
LOADED=sys/module/btrfs_twostage
OURS=sys/fs/btrfs_twostage
ONE=12345678-1234-1234-1234-123456789abc
EFIVARS=sys/firmware/efi/efivars
SECURE_BOOT=$EFIVARS/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c
ROOT=$SCRATCH/root
PATH=$SCRATCH/bin:$PATH

# The made-up machine

# write FILE TEXT...: a line each
write() {
	[[ -d ${1%/*} ]] || mkdir -p "${1%/*}"
	printf '%s\n' "${@:2}" > "$1"
}

# program NAME SCRIPT: on the machine; and one that the doctor itself uses
program() {
	write "usr/bin/$1" '#!/bin/sh' "$2"
	chmod +x "usr/bin/$1"
}

own_program() {
	write "$SCRATCH/bin/$1" '#!/bin/sh' "$2"
	chmod +x "$SCRATCH/bin/$1"
}

# status_of PACKAGE VERSION [STATUS]: what dpkg knows
status_of() {
	printf '%s\n' "Package: $1" "Status: ${3:-install ok installed}" "Version: $2" \
		'Architecture: all' 'Maintainer: nobody' 'Description: none' '' \
		>> var/lib/dpkg/status
}

# module [NAME=VALUE...]: what modinfo says, with these in place of what all is well
# with, and the name of its section
module() {
	local field
	declare -A fields=([version]=$VERSION [srcversion]=AAAA [unread_functions]=''
		[distribution_source]=6.1.192-2 [vermagic]="$KERNEL SMP preempt")

	for field; do
		fields[${field%%=*}]=${field#*=}
	done
	for field in "${!fields[@]}"; do
		printf '%s: %s\n' "$field" "${fields[$field]}"
	done > "$FILE"
	printf '\0.BTF\0' >> "$FILE"
}

# mounted FOLDER FSID DEVICE PLACE [POLICY WINDOW]
mounted() {
	mkdir -p "$1/features" "$1/$2/devices/$3"
	echo "/dev/$3 $4 btrfs rw,space_cache 0 0" >> proc/mounts
	[[ $# -eq 4 ]] || { write "$1/$2/writeout/policy" "$5"; write "$1/$2/writeout/window" "$6"; }
}

# secure_boot STATE: of a machine with UEFI
secure_boot() {
	mkdir -p "$EFIVARS"
	printf '\x06\0\0\0%b' "\\x0$1" > "$SECURE_BOOT"
}

# Loaded and mounted, without Secure Boot.
make_machine() {
	mkdir -p "$ROOT"/{tmp,dev,proc,var/lib/dpkg} "$ROOT/${FILE%/*}" "$SCRATCH/bin"
	cd "$ROOT"
	# shellcheck disable=SC2016 # sh expands it
	own_program modinfo 'case $1 in *.xz) xz -dc "$1" ;; *) cat "$1" ;; esac |
		grep -a "^[a-z_]*: "'
	write proc/sys/kernel/osrelease "$KERNEL"
	echo '/dev/vda1 / ext4 rw 0 0' > proc/mounts
	write "$HEADERS/../../Makefile" 'all:'
	write "$HEADERS/../config/kernel.release" 6.1.192
	write "$HEADERS/utsrelease.h" "#define UTS_RELEASE \"$KERNEL\""
	write "$HEADERS/package.h" '#define LINUX_PACKAGE_ID " Debian 6.1.192-2"'
	# Absolute, as in the package: it must be followed in the root.
	ln -s "/usr/src/linux-headers-$KERNEL" "lib/modules/$KERNEL/build"
	write usr/src/linux-source-6.1.tar.xz tarball
	status_of linux-base 4.9
	status_of linux-source-6.1 6.1.192-2
	status_of "linux-headers-$KERNEL" 6.1.192-2
	status_of linux-kbuild-6.1 6.1.192-2
	write "usr/lib/linux-kbuild-6.1/scripts/sign-file" '#!/bin/sh'
	ln -s ../../lib/linux-kbuild-6.1/scripts "$HEADERS/../../scripts"
	write etc/os-release 'NAME="Debian GNU/Linux"' ID=debian
	program dkms 'exit 1'
	program openssl 'exit 1'
	program pahole 'exit 1'
	program bpftrace 'echo bpftrace v0.17.0'
	mkdir -p "$DKMS/$VERSION/source" "$DKMS/kernel-$KERNEL"
	module
	write proc/modules 'btrfs_twostage 1 0 - Live 0x0' 'btrfs 1 0 - Live 0x0'
	write proc/filesystems $'nodev\tsysfs' $'\text4' $'\tbtrfs' $'\tbtrfs_twostage'
	write "$LOADED/version" "$VERSION"
	write "$LOADED/srcversion" AAAA
	write "$LOADED/parameters/policy" early
	write "$LOADED/parameters/window" -1
	write "$LOADED/parameters/takeover" N
	write "$LOADED/parameters/force" N
	write sys/kernel/btf/vmlinux
	write sys/kernel/btf/btrfs_twostage
	write sys/kernel/security/lockdown '[none] integrity confidentiality'
	mounted "$OURS" "$ONE" vdb /mnt early 0
}

# Making it takes longer than examining it.
set_up_test() {
	[[ -d $SCRATCH/well ]] || (
		make_machine
		mkdir "$SCRATCH/well"
		mv "$ROOT" "$SCRATCH/bin" "$SCRATCH/well"
	)
	rm -rf "${SCRATCH:?}"/{root,bin}
	cp -a "$SCRATCH/well/." "$SCRATCH"
	cd "$ROOT"
}

# What it says

# doctor STATUS [OPTION...]: its JSON, with the rules of every report
doctor() {
	local well=true

	exits "$1" "$TWOSTAGE" doctor --root="$ROOT" --json "${@:2}"
	[[ $1 -eq 0 ]] || well=false
	jq -en "input | .well == $well and .well == all(.checks[]; .remedy == null) and
		all(.checks[]; (.remedy == null) == (.verdict | IN(\"ok\", \"n/a\")))" "$SCRATCH/out"
	fails grep -iE '(disable|turn off|switch off).*(secure|lockdown|sign)|validation' \
		"$SCRATCH/out"
	jq -r '.checks[].remedy // empty' "$SCRATCH/out" | can_be_pasted
}

# Remedies, one a line: commands alone, or no command at all
can_be_pasted() {
	local remedy part

	while read -r remedy; do
		[[ $remedy =~ (sudo|apt|dkms|mokutil)\  ]] || continue
		bash -n <<< "$remedy"
		while read -r part; do
			[[ $part == sudo\ * && $part != *[\;\(\)]* && $part != *', '* ]] ||
				{ echo "cannot be pasted: $remedy"; return 1; }
		done <<< "${remedy// && /$'\n'}"
	done
}

# says CHECK VERDICT TEXT [REMEDY]: no remedy where none is given
says() {
	local found

	found=$(jq -r --arg name "$1" '.checks[] | select(.name == $name) |
		"\(.verdict): \(.finding) -> \(.remedy)"' "$SCRATCH/out")
	[[ $found == "$2: "*"$3"*" -> "*"${4:-null}"* ]] ||
		{ echo "$1 says: $found, not $2: $3 -> ${4:-null}"; return 1; }
}

# OPTIONS are those of `doctor` that the commands of a line may set.
machines() {
	local check verdict commands text remedy what status others
	local -a OPTIONS

	while IFS='|' read -r what commands text remedy; do
		read -r check verdict <<< "$what"
		read -r text <<< "$text"
		read -r remedy <<< "$remedy"
		others=${verdict//[!+]/}
		verdict=${verdict%+}
		status=1
		[[ -n $others || ! $verdict =~ ^(ok|n/a)$ ]] || status=0
		if [[ $commands != ' = ' ]]; then
			OPTIONS=()
			set_up_test
			eval "$commands"
			doctor "$status" "${OPTIONS[@]}"
			[[ -n $others ]] || [[ $(jq '[.checks[] | select(.remedy)] | length' \
				"$SCRATCH/out") -eq $status ]]
		fi
		says "$check" "$verdict" "$text" "$remedy"
	done <<< "$MACHINES"
}

# machines_where NAME: a test of the table on standard input
machines_where() {
	MACHINES=$(tr -d '\t')
	run_test "$1" machines
}

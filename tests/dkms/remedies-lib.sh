# shellcheck shell=bash
#
# What remedies.test does with remedies: a system to spoil, what doctor says of it, and
# its remedies run as they are printed. Sourced after package-lib.sh.
#
# Remedies are shell lines for a person: apt asks, and gets Enter for an answer.

REPORT=$SCRATCH/report.json
# Before a command in the root: what stands in for firmware there.
MACHINE=(in_root)
DOCTOR=(twostage doctor --kernel="$KERNEL")
# As whom doctor runs.
AS=()

# layer NAME: the root, as a layer for fresh_overlay
layer() {
	umount "$ROOT/var/cache/apt/archives"
	umount "$ROOT"
	mv "$SCRATCH/upper" "$SCRATCH/$1"
}

# system LAYER: and what apt downloads is kept for other systems
system() {
	umount "$ROOT/var/cache/apt/archives" 2> /dev/null || true
	fresh_overlay "$1"
	mount --bind "$SCRATCH/archives" "$ROOT/var/cache/apt/archives"
}

# ready_system: doctor is installed, and the module can be; installed_system: it is, too
ready_system() {
	system "$SCRATCH/ready:$LOWER"
}

installed_system() {
	system "$SCRATCH/installed:$SCRATCH/ready:$LOWER"
}

make_systems() {
	mkdir "$SCRATCH"/{archives,small}
	fresh_root
	mount --bind "$SCRATCH/archives" "$ROOT/var/cache/apt/archives"
	stub_compiler
	# All systems here share them.
	echo 'APT::Keep-Downloaded-Packages "true";' > "$ROOT/etc/apt/apt.conf.d/keep"
	echo "127.0.0.1 localhost $(uname -n)" > "$ROOT/etc/hosts"
	succeeds apt-get update
	apt_install "btrfs-twostage-tools_${VERSION}_amd64.deb"
	succeeds apt-get install -y --no-install-recommends sudo
	layer ready
	ready_system
	install_package
	all_is_well
	layer installed
}

purge() {
	succeeds dpkg --purge --force-depends "$@"
}

rebuild() {
	succeeds dkms build --force "$MODULE" -k "$KERNEL"
	succeeds dkms install --force "$MODULE" -k "$KERNEL"
}

doctor() {
	"${MACHINE[@]}" "${AS[@]}" "${DOCTOR[@]}" --json > "$REPORT" || [[ $? -eq 1 ]]
}

# says CHECK VERDICT FINDING [REMEDY]
says() {
	local found

	found=$(jq -r --arg name "$1" '.checks[] | select(.name == $name) |
		"\(.verdict): \(.finding) -> \(.remedy)"' "$REPORT")
	[[ $found == "$2: "*"$3"*" -> ${4:-}"* ]] ||
		give_up 1 "$1 says: $found, not $2: $3 -> ${4:-}"
}

finds() {
	doctor
	says "$@"
}

# told CHECK FIELD: what the report has of it, such as the verdict
told() {
	jq -r --arg name "$1" --arg field "$2" \
		'.checks[] | select(.name == $name) | .[$field]' "$REPORT"
}

remedy() {
	told "$1" remedy
}

# run_remedy LINE
run_remedy() {
	"${MACHINE[@]}" bash -c "$1" < <(yes '') > "$LOG" 2>&1 ||
		give_up 1 "$1 failed: $(cat "$LOG")"
	# To be seen if that mended nothing.
	cat "$LOG"
}

# follow CHECK VERDICT FINDING REMEDY: doctor finds and advises that; and it is done
follow() {
	finds "$@"
	echo "→ $(remedy "$1")"
	run_remedy "$(remedy "$1")"
}

# mends CHECK VERDICT FINDING REMEDY: and that was all there was to do
mends() {
	follow "$@"
	finds "$1" ok ''
}

# in_clone COMMAND...: remedies are run in /root/clone
in_clone() {
	local MACHINE=("${MACHINE[@]}" env --chdir=/root/clone)

	"$@"
}

all_is_well() {
	doctor
	jq -e .well "$REPORT" > /dev/null ||
		give_up 1 "$(jq -c '.checks[] | select(.remedy)' "$REPORT"); $(cat "$LOG")"
}

# The version is all that doctor asks of it.
older_bpftrace() {
	local folder=$SCRATCH/bpftrace

	mkdir -p "$folder"/{DEBIAN,usr/bin}
	printf '%s\n' 'Package: bpftrace' 'Version: 0.11.3-5' 'Architecture: amd64' \
		'Maintainer: nobody' 'Description: none' > "$folder/DEBIAN/control"
	printf '#!/bin/sh\necho bpftrace v0.11.3\n' > "$folder/usr/bin/bpftrace"
	chmod 755 "$folder/usr/bin/bpftrace"
	dpkg-deb --root-owner-group -b "$folder" "$ROOT/root/bpftrace.deb"
	succeeds dpkg -i /root/bpftrace.deb
}

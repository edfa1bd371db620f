# shellcheck shell=bash
#
# The tests of remedies.test about the module itself, its BTF and bpftrace. Sourced by it.

INSTALLED=/lib/modules/$KERNEL/updates/dkms/btrfs_twostage.ko

# change_module COMMAND...: whatever it is compressed by
change_module() {
	local file

	file=$(echo "$ROOT$INSTALLED"*)
	[[ $file != *.xz ]] || xz -d "$file"
	"$@" "${file%.xz}"
	[[ $file != *.xz ]] || xz --check=crc32 "${file%.xz}"
}

another_module() {
	installed_system
	echo text > "$(echo "$ROOT$INSTALLED"*)"
	mends module problem "is no kernel module" "sudo dkms build --force"
	all_is_well
	change_module sed -i "s/vermagic=${KERNEL:0:4}/vermagic=9.99/"
	mends module problem "installed, but built for kernel 9.99" "sudo dkms build --force"
	all_is_well
	change_module sed -i s/unread_functions/unreal_functions/
	mends functions unknown "does not say whether all functions" "sudo dkms build --force"
	all_is_well
	purge kmod
	mends module unknown "cannot be looked into without modinfo" "sudo apt install kmod"
	all_is_well
}

not_permitted() {
	installed_system
	in_root useradd -m somebody
	echo 'somebody ALL=(ALL) NOPASSWD: ALL' > "$ROOT/etc/sudoers.d/somebody"
	chmod 700 "$ROOT/lib/modules/$KERNEL/updates"
	AS=(setpriv --reuid=somebody --regid=somebody --init-groups)
	looks_as_root "sudo twostage doctor --kernel=$KERNEL"
	doctor_of_clone
	looks_as_root "sudo /srv/clone/tools/twostage/doctor --kernel=$KERNEL"
}

# looks_as_root REMEDY
looks_as_root() {
	finds module unknown "Permission denied" "$1"
	"${MACHINE[@]}" "${AS[@]}" bash -c "$(remedy module)" > "$REPORT"
	says module ok installed
}

without_jq() {
	installed_system
	purge jq
	fails in_root "${DOCTOR[@]}" --json > "$LOG" 2>&1
	grep -q 'needs jq: ' "$LOG"
	run_remedy "$(sed 's/.*needs jq: //' "$LOG")"
	all_is_well
}

pahole_is_missing() {
	installed_system
	purge pahole
	rebuild
	follow btf warning "pahole is missing" "sudo apt install pahole && sudo dkms build"
	all_is_well
	# Installed, but nobody has built since.
	purge pahole
	rebuild
	succeeds apt-get install -y --no-install-recommends pahole
	mends btf warning "the module has none" "sudo dkms build --force"
}

# The kernel's BTF is in its image only, as on Debian 12: headers of 13 have it, too.
only_in_image() {
	installed_system
	succeeds apt-get install -y --no-install-recommends zstd xz-utils lz4
	rm -f "$ROOT/usr/src/$HEADERS/vmlinux"
}

image_is_missing() {
	only_in_image
	rm "$ROOT/boot/vmlinuz-$KERNEL"
	rebuild
	mends btf warning "has its image" "sudo apt install --reinstall linux-image-$KERNEL && "
	all_is_well
	: > "$ROOT/boot/vmlinuz-$KERNEL"
	rebuild
	mends btf warning "cannot be unpacked" \
		"sudo apt install --reinstall linux-image-$KERNEL && "
	all_is_well
}

unpackers_are_missing() {
	only_in_image
	purge zstd xz-utils lz4
	rebuild
	mends btf warning "cannot be unpacked" "sudo apt install zstd xz-utils lz4 && "
	all_is_well
}

no_room() {
	only_in_image
	mount -t tmpfs -o size=40m tmpfs "$SCRATCH/small"
	cp -a "$ROOT/var/lib/dkms/." "$SCRATCH/small"
	mount --bind "$SCRATCH/small" "$ROOT/var/lib/dkms"
	rebuild
	finds space problem "MiB free, and needs 300" "make room"
	finds btf warning "there is no room in" "sudo dkms build --force"
	mount -o remount,size=1g "$SCRATCH/small"
	mends btf warning "there is no room in" "sudo dkms build --force"
	all_is_well
	umount "$ROOT/var/lib/dkms" "$SCRATCH/small"
}

bpftrace_is_missing() {
	installed_system
	purge bpftrace
	mends bpftrace warning "the scripts need it, the module does not" \
		"sudo apt install bpftrace"
	purge bpftrace
	older_bpftrace
	mends bpftrace warning "is too old: the scripts need 0.17" "sudo apt install bpftrace"
	printf '#!/bin/sh\necho hello\n' > "$ROOT/usr/bin/bpftrace"
	follow bpftrace unknown "it does not say its version" "bpftrace --version"
	grep -qx hello "$LOG"
}

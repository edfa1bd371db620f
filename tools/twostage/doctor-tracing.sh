# shellcheck shell=bash
#
# Checks of what tracing needs: BTF and bpftrace. Sourced by doctor; the rules are there.

# Why a build made none: what tools/dkms/btf said of it, and what has changed since
no_btf() {
	local finding="the module has none" log cause=''

	finding+=": tracepoints work, fentry and CO-RE on its types do not"
	program pahole > /dev/null ||
		found warning "$finding; pahole is missing" "sudo apt install pahole && $REBUILD"
	for log in "$(below "$DKMS/$DKMS_VERSION/$KERNEL")"/*/log/make.log; do
		! look cat "${log#"$ROOT"}" || cause=$(sed -nE \
			's/^btrfs_twostage: the module has no BTF, (.*); tracepoints .*/\1/p' <<< "$TEXT")
	done
	[[ $cause != *'be unpacked'* ]] ||
		{ program zstd && program xz && program lz4; } > /dev/null ||
		found warning "$finding, $cause" "sudo apt install zstd xz-utils lz4 && $REBUILD"
	case $cause in
	*'pahole is missing'*) cause='' ;; # It is there now.
	*'has its image'* | *'be unpacked'* | *'be read ('*)
		found warning "$finding, $cause" "$(by_apt "linux-image-$KERNEL") && $REBUILD" ;;
	*'kernel has none')
		found warning "$finding, $cause" "use a kernel that has it, as Debian's do" ;;
	*'pahole failed'* | *'pahole made none'* | *'pahole has damaged'*)
		found warning "$finding, $cause" "install a newer pahole, and build the module again" ;;
	esac
	found warning "$finding${cause:+, $cause}" "$REBUILD"
}

check_btf() {
	local where='the module has'

	if [[ -n $RUNNING ]]; then
		where='kernel and module have'
		look stat /sys/kernel/btf/vmlinux || found warning \
			"the kernel has none: tracepoints work, fentry and CO-RE do not" \
			"use a kernel that has it, as Debian's do"
	fi
	if [[ -n $IS_LOADED ]]; then
		! look stat /sys/kernel/btf/btrfs_twostage || found ok "$where it"
		[[ ! -v INFO[vermagic] ]] || ! module_has -x .BTF || found warning \
			"the loaded module has none, the installed one has; first unmount its filesystems" \
			"$RELOAD"
	elif [[ -v INFO[vermagic] ]]; then
		! module_has -x .BTF || found ok "$where it"
	elif [[ -n $RUNNING ]]; then
		found ok "the kernel has it; no module to look at"
	else
		found n/a "not applicable: no module to look at"
	fi
	no_btf
}

check_bpftrace() {
	local bpftrace version=''

	# A program of another root needs the libraries of that root.
	[[ -z $ROOT ]] || version=$(installed_version bpftrace) || true
	if [[ -z $version ]]; then
		bpftrace=$(program bpftrace) ||
			found warning "not installed: the scripts need it, the module does not" \
				"sudo apt install bpftrace"
		version=$(run "$bpftrace" --version)
		version=${version##*bpftrace v}
	fi
	[[ $version =~ ^([0-9]+)\.([0-9]+) ]] ||
		found unknown "it does not say its version: see what it says" \
			"bpftrace --version"
	version=${BASH_REMATCH[0]}
	# The oldest that tools/bpftrace runs with.
	if ((BASH_REMATCH[1] == 0 && BASH_REMATCH[2] < 17)); then
		[[ ${bpftrace:-$ROOT/usr/bin/} == "$ROOT/usr/bin/"* ]] || found warning \
			"$bpftrace is $version, and too old: the scripts need 0.17" \
			"remove it, or put the folder of a newer one before its own in PATH"
		found warning "$version is too old: the scripts need 0.17, which Debian 12 has" \
			"sudo apt install bpftrace"
	fi
	found ok "$version"
}

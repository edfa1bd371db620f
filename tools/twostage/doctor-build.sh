# shellcheck shell=bash
#
# Checks of what it takes to build the module, and of the module that was built. Sourced
# by doctor; the rules are there. Which source belongs to a kernel is for
# tools/dkms/source to say.

DKMS=/var/lib/dkms/btrfs-twostage
# A build takes 90 MiB in the DKMS tree with Debian's 6.1; its BTF takes the unpacked
# kernel of 63 MiB and two copies of the module in /tmp; a source package takes 132 MiB.
NEEDED_MIB=(/var/lib/dkms:200 /usr/src:150 /tmp:150)

# Sets WANTED, the version that the kernel was built from; SERIES, empty where it cannot
# be told; UNSUPPORTED; and HEADERS, the kernel that the headers are of, empty where
# there are none. Debian's kernel.release has the upstream version instead.
gather_build() {
	local folder

	BUILD=/lib/modules/$KERNEL/build
	folder=$(below "$BUILD")
	PACKAGE=$(kernel_package "$folder")
	WANTED=${PACKAGE:-$(kernel_release "$folder" || true)}
	WANTED=${WANTED:-$KERNEL}
	SERIES=$(series "$WANTED") || true
	UNSUPPORTED=''
	[[ -z $SERIES ]] || is_supported "$SERIES" || UNSUPPORTED=1
	HEADERS=''
	if [[ -e $folder/Makefile && -e $folder/include/config/kernel.release ]]; then
		HEADERS=$(sed -nE 's/^#define UTS_RELEASE "(.*)"/\1/p' \
			"$folder/include/generated/utsrelease.h" 2> /dev/null) || true
		HEADERS=${HEADERS:-$KERNEL}
	fi
	# For tools/dkms.
	unset KSRC
	TWOSTAGE_SOURCES=$(below /usr/src)
	TWOSTAGE_CACHE=$(below /var/cache/btrfs-twostage)
	DPKG_ADMINDIR=$(below /var/lib/dpkg)
	export TWOSTAGE_SOURCES TWOSTAGE_CACHE DPKG_ADMINDIR
}

# Sets DKMS_VERSION, the last of ours that DKMS knows; MODULE, the installed file; INFO,
# its fields; and INSTALL and REBUILD, remedies.
gather_module() {
	local file name value

	DKMS_VERSION='' MODULE=''
	declare -gA INFO=()
	for file in "$(below "$DKMS")"/*; do
		# Beside versions there are links to what is installed.
		[[ ! -e $(below "$DKMS/${file##*/}/source") ]] || DKMS_VERSION=${file##*/}
	done
	for file in "$(below "/lib/modules/$KERNEL/updates/dkms")"/btrfs_twostage.ko*; do
		[[ ! -e $file && ! -L $file ]] ||
			MODULE=/lib/modules/$KERNEL/updates/dkms/${file##*/}
	done
	INSTALL="sudo make install, in a clone of the project"
	[[ -n $RUNNING ]] || INSTALL=${INSTALL/,/ KVER=$KERNEL,}
	file="btrfs-twostage/$DKMS_VERSION -k $KERNEL"
	REBUILD="sudo dkms build --force $file && sudo dkms install --force $file"
	[[ -n $DKMS_VERSION ]] || REBUILD=$INSTALL
	[[ -n $MODULE ]] || return 0
	while IFS=': ' read -r name value; do
		INFO[$name]=$value
	done < <(modinfo "$(below "$MODULE")" 2> /dev/null | grep '^[a-z_]*:')
}

check_kernel() {
	look cat "$BUILD/include/generated/package.h" || true
	[[ -n $SERIES ]] || found problem "cannot tell the series of kernel $KERNEL" \
		"name one of the distribution's kernels: see /lib/modules"
	[[ -z $UNSUPPORTED ]] || found problem \
		"kernel $KERNEL is not supported: supported are $(supported_series)" \
		"use a kernel of one of these, or see docs/adding-a-kernel.md"
	found ok "$KERNEL is of $SERIES, which is supported"
}

check_headers() {
	local remedy="sudo apt install linux-headers-$KERNEL"

	look stat "$BUILD/Makefile" || true
	look cat "$BUILD/include/generated/utsrelease.h" || true
	[[ -n $HEADERS ]] || found problem "no headers for kernel $KERNEL" "$remedy"
	[[ $HEADERS == "$KERNEL" ]] ||
		found problem "$BUILD is of kernel $HEADERS" "$remedy"
	found ok "of kernel $KERNEL${PACKAGE:+, package version $PACKAGE}"
}

check_source() {
	local relation version where remedy="sudo apt install linux-source-$SERIES"

	[[ -n $SERIES ]] || found n/a "not applicable: the series is not known"
	look cat /var/lib/dpkg/status || true
	read -r relation version where < <("$SCRIPTS/source" compare "$WANTED" 2> /dev/null) ||
		found problem "no source for kernel $WANTED" "$remedy"
	[[ $where != "$TWOSTAGE_CACHE"/* ]] ||
		found ok "$version, the kernel's own, kept from an earlier build"
	[[ $HEADERS == "$KERNEL" ]] ||
		found unknown "$version, which cannot be compared without the kernel's headers" \
			"install the headers first, as said above"
	case $relation in
	same)
		found ok "$version, the kernel's own"
		;;
	other-series)
		found problem "the source of $SERIES is that of $version" "$remedy"
		;;
	esac
	[[ $version != "$SERIES" ]] || found warning \
		"linux-source-$SERIES.tar.xz is of no package that dpkg knows; the kernel is of $WANTED" \
		"sudo apt install --reinstall linux-source-$SERIES"
	found warning "$version, another point release than the kernel's $WANTED" \
		"$remedy=$WANTED, or use the kernel of $version"
}

check_space() {
	local place folder needed free list=''

	for place in "${NEEDED_MIB[@]}"; do
		needed=${place#*:}
		place=${place%:*}
		folder=$place
		# What is not there yet is made in what is.
		until look df --output=avail -BM "$folder/"; do
			folder=${folder%/*}
		done
		free=${TEXT//[!0-9]/}
		((free >= needed)) ||
			found problem "$place has $free MiB free, and needs $needed" \
				"make room for $needed MiB where $place is, with sudo apt clean first"
		list+="${list:+, }$place $free MiB"
	done
	found ok "$list free"
}

check_dkms() {
	program dkms > /dev/null || found problem "dkms is not installed" "sudo apt install dkms"
	look ls -H "$DKMS" || true
	[[ -n $DKMS_VERSION ]] ||
		found problem "installed, but does not know btrfs-twostage" "$INSTALL"
	found ok "knows btrfs-twostage $DKMS_VERSION"
}

not_installed() {
	local log=$DKMS/$DKMS_VERSION/build/make.log remedy

	[[ -n $DKMS_VERSION ]] || found problem "not installed for kernel $KERNEL" "$INSTALL"
	remedy="sudo dkms install btrfs-twostage/$DKMS_VERSION -k $KERNEL"
	# DKMS clears that folder when a build has succeeded.
	! look stat "$log" || found problem \
		"not installed for kernel $KERNEL; the last build failed: $log" \
		"fix what the end of that file says, then $remedy"
	found problem "known to DKMS, but not installed for kernel $KERNEL" "$remedy"
}

check_module() {
	local state='not signed'

	look ls -H "/lib/modules/$KERNEL/updates/dkms" || true
	[[ -n $MODULE ]] || not_installed
	look head -c 0 "$MODULE" || true
	command -v modinfo > /dev/null ||
		found unknown "$MODULE cannot be looked into without modinfo" "sudo apt install kmod"
	[[ -v INFO[vermagic] ]] || found problem "$MODULE is no kernel module" "$REBUILD"
	[[ ${INFO[vermagic]%% *} == "$KERNEL" ]] || found problem \
		"installed, but built for kernel ${INFO[vermagic]%% *}" "$REBUILD"
	[[ ! -v INFO[sig_id] ]] || state=signed
	found ok "${INFO[version]:-} installed, built from ${INFO[distribution_source]:-}, $state"
}

check_functions() {
	local consequence="only the policy stock may be used"

	[[ -n $MODULE ]] || found n/a "not applicable: no module was built"
	[[ -v INFO[unread_functions] ]] || found unknown \
		"the module does not say whether all functions that it relies on were read" "$REBUILD"
	[[ -n ${INFO[unread_functions]} ]] ||
		found ok "all that the module relies on have been read: every policy may be used"
	[[ -z $IS_LOADED || $(parameter force) != Y ]] ||
		consequence="used with force=1"
	found warning "$consequence: nobody has read ${INFO[unread_functions]}" \
		"install a newer btrfs-twostage, or a kernel and its source that it knows"
}

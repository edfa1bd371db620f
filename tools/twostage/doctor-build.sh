# shellcheck shell=bash
#
# Checks of what it takes to build the module. Sourced by doctor; the rules are there.
# Which source belongs to a kernel is for tools/dkms/source to say.

# A build takes 90 MiB in the DKMS tree with Debian's 6.1, and its BTF the unpacked kernel
# of 63 MiB and two copies of the module; a source package takes 132 MiB.
NEEDED_MIB=(/var/lib/dkms:300 /usr/src:150)
# An archive has what belongs to its newest kernels only.
NEWEST="none is in apt's lists: update them, or install the newest kernel with headers and source"

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

# by_apt PACKAGE: a remedy where its files are not there, installed or not
by_apt() {
	! installed_version "$1" > /dev/null || set -- "--reinstall $1"
	printf 'sudo apt install %s\n' "$1"
}

# is_offered PACKAGE [VERSION]: whether apt has it. Without lists it cannot tell; and it
# must not write its cache.
is_offered() {
	compgen -G "$(below /var/lib/apt/lists)/*_Packages*" > /dev/null || return 0
	run apt-cache -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= \
		-o "Dir::Etc=$ROOT/etc/apt" -o "Dir::State=$ROOT/var/lib/apt" \
		-o "Dir::State::status=$DPKG_ADMINDIR/status" madison "$1" |
		awk -F ' *[|] *' -v version="${2:-}" '
			NF == 3 && (version == "" || $2 == version) { offered = 1 }
			END { exit !offered }'
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
	local package=linux-headers-$KERNEL remedy

	look stat "$BUILD/Makefile" || true
	look cat "$BUILD/include/generated/utsrelease.h" || true
	[[ $HEADERS != "$KERNEL" ]] ||
		found ok "of kernel $KERNEL${PACKAGE:+, package version $PACKAGE}"
	remedy=$(by_apt "$package")
	is_offered "$package" || remedy=$NEWEST
	[[ -n $HEADERS ]] || found problem "no headers for kernel $KERNEL" "$remedy"
	found problem "$BUILD is of kernel $HEADERS" "$remedy"
}

check_source() {
	local relation version where package=linux-source-$SERIES remedy

	[[ -n $SERIES ]] || found n/a "not applicable: the series is not known"
	look cat /var/lib/dpkg/status || true
	remedy=$(by_apt "$package")
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
		"$package.tar.xz is of no package that dpkg knows; the kernel is of $WANTED" "$remedy"
	[[ -n $PACKAGE ]] || found warning \
		"$version, another point release than the kernel's $WANTED, which is of no package" \
		"build from the kernel's own tree, with KSRC="
	remedy="sudo apt install $package=$WANTED"
	is_offered "$package" "$WANTED" || remedy=$NEWEST
	found warning "$version, another point release than the kernel's $WANTED" "$remedy"
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
				"make room for $needed MiB where $place is"
		list+="${list:+, }$place $free MiB"
	done
	found ok "$list free"
}

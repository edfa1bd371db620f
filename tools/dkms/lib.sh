# shellcheck shell=bash
#
# Shared by the scripts in this folder: what a kernel is, and which source belongs to
# it. Sourced. Nothing here writes.

PROJECT=$(dirname "${BASH_SOURCE[0]}")/../..
KERNELS=$PROJECT/src/compat/kernels

# Where the linux-source-X.Y packages put their tarballs.
TWOSTAGE_SOURCES=${TWOSTAGE_SOURCES:-/usr/src}

# Extracts of the kernel source, a folder per version: several kernels of a series can
# be installed at a time, but only one linux-source package.
TWOSTAGE_CACHE=${TWOSTAGE_CACHE:-/var/cache/btrfs-twostage}

fail() {
	printf 'btrfs_twostage: %s\n' "$*" >&2
	exit 1
}

note() {
	printf 'btrfs_twostage: %s\n' "$*" >&2
}

# refuse_destdir TARGET: as what is made by DKMS is made for the system that runs
refuse_destdir() {
	[[ -z ${DESTDIR:-} ]] ||
		fail "make $1 is for this system and not for DESTDIR=$DESTDIR: for a package," \
			"take make deb, or make install-source DESTDIR="
}

# installed_module KVER: its file; fails if there is none
installed_module() {
	local file

	for file in "${TWOSTAGE_SYSTEM:-}/lib/modules/$1/updates/dkms/"btrfs_twostage.ko*; do
		[[ ! -f $file ]] || { echo "$file"; return 0; }
	done
	return 1
}

# is_unsigned KVER: DKMS goes on without a word where it cannot sign
is_unsigned() {
	local signature

	signature=$(modinfo -F sig_id "$(installed_module "$1")" 2> /dev/null) &&
		[[ -z $signature ]]
}
# shellcheck disable=SC2034 # for those who source this
UNSIGNED="not signed, so Secure Boot would refuse it: twostage doctor says how to sign it"

# kernel_release KDIR: "6.1.0-56-amd64"
kernel_release() {
	cat "$1/include/config/kernel.release" 2>/dev/null
}

# kernel_package KDIR: the version of the kernel's package ("6.1.192-2"); empty if the
# headers do not have it
kernel_package() {
	sed -nE 's/^#define LINUX_PACKAGE_ID " [A-Za-z]+ ([^"]+)"$/\1/p' \
		"$1/include/generated/package.h" 2>/dev/null || true
}

# series VERSION: "6.1" of "6.1.192-2"
series() {
	[[ $1 =~ ^([0-9]+\.[0-9]+) ]] && printf '%s\n' "${BASH_REMATCH[1]}"
}

# upstream VERSION: "6.1.192" of "6.1.192-2"
upstream() {
	[[ $1 =~ ^([0-9]+(\.[0-9]+)+) ]] && printf '%s\n' "${BASH_REMATCH[1]}"
}

# makefile_version FILE: the version that a kernel's top Makefile states
makefile_version() {
	awk '$2 == "=" && /^(VERSION|PATCHLEVEL|SUBLEVEL) =/ { v[$1] = $3 }
	     END { if (v["VERSION"] == "" || v["PATCHLEVEL"] == "") exit 1
		   printf "%s.%s", v["VERSION"], v["PATCHLEVEL"]
		   if (v["SUBLEVEL"] != "" && v["SUBLEVEL"] != "0")
			   printf ".%s", v["SUBLEVEL"]
		   print "" }' "$1" 2>/dev/null
}

# installed_version PACKAGE: fails where its files are not there; configured it need
# not be, as hooks run before that
installed_version() {
	# shellcheck disable=SC2016 # dpkg-query's
	dpkg-query -W -f '${db:Status-Status} ${Version}\n' "$1" 2> /dev/null |
		sed -nE '/^(config-files|not-installed) /!s/^[^ ]+ //p' | grep .
}

OUR_PACKAGE=btrfs-twostage-dkms

# package_status: dpkg's word for our package, if it knows it: installed, config-files, ...
package_status() {
	# shellcheck disable=SC2016 # dpkg-query's
	dpkg-query -W -f '${db:Status-Status}\n' "$OUR_PACKAGE" 2> /dev/null |
		grep -v '^not-installed$' || true
}

# supported_series: "6.1, 6.12, 7.3"
supported_series() {
	awk '!/^#/ && NF { print $2 }' "$KERNELS" | sort -uV | paste -sd , | sed 's/,/, /g'
}

# is_supported SERIES
is_supported() {
	[[ ", $(supported_series)," == *", $1,"* ]]
}

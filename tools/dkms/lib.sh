# shellcheck shell=bash
#
# What the scripts of this folder share: finding out what a kernel is and
# which source belongs to it. Sourced, never run. Nothing here writes.

PROJECT=$(dirname "${BASH_SOURCE[0]}")/../..
KERNELS=$PROJECT/src/compat/kernels

# Where the packages linux-source-X.Y put their tarballs.
TWOSTAGE_SOURCES=${TWOSTAGE_SOURCES:-/usr/src}

# Where extracts of the distribution's source are kept, one folder a version:
# only one linux-source package of a series is installed at a time, but several
# kernels of that series can be.
TWOSTAGE_CACHE=${TWOSTAGE_CACHE:-/var/cache/btrfs-twostage}

fail() {
	printf 'btrfs_twostage: %s\n' "$*" >&2
	exit 1
}

note() {
	printf 'btrfs_twostage: %s\n' "$*" >&2
}

# kernel_release KDIR: "6.1.0-56-amd64"
kernel_release() {
	cat "$1/include/config/kernel.release" 2>/dev/null
}

# kernel_package KDIR: the version of the package that the kernel was built
# from ("6.1.192-2"), or nothing where the headers do not say.
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

# supported_series: "6.1, 6.12, 7.3"
supported_series() {
	awk '!/^#/ && NF { print $2 }' "$KERNELS" | sort -uV | paste -sd , | sed 's/,/, /g'
}

# is_supported SERIES
is_supported() {
	[[ ", $(supported_series)," == *", $1,"* ]]
}

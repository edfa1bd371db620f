# shellcheck shell=bash
#
# What the tests of the Debian packages share: a stock system without the module in an
# overlay, kernels and sources made up for it, and a compiler that does nothing.
# Sourced with the name of a kernel as its only argument.

# shellcheck source=tests/dkms/root.sh
. "$(dirname "$(realpath "${BASH_SOURCE[0]}")")/root.sh"

LOWER=$VM_FOLDER/$GUEST/stock

# The steps that write to out/, one test at a time.
prepare() {
	unpack_stock "$GUEST"
	exec 9> "$VM_FOLDER/$GUEST/stock.lock"
	flock 9
	make -s -C "$TWOSTAGE_TREE" deb
	exec 9>&-
}

in_own_mounts || prepare >&2
own_mounts "$GUEST"
PACKAGE=btrfs-twostage-dkms
KERNEL=$(kernel_of_root "$LOWER")
# shellcheck disable=SC2034 # for those who source this
SOURCE_PACKAGE=$(source_package)
# Of the same series as KERNEL, and made up.
# shellcheck disable=SC2034
OTHER=${KERNEL%-amd64}-other-amd64
LOG=$SCRATCH/log

# fresh_root: the stock system, with the packages in /root
fresh_root() {
	fresh_overlay "$LOWER"
	# It takes a minute for each kernel, and has no part in this.
	rm -f "$ROOT"/etc/kernel/post{inst,rm}.d/{initramfs-tools,dracut}
	cp "$TWOSTAGE_TREE"/out/deb/*.deb "$ROOT/root"
}

# Leaves out the compilation and nothing else: the module that comes out holds its kernel,
# the version of the source that it was made from, the functions that are unread there, and
# the text of a file `mark` in its src/. BTF can be made of it.
# With STUBBED, for that kernel only.
stub_compiler() {
	small_source
	sed "s/@KVER@/${STUBBED:-}/" <<-'END' | put_aside /usr/bin/make
	#!/bin/bash
	for argument; do
		[[ $argument != M=* ]] || folder=${argument#M=}
	done
	[[ -n ${folder:-} && $folder == *@KVER@ && ${*: -1} == modules ]] ||
		exec -a make /usr/bin/make.real "$@"
	gcc -c -g -x c -I "$folder/include" -include twostage_guard.h - \
		-o "$folder/btrfs_twostage.ko" <<< '
		static const char info[]
			__attribute__((section(".modinfo"), used)) =
			"license=GPL\0vermagic='"${folder##*/}"' SMP"
			"\0unread_functions=" TWOSTAGE_UNREAD_FUNCTIONS
			"\0distribution_source=" TWOSTAGE_SOURCE_VERSION
			"\0mark='"$(cat "$folder/src/mark" 2> /dev/null)"'";'
	END
}

fail_compiler() {
	put_aside /usr/bin/make <<-'END'
	#!/bin/bash
	[[ ${*: -1} == modules ]] || exec -a make /usr/bin/make.real "$@"
	echo "cannot compile today"
	exit 2
	END
}

mend_compiler() {
	mv "$ROOT/usr/bin/make.real" "$ROOT/usr/bin/make"
}

# package_version KERNEL: what the headers of the stock kernel say
package_version() {
	sed -nE 's/^#define LINUX_PACKAGE_ID " [A-Za-z]+ ([^"]+)"$/\1/p' \
		"$LOWER/usr/src/linux-headers-$KERNEL/include/generated/package.h"
}

# point_release DIFFERENCE: the version of another release of the series
point_release() {
	local upstream

	upstream=$(package_version)
	upstream=${upstream%%-*}
	printf '%s.%s-1\n' "${upstream%.*}" "$((${upstream##*.} + $1))"
}

# make_headers FOLDER KVER VERSION: those of the stock kernel under another name
make_headers() {
	local headers=$1/usr/src/linux-headers-$2

	mkdir -p "$1/usr/src" "$1/lib/modules/$2"
	cp -a "$LOWER/usr/src/linux-headers-$KERNEL" "$headers"
	sed -i "s/\(LINUX_PACKAGE_ID \" [A-Za-z]* \)[^\"]*/\1$3/" \
		"$headers/include/generated/package.h"
	echo "$2" > "$headers/include/config/kernel.release"
	sed -i "s/$KERNEL/$2/" "$headers"/{Makefile,.kernelvariables} \
		"$headers/include/generated/utsrelease.h"
	ln -s "/usr/src/linux-headers-$2" "$1/lib/modules/$2/build"
}

# make_kernel FOLDER KVER: as much of a kernel as depmod wants. One module, since
# DKMS takes a kernel that has none left for one that was removed.
make_kernel() {
	local folder=$1/lib/modules/$2

	mkdir -p "$folder/kernel"
	cp "$LOWER/lib/modules/$KERNEL"/modules.{builtin,order} "$folder"
	cp "$(find "$LOWER/lib/modules/$KERNEL/kernel" -name '*.ko*' -print -quit)" \
		"$folder/kernel"
}

# apt_install DEB...: of those in /root. apt gives dpkg a PATH of its own, without ccache.
apt_install() {
	succeeds apt-get install -y --no-install-recommends \
		-o DPkg::Path="/usr/lib/ccache:/usr/sbin:/usr/bin:/sbin:/bin" "${@/#//root/}"
}

install_package() {
	apt_install "${PACKAGE}_${VERSION}_all.deb"
	is_configured
}

is_configured() {
	local status

	status=$(in_root dpkg -s "$PACKAGE" | grep '^Status: ')
	[[ $status == "Status: install ok installed" ]] || give_up 1 "$status"
	[[ -z $(in_root dpkg --audit) ]] || give_up 1 "$(in_root dpkg --audit)"
}

# says REGEX: there is such a line of ours in the log; a + stands for itself, as names
# of kernels have one
says() {
	grep -qE "^btrfs_twostage: ${1//+/\\+}" "$LOG" ||
		give_up 1 "not said: $1; but: $(cat "$LOG")"
}

says_nothing_else() {
	[[ $(grep -c '^btrfs_twostage: ' "$LOG") -eq $1 ]] ||
		give_up 1 "more lines than $1: $(cat "$LOG")"
}

is_built() {
	in_root dkms status "$MODULE" -k "$1" | grep -q installed ||
		give_up 1 "not installed for $1: $(cat "$LOG" \
			"$ROOT"/var/log/btrfs-twostage-dkms-*.log)"
	in_root sh -c "ls /lib/modules/$1/updates/dkms/btrfs_twostage.ko*" > /dev/null
}

is_not_built() {
	if in_root dkms status "$MODULE" -k "$1" | grep -q installed ||
	   find "$ROOT/lib/modules/$1" -name 'btrfs_twostage.ko*' | grep -q .; then
		give_up 1 "installed for $1"
	fi
}

has_module() {
	find "$ROOT/lib/modules/$1" -name 'btrfs_twostage.ko*' | grep -q . ||
		give_up 1 "$1 has no module"
}

# source_of KVER: what its module was built from
source_of() {
	in_root modinfo -k "$1" -F distribution_source btrfs_twostage
}

removed_and_purged() {
	local folder

	succeeds dpkg --remove "$PACKAGE"
	[[ -z $(in_root dkms status) ]] || give_up 1 "$(in_root dkms status)"
	nothing_left "$ROOT/lib/modules" "$ROOT/usr/src" "$ROOT/usr/lib" \
		"$ROOT/var/lib/dkms" "$ROOT/var/cache"
	for folder in postinst.d header_postinst.d; do
		succeeds run-parts --report --exit-on-error --arg="$KERNEL" \
			"/etc/kernel/$folder"
		says_nothing_else 0
	done
	touch "$ROOT/var/log/btrfs-twostage-dkms-$KERNEL.log"
	succeeds dpkg --purge "$PACKAGE"
	rm -f "$ROOT"/root/*.deb
	nothing_left "$ROOT"
	[[ -z $(in_root dpkg --audit) ]]
}

# shellcheck shell=bash
#
# What the tests of this folder share: a system in an overlay, and commands in it.
# Sourced with the name of a kernel as its only argument.
# shellcheck disable=SC2034 # for those who source this

here=$(dirname "$(realpath "${BASH_SOURCE[0]}")")
# shellcheck source=tools/vm/lib.sh
. "$here/../../tools/vm/lib.sh"
# shellcheck source=tests/tap.sh
. "$here/../tap.sh"
# shellcheck source=tools/vm/overlay.sh
. "$here/../../tools/vm/overlay.sh"

GUEST=${1:-6.1}
VERSION=$("$TWOSTAGE_TREE/tools/dkms/version")
MODULE=btrfs-twostage/$VERSION
# Where DKMS builds from, in the root.
TREE=/usr/src/btrfs-twostage-$VERSION

# succeeds COMMAND..., refused COMMAND...: in the root, with what it says in LOG
succeeds() {
	in_root "$@" > "$LOG" 2>&1 || give_up 1 "$1 failed: $(cat "$LOG")"
}

refused() {
	! in_root "$@" > "$LOG" 2>&1 || give_up 1 "$1 succeeded: $(cat "$LOG")"
}

# copy_clone FOLDER: what `make install` needs, into that folder of the root
copy_clone() {
	mkdir "$ROOT$1"
	"$TWOSTAGE_TREE/tools/dkms/files" "$ROOT$1"
	cp "$TWOSTAGE_TREE/COPYING" "$ROOT$1"
}

# source_package: the name of the kernel's source in LOWER
source_package() {
	basename "$LOWER"/usr/src/linux-source-*.tar.xz .tar.xz
}

# small_source: in place of the kernel's source, the parts that a build asks for; to unpack
# all takes 20 s
small_source() {
	local small name

	name=$(source_package)
	small=$SCRATCH/$name.tar.xz
	if [[ ! -e $small ]]; then
		mkdir "$SCRATCH/parts"
		tar -C "$SCRATCH/parts" -xf "$LOWER/usr/src/$name.tar.xz" \
			"$name"/{Makefile,fs/btrfs,include/trace/events/btrfs.h}
		tar -C "$SCRATCH/parts" -cJf "$small" "$name"
	fi
	cp "$small" "$ROOT/usr/src"
}

# put_aside FILE: a stand-in is read from standard input. Under its own name and
# not earlier in PATH, since apt gives dpkg a PATH of its own.
put_aside() {
	mv "$ROOT$1" "$ROOT$1.real"
	cat > "$ROOT$1"
	chmod 755 "$ROOT$1"
}

# nothing_left FOLDER...
nothing_left() {
	local left

	left=$(find "$@" -xdev -iname '*twostage*')
	[[ -z $left ]] || give_up 1 "left: $left"
}

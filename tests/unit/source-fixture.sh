# shellcheck shell=bash
#
# A made-up kernel, its source and a package database for tests of tools/dkms,
# in a folder of their own. Sourced.

# shellcheck source=tests/unit/lib.sh
. "$(dirname "$0")/lib.sh"

KVER=6.1.0-56-amd64
KDIR=$SCRATCH/headers
TARGET=$SCRATCH/disk/target
export TWOSTAGE_SOURCES=$SCRATCH/sources TWOSTAGE_CACHE=$SCRATCH/cache
unset KSRC TWOSTAGE_GUARD

clean_up() {
	tear_down_test
	rm -rf "$SCRATCH"
}
trap clean_up EXIT

tear_down_test() {
	umount -q "$SCRATCH/disk" 2> /dev/null || true
}

# The fake dpkg-query knows the version that the file `package` states.
mkdir "$SCRATCH/bin"
cat > "$SCRATCH/bin/dpkg-query" <<-END
	#!/bin/sh
	sed 's/^/installed /' "$SCRATCH/package" 2> /dev/null
END
chmod +x "$SCRATCH/bin/dpkg-query"
export PATH=$SCRATCH/bin:$PATH

# make_headers RELEASE [PACKAGE]
make_headers() {
	rm -rf "$KDIR"
	mkdir -p "$KDIR/include/config" "$KDIR/include/generated"
	echo 'all:' > "$KDIR/Makefile"
	echo "$1" > "$KDIR/include/config/kernel.release"
	[[ $# -lt 2 ]] || echo "#define LINUX_PACKAGE_ID \" Debian $2\"" \
		> "$KDIR/include/generated/package.h"
}

# make_tree FOLDER VERSION
make_tree() {
	local version

	IFS=. read -r -a version <<< "$2"
	mkdir -p "$1/fs/btrfs/tests" "$1/include/trace/events"
	printf '%s\n' "VERSION = ${version[0]}" "PATCHLEVEL = ${version[1]}" \
		"SUBLEVEL = ${version[2]:-0}" 'EXTRAVERSION =' > "$1/Makefile"
	printf '#undef TRACE_SYSTEM\n#define TRACE_SYSTEM btrfs\n' \
		> "$1/include/trace/events/btrfs.h"
	printf 'struct btrfs_delayed_ref_root {\n};\n' \
		> "$1/fs/btrfs/delayed-ref.h"
	printf 'int btrfs_run_delayed_refs(int);\n' > "$1/fs/btrfs/ctree.h"
	printf 'int find_first_extent_bit(int);\n' > "$1/fs/btrfs/extent-io-tree.h"
	touch "$1"/fs/btrfs/{block-group.h,ctree.c,delayed-inode.c,extent_io.h,transaction.c,volumes.h}
	head -c 200000 /dev/urandom > "$1/fs/btrfs/super.c"
	cat > "$1/fs/btrfs/block-group.c" <<-'END'
	int btrfs_setup_space_cache(struct btrfs_trans_handle *trans);

	/* What it is for. */
	int btrfs_setup_space_cache(struct btrfs_trans_handle *trans)
	{
		if (trans)
			return 1;
		return 0;
	}
	END
}

# make_whole_tree FOLDER VERSION: a tree with every function that is guarded
make_whole_tree() {
	local file function

	make_tree "$1" "$2"
	while read -r file function; do
		grep -qs " $function(" "$1/fs/btrfs/$file" ||
			printf 'int %s(void)\n{\n\treturn 0;\n}\n' "$function" \
				>> "$1/fs/btrfs/$file"
	done < <(guarded_functions)
}

# The same of tools/dkms.
guarded_functions() {
	bash -c '. "$0/lib.sh"; . "$0/functions.sh"; guarded_functions' "$tree/tools/dkms"
}

supported_series() {
	bash -c '. "$0/lib.sh"; supported_series' "$tree/tools/dkms"
}

# A test of the guard begins with a project whose table knows the functions of a
# whole tree of 6.1.
set_up_guard() {
	set_up
	rm -rf "$SCRATCH/project"
	mkdir -p "$SCRATCH/project/tools" "$SCRATCH/project/src/compat"
	cp -r "$tree/tools/dkms" "$SCRATCH/project/tools"
	GUARD=$SCRATCH/project/tools/dkms/guard
	TABLE=$SCRATCH/project/src/compat/known-functions
	echo '# What was read.' > "$TABLE"
	printf '%s\n' '# name, series' '6.1 6.1' '6.12 6.12' '6.12-old 6.12' \
		> "$SCRATCH/project/src/compat/kernels"
	make_whole_tree "$SCRATCH/tree" 6.1.192
	"$GUARD" record "$SCRATCH/tree"
}

# change_function FOLDER: the text of btrfs_setup_space_cache
change_function() {
	sed -i 's/return 1/return 2/' "$1/fs/btrfs/block-group.c"
}

# make_package PACKAGE-VERSION: the tarball and what dpkg says of it
make_package() {
	local name=linux-source-${1%%-*}

	name=${name%.*}
	rm -rf "$TWOSTAGE_SOURCES"
	mkdir -p "$TWOSTAGE_SOURCES/$name"
	make_tree "$TWOSTAGE_SOURCES/$name" "${1%%-*}"
	tar -C "$TWOSTAGE_SOURCES" -cJf "$TWOSTAGE_SOURCES/$name.tar.xz" "$name"
	rm -r "${TWOSTAGE_SOURCES:?}/$name"
	package_is "$1"
}

# package_is VERSION: says dpkg
package_is() {
	printf '%s' "$1" > "$SCRATCH/package"
}

# A kernel and its own source.
set_up() {
	rm -rf "$SCRATCH"/{cache,disk,sources,package,tree}
	mkdir "$SCRATCH/disk"
	make_headers "$KVER" 6.1.192-2
	make_package 6.1.192-2
}

set_up_test() {
	set_up
}

# after COMMANDS CHECK...: a test of one check, with this done before
after() {
	eval "$1"
	"${@:2}"
}

source_check() { "$tree/tools/dkms/source" check "$KVER" "$KDIR"; }
source_extract() { "$tree/tools/dkms/source" extract "$KVER" "$KDIR" "$TARGET"; }
prepare() { "$tree/tools/dkms/prepare" "$KVER" "$KDIR" "$TARGET"; }

# one_line STATUS PATTERN COMMAND...: it says one line, with PATTERN in it
one_line() {
	exits "$1" "${@:3}"
	[[ $(cat "$SCRATCH"/{out,err} | wc -l) -eq 1 ]]
	grep -qE "^btrfs_twostage: .*$2" "$SCRATCH"/{out,err}
}

nothing_is_left() {
	ls -lA "$SCRATCH/disk"
	[[ -z $(ls -A "$SCRATCH/disk") ]]
}

# refuses PATTERN: check and extract both say it, and leave nothing behind
refuses() {
	one_line 1 "$1" source_check
	one_line 1 "$1" source_extract
	nothing_is_left
}

succeeds_silently() {
	exits 0 "$1"
	[[ ! -s $SCRATCH/out && ! -s $SCRATCH/err ]]
}

holds_the_source() {
	grep -q . "$TARGET/Makefile"
	grep -q btrfs_setup_space_cache "$TARGET/fs/btrfs/block-group.c"
	grep -q TRACE_SYSTEM "$TARGET/include/trace/events/btrfs.h"
	[[ $(ls -A "$SCRATCH/disk") == target ]]
	[[ $(< "$TARGET/version") == "$1" ]]
}

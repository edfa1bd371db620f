# shellcheck shell=bash
#
# A made-up system for tests/unit/install*: kernels with headers and a source, a dpkg that
# knows what a file says, and a dkms as far as our scripts know it: the layout of its tree,
# and what it refuses. Sourced after source-fixture.sh.
# shellcheck disable=SC2034,SC2154 # for and from those who source this

PROJECT=$SCRATCH/project
VERSION=$("$tree/tools/dkms/version")
# Two more kernels: of the same series, and of one that has no source.
OTHER=6.1.0-57-amd64
FOREIGN=6.12.90-amd64
export SYSTEM=$SCRATCH/system TWOSTAGE_SYSTEM=$SCRATCH/system

# As dkms 3.0: without a source, `remove` does nothing, and exits with 0.
cat > "$SCRATCH/bin/dkms" <<END
#!/bin/bash
set -euo pipefail
die() { echo "dkms: \$*" >&2; exit 10; }
read -r action module _ kver force <<< "\$*"
tree=$SYSTEM/var/lib/dkms/btrfs-twostage
version=\${module#*/} ours=\$tree/\${module#*/}
[[ \$action == add || -e \$ours/source/dkms.conf ]] || { [[ \$action == remove ]]; exit; }
built=\$ours/\$kver/x86_64
file=$SYSTEM/lib/modules/\$kver/updates/dkms/btrfs_twostage.ko
case \$action in
add)
	[[ ! -L \$ours/source ]] || die already there
	[[ -e $SYSTEM/usr/src/btrfs-twostage-\$version/dkms.conf ]] || die no source
	mkdir -p "\$ours/build"
	ln -s "$SYSTEM/usr/src/btrfs-twostage-\$version" "\$ours/source" ;;
build)
	[[ ! -d \$built ]] || die already built
	[[ ! -e $SCRATCH/fail ]] || die cannot compile
	mkdir -p "\$built"/{log,module}
	echo "btrfs_twostage: the module has no BTF" > "\$built/log/make.log"
	cp "\$ours/source/src/text" "\$built/module/btrfs_twostage.ko" ;;
install)
	[[ -d \$built ]] || die not built
	if [[ -e \$file && \$force != --force ]]; then echo skip; exit; fi
	mkdir -p "\${file%/*}"
	cp "\$built/module/btrfs_twostage.ko" "\$file"
	ln -sfn "\$version/\$kver/x86_64" "\$tree/kernel-\$kver-x86_64" ;;
remove)
	rm -rf "\$tree" $SYSTEM/lib/modules/*/updates ;;
esac
END
cat > "$SCRATCH/bin/dpkg-query" <<END
#!/bin/bash
if [[ \${!#} == btrfs-twostage-dkms ]]; then
	cat "$SCRATCH/packaged" 2> /dev/null
else
	sed 's/^/installed /' "$SCRATCH/package" 2> /dev/null
fi
END
# The hook asks what a module was built from, and whether it is signed.
# shellcheck disable=SC2016 # expanded there
printf '%s\n' '#!/bin/sh' '[ "$2" = sig_id ] && cat "${0%/*}/../signature" || echo 6.1.192-2' \
	> "$SCRATCH/bin/modinfo"
printf '#!/bin/sh\nexit 0\n' > "$SCRATCH/bin/depmod"
chmod +x "$SCRATCH"/bin/*
cp "$SCRATCH/bin/dkms" "$SCRATCH/dkms"

# has_kernel KVER PACKAGE-VERSION
has_kernel() {
	local KDIR=$SYSTEM/lib/modules/$1/build

	mkdir -p "$SYSTEM/lib/modules/$1/kernel"
	touch "$SYSTEM/lib/modules/$1/modules.dep"
	make_headers "$1" "$2"
}

set_up_test() {
	set_up
	rm -rf "$SYSTEM" "$PROJECT" "$SCRATCH"/{packaged,fail}
	mkdir -p "$SYSTEM"/{usr/{src,lib},var/{lib/dkms,log},etc/kernel/{postinst,header_postinst}.d} \
		"$PROJECT"
	has_kernel "$KVER" 6.1.192-2
	cp "$SCRATCH/dkms" "$SCRATCH/bin/dkms"
	echo PKCS#7 > "$SCRATCH/signature"
	"$tree/tools/dkms/files" "$PROJECT"
	cp "$tree/COPYING" "$PROJECT"
	touch "$PROJECT/src/gone.c"
	echo one > "$PROJECT/src/text"
	list > "$SCRATCH/before"
}

list() {
	find "$SYSTEM" | sort
}

make_it() {
	make -s -C "$PROJECT" "$1" KVER="$KVER" KDIR="$SYSTEM/lib/modules/$KVER/build"
}

made() {
	exits 0 make_it "$1"
}

# module_is TEXT [KVER]
module_is() {
	[[ $(< "$SYSTEM/lib/modules/${2:-$KVER}/updates/dkms/btrfs_twostage.ko") == "$1" ]]
}

nothing_left() {
	[[ -z $(find "$SYSTEM" -iname '*twostage*') && ! -e $TWOSTAGE_CACHE ]]
}

uninstalled() {
	exits 0 make_it uninstall
	[[ ! -s $SCRATCH/out && ! -s $SCRATCH/err ]]
	nothing_left
	# No empty folder either.
	fails grep -v "/$OTHER\|/$FOREIGN" <(list | comm -13 "$SCRATCH/before" -)
}

# without_program NAME: folders of this system, as in PATH, in which it is not
without_program() {
	mkdir -p "$SCRATCH/commands"
	cp -s /usr/bin/* /usr/sbin/* "$SCRATCH/commands" 2> /dev/null || true
	rm -f "$SCRATCH/commands/$1"
	echo "$SCRATCH/commands"
}

# maintainer SCRIPT ARGUMENT...: as debian/rules makes it
maintainer() {
	sed -e "/^#REMOVAL#\$/{r $tree/tools/dkms/removal.sh" -e 'd}' \
		"$tree/debian/btrfs-twostage-dkms.$1" > "$SCRATCH/$1"
	bash "$SCRATCH/$1" "${@:2}"
}

# The files of the package, whose source is another.
unpack_package() {
	make -s -C "$PROJECT" install-source DESTDIR="$SYSTEM" > /dev/null
	echo packaged > "$SYSTEM/usr/src/btrfs-twostage-$VERSION/src/text"
}

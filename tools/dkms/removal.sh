# shellcheck shell=bash
#
# Takes out what was installed, whatever is left of it. Sourced by the scripts here;
# debian/rules puts it into the package's, which run where no file of ours may be left.
# So it needs nothing but what is in it.
#
# DKMS cannot do this alone. Without our source, its `remove` does nothing (and exits
# with 0 in 3.0). Until our folder in its tree is gone, `dkms status` and autoinstall of
# 3.0 then stop at our module, and leave out the modules of others.

# In tests, a folder that stands in for /.
SYSTEM=${TWOSTAGE_SYSTEM:-}
DKMS_FOLDER=$SYSTEM/var/lib/dkms/btrfs-twostage

# kernels_with_module: those that have one, whether DKMS knows it or not
kernels_with_module() {
	compgen -G "$SYSTEM/lib/modules/*/updates/dkms/btrfs_twostage.ko*" |
		sed -E 's,.*/lib/modules/([^/]*)/.*,\1,' | sort -u
}

remove_module_from() {
	rm -f "$SYSTEM/lib/modules/$1/updates/dkms/"btrfs_twostage.ko*
	(cd "$SYSTEM/lib/modules" && rmdir -p --ignore-fail-on-non-empty "$1/updates/dkms") || true
	# A kernel that is gone has none.
	[[ ! -e $SYSTEM/lib/modules/$1/modules.dep ]] ||
		depmod ${SYSTEM:+-b "$SYSTEM"} "$1" > /dev/null 2>&1 ||
		echo "btrfs_twostage: depmod has failed for kernel $1" >&2
}

# DKMS forgets what it has built; the modules stay where they are.
forget_builds() {
	rm -rf "$DKMS_FOLDER"
}

# All modules, what DKMS knows of them, and the kept extracts.
remove_modules() {
	local source kver

	for source in "$DKMS_FOLDER"/*/source; do
		[[ ! -r $source/dkms.conf ]] ||
			dkms remove "btrfs-twostage/$(basename "${source%/source}")" --all \
				> /dev/null 2>&1 || true
	done
	forget_builds
	for kver in $(kernels_with_module); do
		remove_module_from "$kver"
	done
	rm -rf "${TWOSTAGE_CACHE:-$SYSTEM/var/cache/btrfs-twostage}"
}

# What DKMS builds from. A tree that somebody has put there has tests, too.
remove_sources() {
	local folder

	for folder in "$SYSTEM"/usr/src/btrfs-twostage-[0-9]*; do
		[[ -e $folder/tests || -e $folder/.git ]] || rm -rf "$folder"
	done
	rm -f "$SYSTEM/usr/lib/btrfs-twostage/kernel-hook"
	rmdir "$SYSTEM/usr/lib/btrfs-twostage" 2> /dev/null || true
}

# remove_hooks all|links: those of make install; only links where the files are dpkg's
remove_hooks() {
	local folder hook

	for folder in postinst.d header_postinst.d; do
		hook=$SYSTEM/etc/kernel/$folder/btrfs-twostage
		[[ $1 == links && ! -L $hook ]] || rm -f "$hook"
	done
}

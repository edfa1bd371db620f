# shellcheck shell=bash
#
# Checks of what ours and stock btrfs have mounted. Sourced by doctor; the rules are
# there. What keeps a filesystem from writing caches, `twostage status` says, too
# (advice.c).

# Sets MOUNTS, a line for each; below another root those that its init sees.
read_mounts() {
	if [[ -n $ROOT ]] && look cat /proc/1/mounts; then
		MOUNTS=$TEXT
	else
		need MOUNTS /proc/mounts
	fi
}

# Sets PLACE to where the filesystem of FOLDER in sysfs is mounted first, else to its
# UUID; and OPTIONS. /proc/mounts has a space as \040, and so on.
find_place() {
	local device where type options number name

	PLACE=${FOLDER##*/} OPTIONS=
	while read -r device where type options _; do
		[[ $type == btrfs && $device == /* ]] || continue
		number=$(stat -c %Hr:%Lr "$(below "$device")" 2> /dev/null) || number=unknown
		for name in "$(below "$FOLDER/devices")"/*; do
			if [[ ${name##*/} == "${device##*/}" ||
			      $number == "$(cat "$name/dev" 2> /dev/null)" ]]; then
				# A bind mount alone may be read-only.
				[[ ,$options, == *,ro,* ]] || OPTIONS=${OPTIONS/,ro,/,rw,}
				[[ -z $OPTIONS ]] || continue 2
				printf -v PLACE %b "${where//\\/\\0}"
				OPTIONS=,$options,
				continue 2
			fi
		done
	done <<< "$MOUNTS"
}

# hinders REMEDY FINDING: the first is told
hinders() {
	HINDRANCE=${HINDRANCE:-"$PLACE $2"} REMEDY=${REMEDY:-$1}
}

# Kernels that deprecate the v1 cache go on with one, but do not begin.
look_at_nospace_cache() {
	local finding="is mounted with nospace_cache, and has no caches to write"

	if [[ -n $MODULE ]] && module_has 'falling back to no space cache'; then
		hinders 'this kernel cannot turn them on again: make a filesystem without a free space tree, as README does' \
			"$finding"
	else
		hinders "sudo mount -o remount,space_cache=v1 $(printf %q "$PLACE")" "$finding"
	fi
}

# Sets SECTOR to the size of those below loop device NAME, 0 where nothing says it.
find_sector_below() {
	local file number queue

	SECTOR=0
	look cat "$FOLDER/devices/$1/loop/backing_file" || return 0
	file=$(below "$TEXT")
	# Of a block device itself; else of the disk with the file, or its partition.
	for number in $(stat -c '%Hr:%Lr %Hd:%Ld' "$file" 2> /dev/null); do
		for queue in queue ../queue; do
			! look cat "/sys/dev/block/$number/$queue/logical_block_size" || {
				SECTOR=$TEXT
				return
			}
		done
	done
}

# Direct I/O needs sectors that are no smaller than those below.
look_at_loop_device() {
	local finding="is on $1, which is buffered: its writes end in memory"

	look cat "$FOLDER/devices/$1/loop/dio" && [[ $TEXT == 0 ]] || return 0
	find_sector_below "$1"
	if look cat "$FOLDER/devices/$1/queue/logical_block_size" && ((TEXT < SECTOR)); then
		hinders "unmount it, and attach it with losetup --sector-size=$SECTOR --direct-io=on" \
			"$finding, and its sectors are too small for direct I/O"
	else
		hinders "sudo losetup --direct-io=on /dev/$1" "$finding"
	fi
}

# Sets HINDRANCE and REMEDY to what keeps FOLDER from writing caches, if anything does.
look_for_hindrance() {
	local device sectors=0

	case $OPTIONS in
	*,ro,*)
		hinders "if it was not mounted so, look for an error of btrfs in the kernel's log" \
			"is read-only, and writes no caches" ;;
	*,space_cache=v2,*)
		hinders 'for a test of caches, make a filesystem without a free space tree, as README does' \
			"has a free space tree (v2), and no caches to write" ;;
	,*,space_cache*) ;;
	,*) look_at_nospace_cache ;;
	esac
	for device in "$(below "$FOLDER/devices")"/*; do
		look_at_loop_device "${device##*/}"
		sectors=$((sectors + $(cat "$device/size" 2> /dev/null || echo 0)))
	done
	((!sectors || sectors / 2048 >= 1000)) || hinders "use a device of at least 1 GiB" \
		"has $((sectors / 2048)) MiB: block groups are below 100 MiB, and have no cache"
}

# Sets MOUNTED to what the module, ours or stock, has mounted, and how ours write. Only
# ours have a policy; when it took over they are where those of stock btrfs are.
find_mounted() {
	local module policy window writing

	read_mounts
	MOUNTED='' HINDRANCE='' REMEDY=''
	for FOLDER in "$(below /sys/fs/btrfs_twostage)"/* "$(below /sys/fs/btrfs)"/*; do
		# Beside filesystems there are `features` and others.
		[[ ${FOLDER##*/} =~ ^.{36}$ ]] || continue
		FOLDER=${FOLDER#"$ROOT"}
		module=stock writing=
		if look cat "$FOLDER/writeout/policy"; then
			module=ours policy=$TEXT
			need window "$FOLDER/writeout/window"
			writing=" $(describe "$policy" "$window")"
		fi
		[[ $module == "$1" ]] || continue
		find_place
		MOUNTED+="${MOUNTED:+; }$PLACE$writing"
		look_for_hindrance
	done
}

check_stock_btrfs() {
	local present='' registered=''

	# A kernel without modules can have it built in.
	look cat /proc/modules && grep -q '^btrfs ' <<< "$TEXT" && present=1
	need TEXT /proc/filesystems
	grep -qx $'\tbtrfs' <<< "$TEXT" && registered=1
	[[ -n $present || ( -n $registered && -z $TAKEOVER ) ]] ||
		found ok "not loaded${registered:+; ours has its name (takeover=1)}"
	find_mounted stock
	found ok "loaded${MOUNTED:+, has mounted $MOUNTED}; ours can run beside it, but not take over"
}

check_filesystems() {
	[[ -n $IS_LOADED ]] || found n/a "not applicable: the module is not loaded"
	find_mounted ours
	[[ -z $HINDRANCE ]] || found warning "$MOUNTED; $HINDRANCE" "$REMEDY"
	found ok "${MOUNTED:-none mounted by the module}"
}

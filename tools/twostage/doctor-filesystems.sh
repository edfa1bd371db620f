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

# Sets HINDRANCE and REMEDY to what keeps FOLDER from writing caches, if anything does.
look_for_hindrance() {
	local device name sectors=0

	case $OPTIONS in
	*,ro,*)
		hinders "if it was not mounted so, look for an error of btrfs in the kernel's log" \
			"is read-only, and writes no caches" ;;
	*,space_cache=v2,*)
		hinders 'for a test of caches, make a filesystem without a free space tree, as README does' \
			"has a free space tree (v2), and no caches to write" ;;
	,*,space_cache*) ;;
	,*)
		hinders "sudo mount -o remount,space_cache=v1 $(printf %q "$PLACE")" \
			"is mounted with nospace_cache, and has no caches to write" ;;
	esac
	for device in "$(below "$FOLDER/devices")"/*; do
		name=${device##*/}
		[[ $(cat "$device/loop/dio" 2> /dev/null) != 0 ]] ||
			hinders "sudo losetup --direct-io=on /dev/$name" \
				"is on $name, which is buffered: its writes end in memory"
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

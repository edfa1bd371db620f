# shellcheck shell=bash
#
# Checks of the running kernel: what is loaded and mounted. Sourced by doctor; the rules
# are there.

LOADED=/sys/module/btrfs_twostage

# parameter NAME: of the loaded module
parameter() {
	cat "$(below "$LOADED/parameters/$1")" 2> /dev/null
}

# Sets IS_LOADED; TAKEOVER where the module has the name of stock btrfs; and RELOAD, a
# remedy once nothing is mounted.
gather_running() {
	IS_LOADED='' TAKEOVER=''
	[[ -z $RUNNING || ! -e $(below "$LOADED") ]] || IS_LOADED=1
	[[ -z $IS_LOADED || $(parameter takeover) != Y ]] || TAKEOVER=1
	RELOAD="sudo rmmod btrfs_twostage && sudo modprobe btrfs_twostage${TAKEOVER:+ takeover=1}"
}

# describe POLICY WINDOW: -1 is the window that the policy stands for
describe() {
	case $1:$2 in
	stock:*|*:-1) echo "$1" ;;
	*:0) echo "$1, window none" ;;
	*) echo "$1, window $2" ;;
	esac
}

# place_of FOLDER: where the filesystem of that folder in sysfs is mounted first, else
# its UUID. /proc/mounts has a space as \040, and so on.
place_of() {
	local device where type number name

	while read -r device where type _; do
		[[ $type == btrfs && $device == /* ]] || continue
		number=$(stat -c %Hr:%Lr "$(below "$device")" 2> /dev/null) || number=unknown
		for name in "$(below "$1/devices")"/*; do
			if [[ ${name##*/} == "${device##*/}" ||
			      $number == "$(cat "$name/dev" 2> /dev/null)" ]]; then
				printf '%b\n' "${where//\\/\\0}"
				return
			fi
		done
	done <<< "$MOUNTS"
	printf '%s\n' "${1##*/}"
}

# Sets MOUNTED to what the module, ours or stock, has mounted, and how ours write. Only
# ours have a policy; when it took over they are where those of stock btrfs are.
find_mounted() {
	local folder module policy window writing

	need MOUNTS /proc/mounts
	MOUNTED=
	for folder in "$(below /sys/fs/btrfs_twostage)"/* "$(below /sys/fs/btrfs)"/*; do
		# Beside filesystems there are `features` and others.
		[[ ${folder##*/} =~ ^.{36}$ ]] || continue
		folder=${folder#"$ROOT"}
		module=stock writing=
		if look cat "$folder/writeout/policy"; then
			module=ours policy=$TEXT
			need window "$folder/writeout/window"
			writing=" $(describe "$policy" "$window")"
		fi
		[[ $module != "$1" ]] || MOUNTED+="${MOUNTED:+; }$(place_of "$folder")$writing"
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

check_loaded() {
	local version srcversion policy window installed

	if ! look stat "$LOADED"; then
		look stat /proc/modules || found problem "this kernel cannot load modules" \
			"use one of the distribution's kernels"
		[[ -n $MODULE ]] ||
			found problem "not loaded, and not installed" "install it first, as said above"
		found warning "not loaded; mount -t btrfs_twostage loads it, too" \
			"sudo modprobe btrfs_twostage"
	fi
	need version "$LOADED/version"
	need srcversion "$LOADED/srcversion"
	version="$version ($srcversion)"
	installed="${INFO[version]:-} (${INFO[srcversion]:-})"
	[[ ! -v INFO[vermagic] || $version == "$installed" ]] ||
		found warning \
			"loaded is $version, and installed $installed; first unmount its filesystems" \
			"$RELOAD"
	need policy "$LOADED/parameters/policy"
	need window "$LOADED/parameters/window"
	version=${version% *}${TAKEOVER:+ as btrfs}
	found ok "$version, new mounts begin as $(describe "$policy" "$window")"
}

check_filesystems() {
	[[ -n $IS_LOADED ]] || found n/a "not applicable: the module is not loaded"
	find_mounted ours
	found ok "${MOUNTED:-none mounted by the module}"
}

# shellcheck shell=bash
#
# Checks of the running kernel: what is loaded. Sourced by doctor; the rules are there.

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

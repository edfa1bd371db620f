# shellcheck shell=bash
#
# Checks of what DKMS has built and installed. Sourced by doctor; the rules are there.

DKMS=/var/lib/dkms/btrfs-twostage

# Sets DKMS_VERSION, the last of ours that DKMS knows; MODULE, the installed file; and
# INFO, its fields.
gather_module() {
	local file name value

	DKMS_VERSION='' MODULE=''
	declare -gA INFO=()
	for file in "$(below "$DKMS")"/*; do
		# Beside versions there are links to what is installed.
		[[ ! -e $(below "$DKMS/${file##*/}/source") ]] || DKMS_VERSION=${file##*/}
	done
	for file in "$(below "/lib/modules/$KERNEL/updates/dkms")"/btrfs_twostage.ko*; do
		[[ ! -e $file && ! -L $file ]] ||
			MODULE=/lib/modules/$KERNEL/updates/dkms/${file##*/}
	done
	[[ -n $MODULE ]] || return 0
	while IFS=': ' read -r name value; do
		INFO[$name]=$value
	done < <(modinfo "$(below "$MODULE")" 2> /dev/null | grep '^[a-z_]*:')
}

# module_has [-x] TEXT: whether the file that is installed has it in a string, or as one,
# as the names of its sections are
module_has() {
	local unpack=cat

	case $MODULE in
	*.xz) unpack='xz -dc' ;;
	*.zst) unpack='zstd -dc' ;;
	*.gz) unpack='gzip -dc' ;;
	esac
	[[ $($unpack < "$(below "$MODULE")" | grep -czaF "$@") -gt 0 ]]
}

# Sets remedies: INSTALL, with HINT for the finding, where DKMS does not know the module,
# and REBUILD. Without --force, DKMS passes over what it has built or installed. `make
# install` leaves the package's files to dpkg.
gather_remedies() {
	local clone conf module="btrfs-twostage/$DKMS_VERSION -k $KERNEL"

	clone=$(realpath "$SCRIPTS/../..")
	HINT=' in a clone of the project'
	INSTALL='sudo make install'
	if [[ -e $(below "$clone/dkms.conf") ]]; then
		HINT=''
		INSTALL="sudo make -C $(printf %q "$clone") install"
	fi
	[[ -n $RUNNING ]] || INSTALL+=" KVER=$KERNEL"
	# It refuses beside what the package has left, too.
	[[ -z $(package_status) ]] || INSTALL="sudo apt purge btrfs-twostage-dkms && $INSTALL"
	if installed_version btrfs-twostage-dkms > /dev/null; then
		for conf in "$(below /usr/src)"/btrfs-twostage-*/dkms.conf; do
			[[ -e $conf ]] || continue
			HINT=''
			conf=${conf%/dkms.conf}
			conf=btrfs-twostage/${conf##*/btrfs-twostage-}
			INSTALL="sudo dkms add $conf && sudo dkms install --force $conf -k $KERNEL"
		done
	fi
	REBUILD="sudo dkms build --force $module && sudo dkms install --force $module"
	[[ -n $DKMS_VERSION ]] || REBUILD=$INSTALL
}

check_dkms() {
	program dkms > /dev/null || found problem "dkms is not installed" "sudo apt install dkms"
	look ls -H "$DKMS" || true
	[[ -n $DKMS_VERSION ]] ||
		found problem "installed, but does not know btrfs-twostage${HINT:+: run this$HINT}" \
			"$INSTALL"
	found ok "knows btrfs-twostage $DKMS_VERSION"
}

not_installed() {
	local log=$DKMS/$DKMS_VERSION/build/make.log remedy

	[[ -n $DKMS_VERSION ]] ||
		found problem "not installed for kernel $KERNEL${HINT:+: run this$HINT}" "$INSTALL"
	remedy=${REBUILD#*&& }
	# DKMS clears that folder when a build has succeeded.
	! look stat "$log" || found problem \
		"not installed for kernel $KERNEL: first mend what failed at the end of $log" "$remedy"
	found problem "known to DKMS, but not installed for kernel $KERNEL" "$remedy"
}

check_module() {
	local state='not signed'

	look ls -H "/lib/modules/$KERNEL/updates/dkms" || true
	[[ -n $MODULE ]] || not_installed
	look head -c 0 "$MODULE" || true
	command -v modinfo > /dev/null ||
		found unknown "$MODULE cannot be looked into without modinfo" "sudo apt install kmod"
	[[ -v INFO[vermagic] ]] || found problem "$MODULE is no kernel module" "$REBUILD"
	[[ ${INFO[vermagic]%% *} == "$KERNEL" ]] || found problem \
		"installed, but built for kernel ${INFO[vermagic]%% *}" "$REBUILD"
	[[ ! -v INFO[sig_id] ]] || state=signed
	found ok "${INFO[version]:-} installed, built from ${INFO[distribution_source]:-}, $state"
}

check_functions() {
	local consequence="only the policy stock may be used"

	[[ -n $MODULE ]] || found n/a "not applicable: no module was built"
	[[ -v INFO[vermagic] ]] || found n/a "not applicable: no module that can be read"
	[[ -v INFO[unread_functions] ]] || found unknown \
		"the module does not say whether all functions that it relies on were read" "$REBUILD"
	[[ -n ${INFO[unread_functions]} ]] ||
		found ok "all that the module relies on have been read: every policy may be used"
	[[ -z $IS_LOADED || $(parameter force) != Y ]] ||
		consequence="used with force=1"
	found warning "$consequence: nobody has read ${INFO[unread_functions]}" \
		"install a newer btrfs-twostage, or a kernel and its source that it knows"
}

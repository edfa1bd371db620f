# shellcheck shell=bash
#
# Checks of Secure Boot and lockdown: whether the kernel takes the module. Sourced by
# doctor; the rules are there. The remedy is always to sign the module and enrol the
# key, never to switch off what protects the machine.

EFIVARS=/sys/firmware/efi/efivars
ENROL_OURS="sudo mokutil --import /var/lib/dkms/mok.pub, reboot, and confirm"
SECURE_BOOT=$EFIVARS/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c

# Sets CERTIFICATE to what DKMS signs with; false where it is not there. Ubuntu has one
# for all that is signed.
find_certificate() {
	local setting

	CERTIFICATE=
	if look cat /etc/dkms/framework.conf; then
		setting=$(sed -nE 's/^[ \t]*mok_certificate=["'\'']*([^"'\'' \t]*).*/\1/p' <<< "$TEXT")
		CERTIFICATE=${setting##*$'\n'}
	fi
	if [[ $CERTIFICATE == /* ]]; then
		look stat "$CERTIFICATE"
		return
	fi
	for CERTIFICATE in /var/lib/shim-signed/mok/MOK.der /var/lib/dkms/mok.pub; do
		! look stat "$CERTIFICATE" || return 0
	done
	return 1
}

# Sets ENABLED to 1 or 0; unknown where the firmware's variables are not to be seen. No
# such variable among others means that there is no Secure Boot.
read_secure_boot() {
	ENABLED=0
	if look od -An -v -tu1 "$SECURE_BOOT"; then
		# Four bytes of attributes come before the state.
		[[ $TEXT =~ ^(\ +[0-9]+){4}\ +([0-9]+)$ ]] ||
			cannot_read "$SECURE_BOOT" "not a state of Secure Boot"
		[[ ${BASH_REMATCH[2]} != 1 ]] || ENABLED=1
	elif ! look ls -H "$EFIVARS" || [[ -z $TEXT ]]; then
		found unknown "$EFIVARS holds no variables" \
			"sudo mount -t efivarfs efivarfs $EFIVARS"
	fi
}

check_secure_boot() {
	local mokutil answer

	look stat /sys/kernel || found n/a "not applicable: nothing is mounted at /sys"
	look stat /sys/firmware/efi || found ok "off: this machine was not started by UEFI"
	read_secure_boot
	((ENABLED)) || found ok off
	find_certificate || found problem "on, and DKMS has no key to sign with yet" \
		"sudo apt install openssl mokutil, $REBUILD, and ask again: the build makes a key"
	mokutil=$(program mokutil) ||
		found unknown "on; whether $CERTIFICATE is enrolled is not known without mokutil" \
			"sudo apt install mokutil, and ask again"
	answer=$(run "$mokutil" --test-key "$(below "$CERTIFICATE")")
	case $answer in
	*'is not enrolled'*)
		found problem "on, $CERTIFICATE is not enrolled" \
			"sudo mokutil --import $CERTIFICATE, reboot, choose \"Enroll MOK\" and confirm" ;;
	*'enrollment request'*)
		found problem "on, $CERTIFICATE waits to be enrolled" \
			'reboot, choose "Enroll MOK" and confirm with the password that you gave' ;;
	*'is blocked'*)
		found problem "on, the firmware blocks $CERTIFICATE" \
			"let DKMS make another key: move /var/lib/dkms/mok.* away and build again" ;;
	*'is already'*)
		[[ -n $MODULE ]] || found ok "on, $CERTIFICATE is enrolled: what DKMS builds will load"
		[[ -v INFO[sig_id] ]] ||
			found problem "on, $CERTIFICATE is enrolled, but the module is not signed" "$REBUILD"
		found ok "on, $CERTIFICATE is enrolled and the module is signed" ;;
	esac
	found unknown "on; mokutil does not say whether $CERTIFICATE is enrolled" \
		"see what sudo mokutil --test-key $CERTIFICATE says"
}

# What makes the kernel demand signatures: a mode of lockdown, or a parameter
check_lockdown() {
	local mode='' ours=''

	if look cat /sys/kernel/security/lockdown; then
		[[ $TEXT =~ \[(.*)\] ]] ||
			cannot_read /sys/kernel/security/lockdown "no mode is marked"
		mode=${BASH_REMATCH[1]}
	fi
	if [[ ${mode:-none} == none ]] &&
	   look cat /sys/module/module/parameters/sig_enforce && [[ $TEXT == Y* ]]; then
		mode=module.sig_enforce=1
	fi
	if [[ -z $mode ]]; then
		! look ls -H /sys/kernel/security || [[ -z $TEXT ]] ||
			found ok "none: this kernel has no lockdown"
		found unknown "nothing is mounted at /sys/kernel/security" \
			"sudo mount -t securityfs securityfs /sys/kernel/security"
	fi
	[[ $mode != none ]] || found ok none
	if [[ -n $IS_LOADED ]]; then
		ours=', and ours is loaded'
	elif [[ -v INFO[sig_id] ]]; then
		ours=', and ours is'
	elif [[ -n $MODULE ]]; then
		found problem "$mode: modules must be signed, and ours is not" \
			"sign it: build it again with openssl installed, and enrol the key: $ENROL_OURS"
	fi
	[[ $mode != confidentiality ]] ||
		found warning "confidentiality: bpftrace cannot read the kernel's memory" \
			"read the counters below /sys/fs/btrfs_twostage/<fsid>/writeout/ instead"
	found ok "$mode: modules must be signed$ours"
}

# shellcheck shell=bash
#
# Checks of Secure Boot and lockdown: whether the kernel takes the module, and what else
# of ours it refuses. Sourced by doctor; the rules are there. The remedy is always to
# sign the module and enrol the key, never to switch off what protects the machine.

EFIVARS=/sys/firmware/efi/efivars
SECURE_BOOT=$EFIVARS/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c
ENROL='import it, reboot and choose "Enroll MOK"'

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

# ask_mokutil: what it says of DKMS' key; fails where it is not installed
ask_mokutil() {
	local mokutil

	mokutil=$(program mokutil) && run "$mokutil" --test-key "$(below "$CERTIFICATE")"
}

# judge_key ANSWER: by what mokutil says of DKMS' key
judge_key() {
	local aside and=${WRONG:+, and $WRONG}

	case $1 in
	*'is not enrolled'*)
		[[ $SIGNER != enrolled ]] || found warning "on, the module's key is enrolled, but not \
$CERTIFICATE, by which the next will be signed; $ENROL" "$IMPORT"
		found problem "on, $CERTIFICATE is not enrolled$and; $ENROL" \
			"${WRONG:+$SIGN && }$IMPORT" ;;
	*'enrollment request'*)
		[[ -z $WRONG ]] || found problem "on, $CERTIFICATE waits to be enrolled$and" "$SIGN"
		found problem "on, $CERTIFICATE waits to be enrolled" \
			'reboot, choose "Enroll MOK" and confirm with the password that you gave' ;;
	*'is blocked'*)
		[[ $SIGNING_KEY != pkcs11:* ]] || found problem "on, the firmware blocks $CERTIFICATE" \
			"name another key in $FRAMEWORK, and build the module again"
		printf -v aside 'sudo mv %q{,.blocked} && ' "$SIGNING_KEY" "$CERTIFICATE"
		found problem "on, the firmware blocks $CERTIFICATE: a build makes another; $ENROL" \
			"$aside$NEW_KEY && $IMPORT" ;;
	*'is already'*)
		[[ -z $WRONG ]] || found problem "on, $CERTIFICATE is enrolled, but $WRONG" "$SIGN"
		case $SIGNER in
		none) found ok "on, $CERTIFICATE is enrolled: what DKMS builds will load" ;;
		dkms) found ok "on, $CERTIFICATE is enrolled, and has signed the module" ;;
		*) found ok "on, $CERTIFICATE is enrolled, and so is the module's own key" ;;
		esac ;;
	esac
	[[ $SIGNER != nobody ]] || found problem "on, and $WRONG" "$SIGN"
}

check_secure_boot() {
	local answer

	look stat /sys/kernel || found n/a "not applicable: nothing is mounted at /sys"
	look stat /sys/firmware/efi || found ok "off: this machine was not started by UEFI"
	read_secure_boot
	((ENABLED)) || found ok off
	find_key
	if [[ -z $HAS_KEY ]]; then
		need_signing "on, and DKMS has no key to sign with"
		found problem "on, and DKMS has no key to sign with: a build makes one; $ENROL" \
			"$SIGN && $IMPORT"
	fi
	find_signer
	judge_module
	if answer=$(ask_mokutil); then
		judge_key "$answer"
		found unknown "on; mokutil does not say whether $CERTIFICATE is enrolled" \
			"sudo mokutil --test-key $(printf %q "$CERTIFICATE")"
	fi
	judge_key ''
	found unknown "on; whether $CERTIFICATE is enrolled is not known without mokutil" \
		"sudo apt install mokutil"
}

# Ends the check of a module that is not signed, in MODE.
need_signature() {
	local finding="$1: modules must be signed, and ours is not"

	# Only firmware keeps keys beside the kernel's own.
	look stat /sys/firmware/efi ||
		found problem "$finding, and without UEFI no key can be enrolled" "boot by UEFI"
	find_key
	need_signing "$finding"
	case $(ask_mokutil) in
	# Enrolled, or about to be.
	*'is already'*) found problem "$finding" "$SIGN" ;;
	*'is blocked'*) found problem "$finding" "first mend what secure-boot says of the key" ;;
	esac
	found problem "$finding; $ENROL" "$SIGN && $IMPORT"
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
		need_signature "$mode"
	fi
	# It refuses tracefs, kprobes and bpf_probe_read_kernel.
	[[ $mode != confidentiality ]] || found warning \
		"confidentiality: twostage record and bpftrace cannot trace" \
		"read the counters, by twostage status and watch"
	found ok "$mode: modules must be signed$ours; all else works"
}

# shellcheck shell=bash
#
# What DKMS signs the module with, and who has signed it. Sourced by doctor; the rules
# are there. This follows dkms 3.0.10 and 3.2.2, which agree in all that is asked here
# (read_framework_conf, distro_version, prepare_signing, prepare_mok). Their
# configuration is a script; here it is read, not run.

FRAMEWORK=/etc/dkms/framework.conf

# Sets CONFIGURATION to all that dkms reads, in its order.
read_configuration() {
	local file files=("$FRAMEWORK")

	look ls -H "$FRAMEWORK.d" || true
	for file in "$(below "$FRAMEWORK.d")"/*.conf; do
		files+=("${file#"$ROOT"}")
	done
	CONFIGURATION=
	for file in "${files[@]}"; do
		! look cat "$file" || CONFIGURATION+=$TEXT$'\n'
	done
}

# find_setting NAME: sets SETTING to what the configuration says last. dkms expands
# $kernelver between single quotes, too.
find_setting() {
	local said value

	said=$(sed -nE "s/^[ \t]*(export[ \t]+)?($1=)/\2/p" <<< "$CONFIGURATION" | tail -n 1)
	value=$(sed -E 's/[ \t]+#.*//; s/[ \t\r]+$//' <<< "${said#*=}")
	if [[ $value =~ ^\"([^\"]*)\"$ || $value =~ ^\'([^\']*)\'$ ||
	      $value =~ ^([^\"\'\;\&\|[:space:]]*)$ ]]; then
		SETTING=${BASH_REMATCH[1]}
		# shellcheck disable=SC2016 # dkms expands it
		SETTING=${SETTING//'${kernelver}'/$KERNEL}
		# shellcheck disable=SC2016 # dkms expands it
		SETTING=${SETTING//'$kernelver'/$KERNEL}
		[[ $SETTING == *[\$\`\\~]* ]] || return 0
	fi
	found unknown "only dkms can tell what $said is" "name the file itself in $FRAMEWORK"
}

# Ubuntu, and what names it first among its like
is_ubuntu() {
	{ look cat /etc/os-release || look cat /usr/lib/os-release; } &&
		grep -qE "^(ID=[\"']?ubuntu[\"']?$|ID_LIKE=[\"']?ubuntu)" <<< "$TEXT"
}

# Sets SIGNING_KEY and CERTIFICATE, the files; HAS_KEY; and remedies: SIGN builds a module
# that is signed, NEW_KEY has it made anew, IMPORT asks for the key to be enrolled. DKMS
# makes both files if one is missing.
find_key() {
	local maker=openssl package=openssl

	read_configuration
	find_setting mok_signing_key
	SIGNING_KEY=$SETTING
	find_setting mok_certificate
	CERTIFICATE=$SETTING
	if [[ -z $SIGNING_KEY ]] && is_ubuntu; then
		SIGNING_KEY=/var/lib/shim-signed/mok/MOK.priv
		CERTIFICATE=/var/lib/shim-signed/mok/MOK.der
		maker=update-secureboot-policy package=shim-signed
	fi
	SIGNING_KEY=${SIGNING_KEY:-/var/lib/dkms/mok.key}
	CERTIFICATE=${CERTIFICATE:-/var/lib/dkms/mok.pub}
	HAS_KEY=
	if [[ $SIGNING_KEY == pkcs11:* ]] || look stat "$SIGNING_KEY"; then
		! look stat "$CERTIFICATE" || HAS_KEY=1
	fi
	NEW_KEY=$REBUILD
	program "$maker" > /dev/null || NEW_KEY="sudo apt install $package && $REBUILD"
	SIGN=$REBUILD
	[[ -n $HAS_KEY ]] || SIGN=$NEW_KEY
	IMPORT="sudo mokutil --import $(printf %q "$CERTIFICATE")"
	program mokutil > /dev/null || IMPORT="sudo apt install mokutil && $IMPORT"
}

# need_signing FINDING: ends the check where DKMS signs nothing, however it is built
need_signing() {
	local file package

	[[ -n $HAS_KEY || $SIGNING_KEY != pkcs11:* ]] ||
		found problem "$1: DKMS has the key in a token, but no $CERTIFICATE" \
			"put the certificate there, and build the module again"
	find_setting sign_file
	file=${SETTING:-$BUILD/scripts/sign-file}
	! look stat "$file" || return 0
	[[ -z $SETTING ]] ||
		found problem "$1: $FRAMEWORK sets sign_file to $file, which is not there" \
			"correct it there, and build the module again"
	! program kmodsign > /dev/null || ! is_ubuntu || return 0
	package=$(realpath -m "$(below "$BUILD/scripts")")
	package=${package%/scripts}
	package=${package##*/}
	[[ $package == linux-kbuild-* ]] || package=linux-headers-$KERNEL
	found problem "$1: DKMS has no $file" "$(by_apt "$package") && $SIGN"
}

# Sets SIGNER to none (there is no module), nobody, dkms or other. A signature names its
# key by issuer and serial number, and the latter is modinfo's sig_key, in hex without
# leading zeros. A certificate begins with it, so that it takes no openssl to compare.
find_signer() {
	local length='(82....|81..|[0-7].)' key=${INFO[sig_key]:-} hex serial

	SIGNER=nobody
	[[ -z $MODULE || -v INFO[sig_id] ]] || return 0
	look od -An -v -tx1 "$CERTIFICATE" || true
	hex=${TEXT//[ $'\n']/}
	[[ ${hex^^} =~ ^30${length}30${length}A00302010202(..)(.*) ]] ||
		found unknown "on; $CERTIFICATE is no certificate in DER, as mokutil needs it" \
			"name one in DER by mok_certificate= in $FRAMEWORK"
	serial=${BASH_REMATCH[4]:0:2 * 16#${BASH_REMATCH[3]}}
	[[ $serial != 00?* ]] || serial=${serial#00}
	SIGNER=none
	[[ -n $MODULE ]] || return 0
	# Without libcrypto it says nothing.
	[[ -n $key ]] || found unknown "on; modinfo does not say which key signed the module" \
		"sudo apt install --reinstall kmod"
	key=${key//:/}
	SIGNER=other
	[[ ${key^^} != "$serial" ]] || SIGNER=dkms
}

# is_enrolled SERIAL: whether some key with this serial number is
is_enrolled() {
	local mokutil list keys

	mokutil=$(program mokutil) || return 1
	keys=$(for list in --list-enrolled --db; do
		timeout 20 "$mokutil" "$list" < /dev/null 2> /dev/null || true
	done)
	grep -qiE "^ *$1\$" <<< "$keys"
}

# Sets WRONG to why the module would not load with any key enrolled.
# shellcheck disable=SC2034 # for doctor-boot.sh
judge_module() {
	WRONG=
	case $SIGNER in
	nobody)
		need_signing "on, and the module is not signed"
		WRONG="the module is not signed" ;;
	other)
		WRONG="the module is signed by another key, ${INFO[sig_key]} of ${INFO[signer]:-nobody}"
		! is_enrolled "${INFO[sig_key]}" || SIGNER=enrolled WRONG= ;;
	esac
}

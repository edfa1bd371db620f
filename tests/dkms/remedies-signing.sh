# shellcheck shell=bash
#
# The tests of remedies.test where Secure Boot is on. What it takes of firmware is played
# by tests/dkms/firmware; DKMS, openssl and modinfo are real. Sourced by it.

FIRMWARE=$TWOSTAGE_TREE/tests/dkms/firmware
KEY=/var/lib/dkms/mok
IMPORT="sudo mokutil --import $KEY.pub"
BUILD="sudo dkms build --force $MODULE -k $KERNEL && \
sudo dkms install --force $MODULE -k $KERNEL"

# on_secure_boot: doctor and remedies are run there from now on
on_secure_boot() {
	cp "$FIRMWARE" "$ROOT/root/firmware"
	MACHINE=(in_root /root/firmware "$KERNEL")
}

restart() {
	in_root /root/firmware --restart
}

# mends_by_restart CHECK VERDICT FINDING REMEDY
mends_by_restart() {
	follow "$@"
	restart
	finds "$1" ok ''
}

# An installed system with openssl and that mokutil; it has no key yet.
secure_boot_system() {
	installed_system
	on_secure_boot
	succeeds apt-get install -y --no-install-recommends openssl
	cp "$FIRMWARE" "$ROOT/usr/bin/mokutil"
}

# The same with DKMS' key, which has signed the module, and is enrolled.
signed_system() {
	secure_boot_system
	rebuild
	"${MACHINE[@]}" mokutil --import "$KEY.pub"
	restart
	finds secure-boot ok "is enrolled, and has signed the module"
}

unsign() {
	change_module strip -g
}

# sign_by_another: the module is, and DKMS has its own key again
sign_by_another() {
	rm -rf "$ROOT"/root/{own,another}
	mkdir "$ROOT/root/own"
	mv "$ROOT$KEY".* "$ROOT/root/own"
	rebuild
	mkdir "$ROOT/root/another"
	mv "$ROOT$KEY".* "$ROOT/root/another"
	mv "$ROOT/root/own"/* "$ROOT/var/lib/dkms"
}

forget_keys() {
	rm -f "$ROOT"/root/keys/*/*
}

all_signed() {
	finds secure-boot ok "is enrolled, and has signed the module"
	says lockdown ok "modules must be signed, and ours is"
}

no_key() {
	installed_system
	on_secure_boot
	finds lockdown problem "modules must be signed, and ours is not" \
		"sudo apt install openssl && $BUILD && sudo apt install mokutil && $IMPORT"
	finds secure-boot problem "DKMS has no key to sign with" \
		"sudo apt install openssl && $BUILD && sudo apt install mokutil && $IMPORT"
	# All but the last step can be done without firmware.
	fails "${MACHINE[@]}" bash -c "$(remedy secure-boot)" < <(yes '') > "$LOG" 2>&1
	tail -n 1 "$LOG" | grep -q 'EFI variables are not supported' || give_up 1 "$(cat "$LOG")"
	finds lockdown ok "modules must be signed, and ours is"
	finds secure-boot unknown "mokutil does not say whether" "sudo mokutil --test-key $KEY.pub"
	purge mokutil
	follow secure-boot unknown "is not known without mokutil" "sudo apt install mokutil"
	finds secure-boot unknown "mokutil does not say whether" "sudo mokutil --test-key $KEY.pub"
	cp "$FIRMWARE" "$ROOT/usr/bin/mokutil"
	follow secure-boot problem "is not enrolled" "$IMPORT"
	finds secure-boot problem "waits to be enrolled" "reboot, choose"
	restart
	all_signed
}

first_key() {
	secure_boot_system
	follow lockdown problem "modules must be signed, and ours is not" "$BUILD && $IMPORT"
	restart
	all_signed
}

not_signed() {
	signed_system
	unsign
	mends secure-boot problem "is enrolled, but the module is not signed" "$BUILD"
	unsign
	forget_keys
	follow secure-boot problem "is not enrolled, and the module is not signed" "$BUILD && $IMPORT"
	unsign
	mends_by_restart secure-boot problem "waits to be enrolled, and the module is not signed" \
		"$BUILD"
	unsign
	rm "$ROOT/usr/bin/mokutil"
	follow secure-boot problem "on, and the module is not signed" "$BUILD"
	finds secure-boot unknown "is not known without mokutil" "sudo apt install mokutil"
}

signed_by_another() {
	signed_system
	sign_by_another
	mends secure-boot problem "is enrolled, but the module is signed by another key" "$BUILD"
	sign_by_another
	forget_keys
	mends_by_restart secure-boot problem "is not enrolled, and the module is signed by another" \
		"$BUILD && $IMPORT"
}

other_key_enrolled() {
	signed_system
	sign_by_another
	forget_keys
	cp "$ROOT/root/another/mok.pub" "$ROOT/root/keys/enrolled"
	mends_by_restart secure-boot warning "the module's key is enrolled, but not" "$IMPORT"
}

blocked() {
	signed_system
	forget_keys
	cp "$ROOT$KEY.pub" "$ROOT/root/keys/blocked"
	mends_by_restart secure-boot problem "the firmware blocks" \
		"sudo mv $KEY.key{,.blocked} && sudo mv $KEY.pub{,.blocked} && $BUILD && $IMPORT"
}

no_sign_file() {
	local kbuild

	signed_system
	kbuild=$(in_root dpkg -S '/usr/lib/linux-kbuild-*/scripts/sign-file')
	rm "$ROOT"/usr/lib/linux-kbuild-*/scripts/sign-file
	unsign
	mends secure-boot problem "DKMS has no /lib/modules/$KERNEL/build/scripts/sign-file" \
		"sudo apt install --reinstall ${kbuild%%:*} && $BUILD"
}

# As one that was built without libcrypto.
modinfo_is_silent() {
	signed_system
	rm "$ROOT/usr/sbin/modinfo"
	printf '%s\n' '#!/bin/bash' 'exec -a modinfo /bin/kmod "$@" | grep -v ^sig_key' \
		> "$ROOT/usr/sbin/modinfo"
	chmod 755 "$ROOT/usr/sbin/modinfo"
	mends secure-boot unknown "modinfo does not say which key" \
		"sudo apt install --reinstall kmod"
}

# shellcheck shell=bash
#
# A guest that starts by UEFI Secure Boot: firmware with Microsoft's keys, and the shim,
# GRUB and kernel that Debian signed. Sourced after lib.sh and machine.sh, with FOLDER
# set to the guest's folder in out/vm.
#
# Beside what every guest has, there are esp/, the files that the firmware boots, and
# `variables`, where it keeps its keys and what is asked of it. They last from one boot to
# the next; the guest's root does not.

# put_firmware ROOT: into the folder, with what ROOT's release has signed. Without
# installing it, which takes GRUB for a machine.
put_firmware() {
	local boot=$FOLDER/esp/EFI/BOOT kernel

	[[ -e $FIRMWARE ]] || give_up 2 "$FIRMWARE is missing: apt-get install ovmf"
	kernel=$(kernel_of_root "$1")
	mkdir -p "$boot" "$FOLDER/esp/EFI/debian" "$1/signed"
	# shellcheck disable=SC2016 # expanded in the root
	run_logged signed "$TWOSTAGE_TREE/tools/vm/in-root" "$1" bash -euc 'cd /signed
		apt-get download shim-signed shim-helpers-amd64-signed grub-efi-amd64-signed
		for package in *.deb; do dpkg-deb -x "$package" .; done'
	cp "$1/signed/usr/lib/shim/shimx64.efi.signed" "$boot/BOOTX64.EFI"
	cp "$1/signed/usr/lib/shim/mmx64.efi.signed" "$boot/mmx64.efi"
	cp "$1/signed/usr/lib/grub/x86_64-efi-signed/grubx64.efi.signed" "$boot/grubx64.efi"
	cp "$1/boot/vmlinuz-$kernel" "$FOLDER/esp/vmlinuz"
	cp "$1/boot/initrd.img-$kernel" "$FOLDER/esp/initrd.img"
	rm -rf "$1/signed"
	cp "$FOLDER/esp/vmlinuz" "$FOLDER"
	cp "${FIRMWARE/CODE/VARS}" "$FOLDER/variables"
}

# answer TEXT KEYS: presses them when the console has shown TEXT since the last answer
answer() {
	local deadline=$((SECONDS + 120))

	until tail -c "+$((SHOWN + 1))" "$FOLDER/console" | grep -aqF "$1"; do
		((SECONDS < deadline)) ||
			give_up 3 "the firmware does not show '$1': $FOLDER/console"
		sleep 0.2
	done
	SHOWN=$(stat -c %s "$FOLDER/console")
	printf %b "$2" >&7
}

# enrol_key PASSWORD: what a user does at the reboot after `mokutil --import`
enrol_key() (
	SHOWN=0
	down='\e[B'
	rm -f "$FOLDER/keyboard"
	mkfifo "$FOLDER/keyboard"
	: > "$FOLDER/console"
	# shellcheck disable=SC2046 # options without spaces in them
	qemu-system-x86_64 $(processor) $(firmware) -m 1024 -display none -nodefaults \
		-no-reboot -monitor none -serial stdio \
		< "$FOLDER/keyboard" > "$FOLDER/console" 2> "$FOLDER/qemu.log" &
	# shellcheck disable=SC2064 # now, while it is known
	trap "kill -KILL $! 2> /dev/null || true" EXIT
	exec 7> "$FOLDER/keyboard"
	answer 'Press any key to perform MOK management' '\r'
	answer 'Enroll MOK' "$down\r"
	answer 'View key 0' "$down\r"
	answer 'Enroll the key(s)?' "$down\r"
	answer 'Password:' "$1\r"
	answer 'Reboot' '\r'
	wait $!
)

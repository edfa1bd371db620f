# shellcheck shell=bash
#
# The virtual machine: QEMU's arguments, and saving one after its boot. Sourced after
# FOLDER, GUEST, CLOCK and MEMORY are set.
#
# In virtual time every guest resumes from the same saved state, so none has to boot
# and all start alike. Its root is read-only: writes from before the save would be
# missing on the next one's disk.

# The same size for all: a saved guest remembers it.
INPUT_SIZE=4G

FIRMWARE=/usr/share/OVMF/OVMF_CODE_4M.ms.fd

processor() {
	local threads=single

	if [[ $CLOCK == virtual ]]; then
		# With erms and fsrm, every byte that rep movsb copies counts as
		# an instruction.
		echo -accel tcg,thread=single -icount shift=0,sleep=off \
			-rtc clock=vm -smp 1 -cpu max,-erms,-fsrm
	elif "$(dirname "${BASH_SOURCE[0]}")/probe-kvm" "$GUEST"; then
		echo -accel kvm -smp 2 -cpu host
	else
		# With a thread per processor, QEMU before 8.1 may execute an int3
		# that the other processor has already patched away, and the guest
		# dies when a trace event is enabled. A debug kernel may ask for
		# them all the same.
		# shellcheck disable=SC2153 # whoever sources this sets it
		[[ ! -e $FOLDER/threads ]] || threads=$(< "$FOLDER/threads")
		# QEMU emulates rep movsb byte by byte and AVX by calls, and walks one
		# level of page tables more than most processors have.
		echo -accel "tcg,thread=$threads" -smp 2 \
			-cpu max,-erms,-fsrm,-avx,-avx2,-la57
	fi
}

disk() {
	echo "-drive file=$1,format=raw,if=virtio,$2"
}

# firmware: UEFI of a guest that starts by Secure Boot (secure-boot.sh). The disk that it
# reads comes after the others. With Secure Boot, OVMF starts only if it has SMM.
firmware() {
	echo -machine q35,smm=on -global driver=cfi.pflash01,property=secure,value=on \
		-drive "if=pflash,unit=0,file=$FIRMWARE,format=raw,readonly=on" \
		-drive "if=pflash,unit=1,file=$FOLDER/variables,format=raw" \
		-drive "if=none,id=esp,file=fat:$FOLDER/esp,format=raw,readonly=on" \
		-device virtio-blk-pci,drive=esp,addr=0x1e,bootindex=0
}

# machine INPUT OUTPUT CONSOLE PROGRESS: sets MACHINE to QEMU's arguments
machine() {
	local kernel_line="root=/dev/vda console=ttyS0 loglevel=5"

	[[ $CLOCK == virtual ]] && kernel_line+=" ro" || kernel_line+=" rw"
	# QEMU translates a program again if its address changes: tests that start
	# many programs would take two to three times as long.
	[[ $CLOCK == virtual ]] || kernel_line+=" norandmaps"
	# On a busy host the kernel takes the timer for broken, and panics.
	[[ $CLOCK == virtual ]] || kernel_line+=" no_timer_check"
	# Minutes of virtual time pass while a guest waits for the host's disk.
	[[ $CLOCK != virtual ]] || kernel_line+=" sysctl.kernel.hung_task_timeout_secs=0"
	kernel_line+=" init=/sbin/twostage-bootstrap"
	kernel_line+=" panic=-1 oops=panic log_buf_len=8M ${KERNEL_OPTION:-}"
	# shellcheck disable=SC2207 # options without spaces in them
	MACHINE=($(processor)
		$(disk "$FOLDER/root.img" snapshot=on,cache=unsafe)
		$(disk "$1" readonly=on)
		$(disk "$2" cache=unsafe)
		-m "$MEMORY" -display none -nodefaults -no-reboot
		-serial "file:$3" -serial "file:$4")
	if [[ -e $FOLDER/esp ]]; then
		printf '%s\n' "linux /vmlinuz $kernel_line" 'initrd /initrd.img' boot \
			> "$FOLDER/esp/EFI/debian/grub.cfg"
		# shellcheck disable=SC2207 # options without spaces in them
		MACHINE+=($(firmware))
		return
	fi
	MACHINE+=(-kernel "$FOLDER/vmlinuz")
	# A debug kernel needs no initrd, and may ask for another machine.
	[[ ! -e $FOLDER/initrd.img ]] || MACHINE+=(-initrd "$FOLDER/initrd.img")
	[[ ! -e $FOLDER/machine ]] || MACHINE+=(-machine "$(< "$FOLDER/machine")")
	MACHINE+=(-append "$kernel_line")
}

# What a saved guest depends on; its format is QEMU's. It has read from its image, and
# one that is made again, even of the same, has everything elsewhere.
saved_key() {
	cat "$FOLDER/root.img.key" "${BASH_SOURCE[0]}"
	stat -c '%i %y' "$FOLDER/root.img"
	echo "$MEMORY ${KERNEL_OPTION:-}"
	qemu-system-x86_64 --version
}

# saved_guest: sets SAVED to the state of a guest that has booted and waits for its
# input, and makes it if needed
saved_guest() {
	local name

	name=$(saved_key | sha256sum | cut -c 1-16)
	SAVED=$FOLDER/saved/$MEMORY.$name
	mkdir -p "$FOLDER/saved"
	exec 8> "$FOLDER/saved.lock"
	flock 8
	if [[ ! -e $SAVED ]]; then
		say "$GUEST: booting a guest to save it (about half a minute)"
		rm -rf "$FOLDER/saved/$MEMORY".* "$FOLDER/saved/scratch"
		(save_guest "$FOLDER/saved/scratch")
		mv "$FOLDER/saved/scratch/state" "$SAVED"
		rm -rf "$FOLDER/saved/scratch"
	fi
	exec 8>&-
}

# save_guest FOLDER: saves the state there, of a guest that is stopped, so that nothing
# changes meanwhile. That it is stopped is not saved: it goes on where it resumes.
save_guest() {
	local folder=$1 qemu deadline=$((SECONDS + 300))

	mkdir "$folder"
	truncate -s "$INPUT_SIZE" "$folder/input"
	truncate -s "$OUTPUT_SIZE" "$folder/output"
	mkfifo "$folder/monitor"
	machine "$folder/input" "$folder/output" "$folder/console" \
		"$folder/progress"
	qemu-system-x86_64 "${MACHINE[@]}" -monitor stdio \
		-global migration.store-global-state=off \
		< "$folder/monitor" > "$folder/log" 2>&1 &
	qemu=$!
	# shellcheck disable=SC2064 # now, while it is known
	trap "kill -KILL $qemu 2> /dev/null || true" EXIT
	exec 7> "$folder/monitor"
	until grep -q waiting "$folder/progress" 2> /dev/null; do
		if ! kill -0 "$qemu" || ((SECONDS > deadline)); then
			give_up 3 "the guest did not boot: $folder/console"
		fi
		sleep 0.2
	done
	printf '%s\n' stop 'migrate_set_parameter max-bandwidth 16G' \
		"migrate \"exec:cat > '$folder/state'\"" quit >&7
	wait "$qemu" || give_up 3 "the guest was not saved: $folder/log"
	[[ -s $folder/state ]] || give_up 3 "the guest was not saved: $folder/log"
}

# shellcheck shell=bash
#
# The steps of the matrix. Sourced by progs.test, which sets RESULTS, OURS and
# RELEASES, beside tools/vm/overlay.sh and tests/guests.sh. What each leaves is in
# RESULTS: images/, cells/ and left/ (operate), mounts/ (mount-images), and unmounted,
# which names what is in left/ and was not mounted.

PROGS=$TWOSTAGE_TREE/tests/progs

step() {
	echo "after $SECONDS s: $*" >&2
}

# guest FOLDER ARGUMENT... -- COMMAND: with the images in FOLDER, if it is there, as
# the folder left
guest() {
	local images=$1 input=$SCRATCH/input

	shift
	rm -rf "$input" "$SCRATCH/output"
	make_input "$input" "$GUEST"
	cp -r "$PROGS" "$input/tests"
	[[ -z $images ]] || cp -r "$images" "$input/left"
	"$TWOSTAGE_TREE/tools/vm/run" --guest="$GUEST" --memory=6144 --timeout=2400 \
		--input="$input" --output="$SCRATCH/output" "$@" >&2
	rm -rf "$input"
}

write_images() {
	step "writing filesystems, ${#OURS[@]} of ours"
	guest '' -- tests/progs/write-images btrfs again-pairs "${OURS[@]}"
	mkdir "$RESULTS/images"
	mv "$SCRATCH"/output/*.{tar.gz,sums} "$RESULTS/images"
	unpack_control
}

# The image that is kept, as if it had been written here, with the same files.
unpack_control() {
	tar -C "$SCRATCH" -xf "$PROGS/pairs.tar.xz"
	mv "$SCRATCH/pairs" "$SCRATCH/pairs-clean"
	tar -C "$SCRATCH" -cS pairs-clean | gzip -1 > "$RESULTS/images/pairs-clean.tar.gz"
	cp "$RESULTS/images/"{btrfs,pairs}-clean.sums
	rm "$SCRATCH/pairs-clean"
}

# operate_all: with the progs of each release, in its stock system
operate_all() {
	local kernel release

	for kernel in "${RELEASES[@]}"; do
		release=$(release_of "$kernel")
		step "the operations, with the progs of $release"
		fresh_overlay "$VM_FOLDER/$kernel/stock"
		mkdir "$ROOT/mnt/"{results,tests}
		mount --bind "$RESULTS" "$ROOT/mnt/results"
		mount --bind -o ro "$PROGS" "$ROOT/mnt/tests"
		in_root /mnt/tests/operate /mnt/results "$release"
	done
}

# left_by PATTERN: which images were left by cells, each OPERATION/WRITER-STATE, whose
# names match it
left_by() {
	(cd "$RESULTS/cells" && find . -name left -path "./*/$1/left" -exec cat {} + | sort -u)
}

# mount_all: or what a short run has the time for. The kernel may say what it likes, as
# long as it says the same of stock's.
mount_all() {
	local pattern name

	mkdir "$SCRATCH/left"
	for pattern in "${MOUNTED[@]}"; do
		left_by "$pattern"
	done | sort -u > "$SCRATCH/mounted"
	while read -r name; do
		cp "$RESULTS/left/$name.tar.gz" "$SCRATCH/left"
	done < "$SCRATCH/mounted"
	comm -23 <(left_by '*') "$SCRATCH/mounted" > "$RESULTS/unmounted"
	step "mounting $(find "$SCRATCH/left" -type f | wc -l) filesystems twice"
	guest "$SCRATCH/left" --allow=. -- tests/progs/mount-images left
	mkdir "$RESULTS/mounts"
	mv "$SCRATCH"/output/*.btrfs{,_twostage} "$RESULTS/mounts"
	step "done"
}

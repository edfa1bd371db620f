# shellcheck shell=bash disable=SC2153
#
# What the lab's scripts on the host share: the folders, the guests' input, and
# the prepared filesystems. Sourced, after GUEST and SCRATCH are set.

# shellcheck source=tools/vm/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../vm/lib.sh"
# shellcheck source=tools/vm/background.sh
. "$(dirname "${BASH_SOURCE[0]}")/../vm/background.sh"
# shellcheck source=tools/lab/cell.sh
. "$(dirname "${BASH_SOURCE[0]}")/cell.sh"

LAB=$TWOSTAGE_TREE/tools/lab

say() {
	printf '[lab] %s\n' "$*" >&2
}

give_up() {
	local status=$1

	shift
	printf 'lab: %s\n' "$*" >&2
	exit "$status"
}

# freeze: takes what guests run as it is now, so that all samples of a run have
# the same, whatever is edited meanwhile
freeze() {
	mkdir -p "$SCRATCH/frozen/bin" "$SCRATCH/frozen/images"
	cp "$PROGRAMS/workload" "$SCRATCH/frozen/bin"
	(cd "$TWOSTAGE_TREE" &&
		cp -r --parents tools/vm tools/lab "$SCRATCH/frozen")
}

# make_input FOLDER IMAGE...: what a guest is given; images are not copied
make_input() {
	local folder=$1 image

	shift
	rm -rf "$folder"
	mkdir -p "$(dirname "$folder")"
	cp -r "$SCRATCH/frozen" "$folder"
	for image; do
		ln "$IMAGES/$image.qcow2" "$folder/images"
	done
}

# What an image is made of: the guest and what fills it.
image_key() {
	cat "$VM_FOLDER/$GUEST/base.tar.key"
	cat "$LAB/image" \
		"$TWOSTAGE_TREE"/tools/bench/workload-{fill,fragments,plan}.c |
		sha256sum
}

# make_image NAME: unless it is there. It gets its name when it is whole. In
# virtual time, so that it comes out alike: how its trees grew costs or saves a
# commit as much as 2 %.
make_image() {
	local image=$IMAGES/$1.qcow2 scratch=$IMAGES/$1.new

	[[ ! -e $image || $(cat "$image.key" 2> /dev/null) != "$(image_key)" ]] ||
		return 0
	say "preparing the filesystem $1"
	rm -rf "$scratch" "$image"
	mkdir -p "$scratch"
	make_input "$scratch/input"
	"$TWOSTAGE_TREE/tools/vm/run" --clock=virtual --guest="$GUEST" \
		--memory="$MEMORY" --timeout=1800 --input="$scratch/input" \
		--output="$scratch/output" -- tools/lab/image "$1" \
		2> "$scratch/log" ||
		give_up 1 "$1 could not be made: $(tail -n 5 "$scratch/log")"
	mv "$scratch/output/$1.qcow2" "$image"
	image_key > "$image.key"
	rm -rf "$scratch"
}

# prepare_programs: what guests run, once
prepare_programs() {
	IMAGES=$TWOSTAGE_TREE/out/lab-images/$GUEST
	PROGRAMS=$TWOSTAGE_TREE/out/lab-images/bin
	mkdir -p "$IMAGES" "$PROGRAMS"
	make -C "$TWOSTAGE_TREE/tools/bench" O="$PROGRAMS" > /dev/null
}

# list_images < CELLS: the names of the filesystems that they begin with
list_images() {
	local cell

	while read -r cell; do
		image_of "$cell"
	done | sort -u
}

# prepare_images < CELLS: all that they need, two at a time; fails when one does
prepare_images() {
	local image running=0

	while read -r image; do
		((running < 2)) || { wait -n; running=$((running - 1)); }
		in_background make_image "$image"
		running=$((running + 1))
	done < <(list_images)
	while ((running)); do
		wait -n
		running=$((running - 1))
	done
	JOBS=()
}

# shellcheck shell=bash disable=SC2153,SC2154
#
# What guests of the lab are given: programs and scripts as they were when the
# run began, and prepared filesystems. Sourced by tools/lab/run.

# freeze: takes what guests run as it is now, so that all samples of a run have
# the same, whatever is edited meanwhile
freeze() {
	mkdir -p "$SCRATCH/frozen/bin" "$SCRATCH/frozen/images"
	cp "$PROGRAMS/workload" "$SCRATCH/frozen/bin"
	(cd "$TWOSTAGE_TREE" &&
		cp -r --parents tools/vm tools/lab "$SCRATCH/frozen")
}

# memory_for IMAGE: MiB. A stock cache takes 256 KiB of it, and as many of the device, which
# is in memory as well, whenever it is written.
memory_for() {
	echo $((${1##*-} > 4096 ? 16384 : 4096))
}

# guest_for IMAGE: which makes it. Newer kernels put small extents into block groups of
# their own, so that not all can have free space in pieces: the oldest makes these.
guest_for() {
	[[ $1 == fragmented-* ]] && kernel_names long | sed -n 1p || echo "$GUEST"
}

# image_file NAME: with those of the guest that makes it
image_file() {
	echo "$TWOSTAGE_TREE/out/lab-images/$(guest_for "$1")/$1.qcow2"
}

# in_guest FOLDER IMAGE SECONDS COMMAND...: with that prepared filesystem, if it is there;
# leaves FOLDER/output, and tells its progress
in_guest() {
	local folder=$1 image

	image=$(image_file "$2")
	rm -rf "$folder/input"
	mkdir -p "$folder"
	cp -r "$SCRATCH/frozen" "$folder/input"
	[[ ! -e $image ]] || ln "$image" "$folder/input/images"
	"$TWOSTAGE_TREE/tools/vm/run" --clock="${GUEST_CLOCK:-$CLOCK}" \
		--guest="$GUEST" --memory="$(memory_for "$2")" --timeout="$3" \
		--allow="${ALLOW:-^\$}" --input="$folder/input" --output="$folder/output" \
		-- "${@:4}" 2>&1
}

# image_key NAME: what an image is made of, the guest, its size and what fills it.
image_key() {
	device_mib "${1##*-}"
	cat "$VM_FOLDER/$(guest_for "$1")/base.tar.key"
	cat "$here/image" \
		"$TWOSTAGE_TREE"/tools/bench/workload-{fill,fragments,plan}.c |
		sha256sum
}

# make_image NAME: unless it is there. It gets its name when it is whole. In
# virtual time, so that it is always the same: how its trees grew costs or saves
# a commit as much as 2 %.
make_image() {
	local image scratch=$IMAGES/$1.new guest

	guest=$(guest_for "$1")
	image=$(image_file "$1")
	[[ $guest == "$GUEST" ]] || "$TWOSTAGE_TREE/tools/vm/root" "$guest"
	! is_current "$image" "$(image_key "$1")" || return 0
	say "preparing the filesystem $1"
	rm -rf "$scratch" "$image"
	mkdir -p "$scratch" "${image%/*}"
	GUEST=$guest GUEST_CLOCK=virtual in_guest "$scratch" "$1" 7200 tools/lab/image "$1" \
		> "$scratch/log" ||
		give_up 1 "$1 could not be made: $(tail -n 5 "$scratch/log")"
	mv "$scratch/output/$1.qcow2" "$image"
	image_key "$1" > "$image.key"
	rm -rf "$scratch"
}

# prepare_programs: what guests run, once
prepare_programs() {
	IMAGES=$TWOSTAGE_TREE/out/lab-images/$GUEST
	PROGRAMS=$TWOSTAGE_TREE/out/lab-images/bin
	mkdir -p "$IMAGES" "$PROGRAMS"
	make -C "$TWOSTAGE_TREE/tools/bench" O=../../out/lab-images/bin > /dev/null
}

# prepare_images FILE: all that its cells begin with
prepare_images() {
	local cell

	while read -r _ cell; do
		image_of "$cell"
	done < "$1" | sort -u > "$SCRATCH/images"
	in_parallel 2 make_image "$SCRATCH/images"
}

# prepare_modules FILE: those of its cells that are not installed
prepare_modules() {
	local module

	awk -F , '$3 !~ /^btrfs(_twostage)?$/ && !seen[$3]++ { print $3 }' "$1" |
		while read -r module; do
			"$TWOSTAGE_TREE/tools/vm/flavour" "$GUEST" "$module"
			cp "$VM_FOLDER/$GUEST/$module.ko" "$SCRATCH/frozen/bin"
		done
}

# work FUNCTION FILE FOLDER: calls FUNCTION with each line that nobody else has
# claimed, which is done by making a folder
work() {
	local line

	while read -r line; do
		if ! mkdir "$3/$line" 2> /dev/null; then
			[[ -d $3/$line ]] || give_up 1 "$3: cannot be written"
			continue
		fi
		# shellcheck disable=SC2086 # its words are the arguments
		"$1" $line < /dev/null
	done < "$2"
}

# in_parallel WORKERS FUNCTION FILE: each line is the arguments of one call; fails
# when one does, after the others have ended
in_parallel() {
	local claimed job status=0

	claimed=$(mktemp -d "$SCRATCH/claimed.XXXXXX")
	while ((${#JOBS[@]} < $1)); do
		in_background work "$2" "$3" "$claimed"
	done
	for job in "${JOBS[@]}"; do
		wait "$job" || status=$?
	done
	JOBS=()
	return "$status"
}

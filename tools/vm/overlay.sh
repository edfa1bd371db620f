# shellcheck shell=bash
#
# An overlay over a root that must not change. Sourced after tools/vm/lib.sh by scripts
# that install into a root.
#
# Everything is in the script's own mount namespace, so nothing outlives it.

# in_own_mounts: whether own_mounts has run
in_own_mounts() {
	[[ -n ${TWOSTAGE_OWN_MOUNTS:-} ]]
}

# own_mounts ARGUMENT...: runs the script again in its own mount namespace, and sets
# SCRATCH and ROOT there
own_mounts() {
	in_own_mounts || exec env TWOSTAGE_OWN_MOUNTS=1 \
		unshare --mount --propagation private "$0" "$@"
	SCRATCH=$(mktemp -d)
	ROOT=$SCRATCH/root
	mount -t tmpfs tmpfs "$SCRATCH"
	trap 'umount -l "$SCRATCH" && rmdir "$SCRATCH"' EXIT
}

# fresh_overlay LOWER: makes ROOT a fresh copy of LOWER
fresh_overlay() {
	umount -l "$ROOT" 2> /dev/null || true
	rm -rf "$SCRATCH/upper" "$SCRATCH/work"
	mkdir -p "$SCRATCH/upper" "$SCRATCH/work" "$ROOT"
	mount -t overlay overlay -o \
		"lowerdir=$1,upperdir=$SCRATCH/upper,workdir=$SCRATCH/work" "$ROOT"
}

in_root() {
	"$TWOSTAGE_TREE/tools/vm/in-root" "$ROOT" "$@"
}

# unpack_stock KERNEL: unpacks the system without the module into out/vm/KERNEL/stock,
# once
unpack_stock() {
	local folder=$VM_FOLDER/$1 lock

	"$TWOSTAGE_TREE/tools/vm/root" --base-only "$1"
	exec {lock}> "$folder/stock.lock"
	flock "$lock"
	if [[ ! -d $folder/stock || $folder/base.tar -nt $folder/stock.made ]]; then
		rm -rf "$folder/stock" "$folder/stock.made"
		mkdir "$folder/stock"
		tar -C "$folder/stock" -xf "$folder/base.tar"
		touch "$folder/stock.made"
	fi
	exec {lock}>&-
}

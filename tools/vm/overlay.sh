# shellcheck shell=bash
#
# A system in an overlay over one that must stay as it is. Sourced, beside
# tools/vm/lib.sh, by what installs into a root.
#
# All of it is in a mount namespace of the script's own, so nothing outlives it.

# in_own_mounts: whether own_mounts has been passed
in_own_mounts() {
	[[ -n ${TWOSTAGE_OWN_MOUNTS:-} ]]
}

# own_mounts ARGUMENT...: runs the script again in a mount namespace of its own,
# and sets SCRATCH and ROOT there
own_mounts() {
	in_own_mounts || exec env TWOSTAGE_OWN_MOUNTS=1 \
		unshare --mount --propagation private "$0" "$@"
	SCRATCH=$(mktemp -d)
	ROOT=$SCRATCH/root
	mount -t tmpfs tmpfs "$SCRATCH"
	trap 'umount -l "$SCRATCH" && rmdir "$SCRATCH"' EXIT
}

# fresh_overlay LOWER: what LOWER has, whatever was done to ROOT before
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

# unpack_stock KERNEL: a stock system without the module, once, into
# out/vm/KERNEL/stock
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

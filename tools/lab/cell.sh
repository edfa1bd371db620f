# shellcheck shell=bash
#
# What a cell of the grid is. Sourced, never run.
#
# A cell is a line of nine fields, with commas between:
#
#   workload,placement,module,cache,policy,wWINDOW,nBLOCK_GROUPS,lLATENCY_NS,qQUEUE_DEPTH
#
# A workload (workloads.sh, cold.sh) may begin with another filesystem than usual: -pieces
# with free space in pieces, -large with few, large files.
# The module is btrfs_twostage, btrfs (the stock one), or stock-accessors (see
# tools/vm/flavour). The stock module has neither policy nor window, but `-`. The policy `fit` is
# early with fitted cache files, and settle is fit with settle=4; under all others cache
# files have stock size.

# cell WORKLOAD PLACEMENT WRITER BLOCK_GROUPS LATENCY_NS QUEUE_DEPTH
#
# WRITER is a policy, policy:window, policy:v2 for the free space tree in our module,
# btrfs:CACHE for the stock module with that space cache, where bgt is v2 and a block group
# tree, or stock:accessors for our module with the accessors of the stock one.
cell() {
	local module=btrfs_twostage cache=v1 policy=${3%:*} window=0

	case $3 in
	btrfs:*) module=btrfs cache=${3#*:} policy=- window=- ;;
	*:v2) cache=v2 ;;
	stock:accessors) module=stock-accessors ;;
	serial) window=1 ;;
	*:*) window=${3#*:} ;;
	esac
	echo "$1,$2,$module,$cache,$policy,w$window,n$4,l$5,q$6"
}

# parse_cell CELL: sets WORKLOAD, PLACEMENT, MODULE, CACHE, POLICY, WINDOW,
# BLOCK_GROUPS, LATENCY and QUEUE_DEPTH
parse_cell() {
	# shellcheck disable=SC2034 # for those who source this
	IFS=, read -r WORKLOAD PLACEMENT MODULE CACHE POLICY WINDOW \
		BLOCK_GROUPS LATENCY QUEUE_DEPTH <<< "$1"
	WINDOW=${WINDOW#w}
	BLOCK_GROUPS=${BLOCK_GROUPS#n}
	LATENCY=${LATENCY#l}
	QUEUE_DEPTH=${QUEUE_DEPTH#q}
}

# image_of CELL: the name of the prepared filesystem that it begins with
image_of() {
	local kind=plain tree=v1

	parse_cell "$1"
	case $WORKLOAD in
	fragmented|*-pieces) kind=fragmented ;;
	*-large) kind=large ;;
	esac
	[[ $CACHE != @(v2|bgt) ]] || tree=$CACHE
	echo "$kind-$tree-$BLOCK_GROUPS"
}

# device_mib BLOCK_GROUPS: of the device of a filesystem with so many. A quarter more
# than they take is left unallocated: btrfs lets what is reserved for delayed refs grow
# to a part of that, and then runs refs, or commits, before the sync that is timed.
device_mib() {
	echo $((($1 + $1 / 4 + 8) * 1024))
}

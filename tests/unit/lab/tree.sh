# shellcheck shell=bash disable=SC2154
#
# A tree in which the lab can be run without a guest. Sourced after ../lib.sh.
#
# Where the real tools/vm/run boots a guest, the one here answers at once what
# the model says, see guest.sh. It notes each sample in $SCRATCH/taken as it
# begins; those that run at once are in $SCRATCH/running. The N-th that is taken
# fails where $SCRATCH/fail has N. The guest that made an image is in $SCRATCH/images.

make_tree() {
	local clock

	export TWOSTAGE_TREE=$SCRATCH/tree
	rm -rf "$TWOSTAGE_TREE" "$SCRATCH"/{taken,running,fail,results,images}
	mkdir -p "$TWOSTAGE_TREE"/tools/{vm,bench} "$TWOSTAGE_TREE"/out/vm/{6.1,6.12} "$SCRATCH/running"
	touch "$SCRATCH/taken" "$SCRATCH/fail" \
		"$TWOSTAGE_TREE"/out/vm/{6.1,6.12}/{base.tar,root}.key \
		"$TWOSTAGE_TREE"/tools/bench/workload-{fill,fragments,plan}.c
	cp -r "$tree/tools/lab" "$TWOSTAGE_TREE/tools"
	# shellcheck disable=SC2016 # for make
	printf 'all:\n\ttouch $(O)/workload\n' > "$TWOSTAGE_TREE/tools/bench/Makefile"
	printf '#!/bin/bash\n' > "$TWOSTAGE_TREE/tools/vm/root"
	cat > "$TWOSTAGE_TREE/tools/vm/run" <<-END
	#!/bin/bash
	SCRATCH=$SCRATCH
	. "$here/lab/guest.sh"
	END
	cat > "$TWOSTAGE_TREE/tools/vm/flavour" <<-END
	#!/bin/bash
	touch "$TWOSTAGE_TREE/out/vm/\$1/\$2.ko"
	END
	chmod +x "$TWOSTAGE_TREE"/tools/vm/{root,run,flavour}
	for clock in virtual wall; do
		[[ -e $SCRATCH/answers.$clock ]] ||
			cat <("$tree/tools/lab/grid" small) \
				<("$tree/tools/lab/grid" guard) \
				<("$tree/tools/lab/grid" full | grep ^fragmented) |
			"$here/lab/results" --clock="$clock" \
				> "$SCRATCH/answers.$clock"
	done
}

# run_lab STATUS ARGUMENT...
run_lab() {
	exits "$1" "$tree/tools/lab/run" --results="$SCRATCH/results" "${@:2}"
}

# measured: "REPETITION CELL" of each line of the results
measured() {
	jq -r '"\(.repetition) \(.cell)"' "$SCRATCH/results/results.jsonl"
}

# planned GRID REPEAT: the same of what is to be measured
planned() {
	local repetition

	for ((repetition = 1; repetition <= $2; repetition++)); do
		"$tree/tools/lab/grid" "$1" | sed "s/^/$repetition /"
	done | sort
}

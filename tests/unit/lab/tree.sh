# shellcheck shell=bash disable=SC2154
#
# A tree in which the lab can be run without a guest. Sourced, after `scratch`
# and `here` are set.
#
# Where the real tools/vm/run boots a guest, the one here answers at once what
# the model says, see guest.sh. It notes each sample in $scratch/taken as it
# begins; those that run at once are in $scratch/running. The N-th that is taken
# fails where $scratch/fail has N.

make_tree() {
	local clock tree=$scratch/tree

	rm -rf "$tree" "$scratch"/{taken,running,fail,results}
	mkdir -p "$tree"/tools/{vm,bench} "$tree/out/vm/6.1" "$scratch/running"
	touch "$scratch/taken" "$scratch/fail" \
		"$tree/out/vm/6.1"/{base.tar,root}.key \
		"$tree"/tools/bench/workload-{fill,fragments,plan}.c
	cp -r "$here/../../tools/lab" "$tree/tools"
	# shellcheck disable=SC2016 # for make
	printf 'all:\n\ttouch $(O)/workload\n' > "$tree/tools/bench/Makefile"
	printf '#!/bin/bash\n' > "$tree/tools/vm/root"
	cat > "$tree/tools/vm/run" <<-END
	#!/bin/bash
	scratch=$scratch
	. "$here/lab/guest.sh"
	END
	chmod +x "$tree"/tools/vm/{root,run}
	export TWOSTAGE_TREE=$tree
	for clock in virtual wall; do
		[[ -e $scratch/answers.$clock ]] ||
			cat <("$here/../../tools/lab/grid" small) \
				<("$here/../../tools/lab/grid" guard) |
			"$here/lab/results" --clock="$clock" \
				> "$scratch/answers.$clock"
	done
}

# run_lab STATUS ARGUMENT...: leaves what it said in said
run_lab() {
	local status=0

	"$here/../../tools/lab/run" --results="$scratch/results" "${@:2}" \
		> "$scratch/printed" 2> "$scratch/said" || status=$?
	tail -n 20 "$scratch/said"
	[[ $status -eq $1 ]]
}

# measured: "REPETITION CELL" of each line of the results
measured() {
	jq -r '"\(.repetition) \(.cell)"' "$scratch/results/results.jsonl"
}

# planned GRID REPEAT: the same of what is to be measured
planned() {
	local repetition

	for ((repetition = 1; repetition <= $2; repetition++)); do
		"$here/../../tools/lab/grid" "$1" | sed "s/^/$repetition /"
	done | sort
}

# shellcheck shell=bash disable=SC2154
#
# What a run of the lab measures, in which order, and how far it is. Sourced by
# tools/lab/run.
#
# A line of a plan is REPETITION CELL. Results are complete lines of JSON;
# whoever appends one holds the lock of the file.

# All that is to be measured, in the order of measuring. What wall time compares
# is kept together: cells that differ in the writer alone.
plan() {
	local repetition

	for ((repetition = 1; repetition <= REPEAT; repetition++)); do
		"$here/grid" "$GRID" | grep -E -- "$CELLS" |
			sed "s/^/$repetition /"
	done | awk -v seed="$SEED" -v clock="$CLOCK" '
		BEGIN { srand(seed) }
		{
			split($2, field, ",")
			group = clock == "virtual" ? NR : $1 " " field[1] \
				field[2] field[7] field[8] field[9]
			if (!(group in order))
				order[group] = rand()
			print order[group], rand(), $0
		}' | sort -n -k 1,1 -k 2,2 | cut -d ' ' -f 3-
}

# all_measured: REPETITION CELL of each of the results
all_measured() {
	jq -r '"\(.repetition) \(.cell)"' "$RESULTS/results.jsonl"
}

# plan, without what was measured before
plan_rest() {
	plan | { grep -vxFf <(all_measured) || [[ $? -eq 1 ]]; }
}

# take_progress LOG: of a guest; samples to the results, the rest to the log
take_progress() {
	local word rest

	while read -r word rest; do
		if [[ $word == sample ]] && jq -e .timed_ns <<< "$rest" > /dev/null; then
			flock "$RESULTS/results.jsonl" \
				tee -a "$RESULTS/results.jsonl" <<< "$rest" > /dev/null
			tell_progress "$(jq -r .cell <<< "$rest")"
		else
			printf '%s %s\n' "$word" "$rest" >> "$1"
		fi
	done
}

# tell_progress CELL: which was measured. Some are twice in the results, where a
# guest had to try once more. Cells take the longer the more block groups they have.
tell_progress() {
	local measured=$SCRATCH/measured.$BASHPID

	all_measured | grep -xFf "$SCRATCH/plan" | sort -u > "$measured" || true
	awk -v seconds="$SECONDS" -v cell="$1" '
		{
			match($0, /,n[0-9]+/)
			weight[FILENAME] += 40 + substr($0, RSTART + 2, RLENGTH - 2)
			samples[FILENAME]++
		}
		END {
			weighed = weight[ARGV[1]]
			left = seconds * (weight[ARGV[2]] - weighed) / (weighed + 1)
			printf "[lab %d:%02d] %d of %d, about %d:%02d left: %s\n",
				seconds / 60, seconds % 60, samples[ARGV[1]],
				samples[ARGV[2]], left / 60, left % 60, cell
		}' "$measured" "$SCRATCH/plan" >&2
}

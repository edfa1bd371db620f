# shellcheck shell=bash
# shellcheck disable=SC2154 # here, GRID, CELLS and the like are of tools/lab/run
#
# What a run of the lab measures, in which order, and how far it is. Sourced by
# tools/lab/run.
#
# A line of a plan is REPETITION CELL. Results are complete lines of JSON;
# whoever appends one holds the lock of the file.

# All that is to be measured, REPETITION CELL, in the order of measuring. What
# wall time compares is kept together: cells that differ in the writer alone.
plan() {
	local repetition

	for ((repetition = 1; repetition <= REPEAT; repetition++)); do
		"$here/grid" "$GRID" | grep -E -- "$CELLS" |
			sed "s/^/$repetition /"
	done | awk -v seed="$SEED" -v together="$([[ $CLOCK == wall ]] && echo 1)" '
		BEGIN { srand(seed) }
		{
			split($2, field, ",")
			group = together ? $1 " " field[1] field[2] field[7] \
				field[8] field[9] : NR
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
	all_measured > "$SCRATCH/measured"
	plan | grep -vxFf "$SCRATCH/measured" || true
}

# How long cells take, compared with one another.
weigh() {
	awk '{ match($0, /,n[0-9]+/)
	       total += 40 + substr($0, RSTART + 2, RLENGTH - 2) }
	     END { print total + 0 }' "$@"
}

# Takes the lines of a guest's progress: samples to the results, the rest to
# the log.
take_progress() {
	local word rest

	while read -r word rest; do
		if [[ $word == sample ]] && jq -e .sync_ns <<< "$rest" > /dev/null; then
			flock "$RESULTS/results.jsonl" \
				tee -a "$RESULTS/results.jsonl" <<< "$rest" > /dev/null
			tell_progress "$(jq -r .cell <<< "$rest")"
		else
			printf '%s %s\n' "$word" "$rest" >> "$1"
		fi
	done
}

tell_progress() {
	local measured=$SCRATCH/measured.$BASHPID weight left

	plan_measured > "$measured"
	weight=$(weigh "$measured")
	left=$((SECONDS * ($(weigh "$SCRATCH/plan") - weight) / (weight + 1)))
	printf '[lab %d:%02d] %d of %d, about %d:%02d left: %s\n' \
		$((SECONDS / 60)) $((SECONDS % 60)) \
		"$(wc -l < "$measured")" "$(wc -l < "$SCRATCH/plan")" \
		$((left / 60)) $((left % 60)) "$1" >&2
}

# What of this run's plan has been measured; some of it twice, where a guest had
# to try once more.
plan_measured() {
	all_measured | grep -xFf "$SCRATCH/plan" | sort -u || true
}

# shellcheck shell=bash
#
# The record of an entry, RESULTS/KERNEL-PART-NAME@VARIANT.tap, which appears when it is
# complete; and progress messages. Sourced by tests/run.

# label ENTRY: its name in messages
label() {
	local kernel name variant

	read -r kernel name variant _ <<< "$1"
	[[ $variant == - ]] || name+=@$variant
	[[ $kernel == - ]] || name="$kernel $name"
	echo "$name"
}

# stem ENTRY: its files' names without extension
stem() {
	label "$1" | tr ' /' -
}

# record_of ENTRY
record_of() {
	echo "$RESULTS/$(stem "$1").tap"
}

# took SECONDS WHAT: notes a time for the summary
took() {
	echo "$1 $2" >> "$RESULTS/times"
}

# tell ENTRY RESULT SECONDS: reports a finished entry
tell() {
	took "$3" "$(label "$1")"
	echo "$1" >> "$SCRATCH/told"
	announce "$(wc -l < "$SCRATCH/told") of $(wc -l < "$SCRATCH/left"):" \
		"$(label "$1"), $2 in $3 s"
}

# finish_record FILE STATUS LIMIT: adds a failed test if it did not end properly
finish_record() {
	local why="ran to its end (status $2)"

	[[ $2 -ne 124 && $2 -ne 137 ]] || why="ended within $3 s"
	[[ $2 -eq 0 && -s $1 ]] || grep -q '^not ok' "$1" ||
		add_failure "$1" "it $why" "${1%.tap.new}.log"
	mv "$1" "${1%.new}"
}

# result_of FILE: "10 passed", "9 passed, 1 failed"
result_of() {
	awk '/^ok / { passed++ } /^not ok/ { failed++ }
	     END { printf "%d passed", passed
		   if (failed) printf ", %d failed", failed }' "$1"
}

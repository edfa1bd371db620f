# shellcheck shell=bash
#
# Reports about a run. Sourced by tests/run after jobs.sh.

# state_of ENTRY: passed, failed or left
state_of() {
	local record

	record=$(record_of "$1")
	if [[ ! -e $record ]]; then
		echo left
	elif count "$record" > /dev/null; then
		echo passed
	else
		echo failed
	fi
}

# with_state STATE... < ENTRIES: those in one of these states
with_state() {
	local entry

	while read -r entry; do
		[[ " $* " != *" $(state_of "$entry") "* ]] || echo "$entry"
	done
}

# count RECORD...: counts the tests. A file without a plan, or with another number of
# tests than planned, counts as a failed test itself.
count() {
	awk '
		function finish() {
			if (file == "")
				return
			if (plan != ran) {
				print "not ok - " file ": planned " \
					(plan == "" ? "nothing" : plan) ", ran " ran
				failed++
			}
		}
		FNR == 1 { finish(); file = FILENAME; sub(/.*\//, "", file)
			   plan = ""; ran = 0 }
		/^1\.\.[0-9]+/ { plan = substr($1, 4) + 0
				 if (plan == 0 && /# *SKIP/) skipped++ }
		/^ok / { ran++; if (/# *SKIP/) skipped++; else passed++ }
		/^not ok/ { ran++; failed++; shown = 1; print file ": " $0; next }
		/^# / && shown { print; next }
		{ shown = 0 }
		END { finish()
		      printf "%d passed, %d failed, %d skipped\n", passed, failed, skipped
		      exit failed > 0 }' "$@"
}

# print_times: lines of SECONDS WHAT, in columns
print_times() {
	local seconds what

	while read -r seconds what; do
		printf '%5d:%02d  %s\n' $((seconds / 60)) $((seconds % 60)) "$what"
	done
}

# Jobs overlap, so the parts add up to more than the whole.
tell_times() {
	echo "the slowest:"
	awk '!/ (waiting|compiling) /' "$RESULTS/times" | sort -rn | head -n 10 | print_times
	echo "where the time went:"
	sed -E 's/^([0-9]+) ([^ ]+ )?(unit|dkms|harness|progs|vm|lab)\/.*/\1 \3/; s/ waiting .*/ waiting for guests/' \
		"$RESULTS/times" | awk '{ seconds = $1; $1 = ""; sum[substr($0, 2)] += seconds }
			END { for (what in sum) print sum[what], what }' | sort -rn | print_times
	echo "$SECONDS all of it, two jobs at a time" | print_times
}

# note_missing ENTRY: adds a record of one that its job did not get to
note_missing() {
	local record job

	record=$(record_of "$1")
	job=$(grep -lxF -e "$1" "$RESULTS"/jobs/????)
	: > "$record"
	add_failure "$record" "it ran" "$job.log"
}

# summarize ENTRIES: prints the summary line last; fails if a test failed or none passed
summarize() {
	local entry status=0 records=()

	tell_times >&2
	while read -r entry; do
		records+=("$(record_of "$entry")")
		[[ -e ${records[-1]} ]] || note_missing "$entry"
	done < "$1"
	count "${records[@]}" > "$SCRATCH/summary" || status=1
	cat "$SCRATCH/summary"
	! grep -q '^0 passed' "$SCRATCH/summary" || status=1
	return "$status"
}

# tell_status ENTRIES
tell_status() {
	local state

	is_of_this_tree || RESULTS=$SCRATCH
	for state in passed failed left; do
		echo "$state: $(with_state $state < "$1" | wc -l)"
		[[ $state == passed ]] || with_state $state < "$1" | while read -r entry; do
			echo "	$(label "$entry")"
		done
	done
}

list_tests() {
	local name rest

	{
		echo "TEST LIMIT LONG KERNELS GUESTS ALONE FLAVOURS NEEDS"
		while read -r name _ rest; do
			! is_wanted "$name" || echo "$name $rest"
		done < "$CATALOGUE"
	} | sed '/^unit/s/ all stock / - - /' | column -t
}

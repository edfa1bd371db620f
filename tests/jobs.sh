# shellcheck shell=bash
#
# Runs the entries of a run (tests/discover.sh), two jobs at a time, and leaves a record
# of each. Sourced by tests/run.
#
# A job is one entry, or the entries that share a guest: all of tests/vm except those
# declared alone and the variants of a long run. Jobs have their own process groups and
# end with tests/run.

JOBS_AT_ONCE=2
# The sum of limits, in seconds, from which a second guest is worth it.
ONE_GUEST=360

# declared NAME COLUMN: of a test, from the catalogue
declared() {
	awk -v name="$1" -v column="$2" '$1 == name { print $column }' "$CATALOGUE"
}

# run_on_host ENTRY
run_on_host() {
	local kernel name limit file settings record began child status=0 command=()

	read -r kernel name _ limit file settings <<< "$1"
	record=$(record_of "$1")
	file=$TWOSTAGE_TREE/$file
	[[ $file != *.c ]] || file=$TWOSTAGE_TREE/out/unit/$(basename "$file" .c)
	read -r -a command <<< "env $settings"
	command+=("$file")
	[[ $kernel == - ]] || command+=("$kernel")
	began=$SECONDS
	timeout --kill-after=20 "$limit" "${command[@]}" \
		> "$record.new" 2> "${record%.tap}.log" < /dev/null &
	child=$!
	# shellcheck disable=SC2064 # now, while it is known
	trap "kill -TERM $child; exit 143" TERM
	wait "$child" || status=$?
	trap - TERM
	finish_record "$record.new" "$status" "$limit"
	tell "$1" "$(result_of "$record")" $((SECONDS - began))
}

# run_job FILE: an entry per line; what it says is left in FILE.log, too
run_job() {
	local entry entries kernel name began=$SECONDS flavours=()

	exec 2> >(tee "$1.log" >&2)
	mapfile -t entries < "$1"
	read -r kernel name _ <<< "${entries[0]}"
	if [[ $kernel != - ]]; then
		mapfile -t flavours < <(for entry in "${entries[@]}"; do
			declared "$(cut -d ' ' -f 2 <<< "$entry")" 8
		done | tr , '\n' | grep -vxF -- - | sort -u)
		prepare_guest "$kernel" "${flavours[@]}"
		took $((SECONDS - began)) "waiting for the guest of $kernel"
	fi
	if [[ $name == vm/* ]]; then
		run_guest "$kernel" "${entries[@]}"
	else
		run_on_host "${entries[0]}"
	fi
}

# share_guests < ENTRIES: makes one job, or two of equal length
share_guests() {
	sort -k 4,4 -rn | awk -v folder="$RESULTS/jobs" -v number="$NUMBER" -v least="$ONE_GUEST" '
		{ entry[NR] = $0; limit[NR] = $4; total += $4 }
		END {
			for (i = 1; i <= NR; i++) {
				guest = total > least && sum[1] < sum[0]
				sum[guest] += limit[i]
				printf "%s\n", entry[i] > sprintf("%s/%04d", folder, number + guest)
			}
		}'
	NUMBER=$((NUMBER + 2))
}

# make_jobs < ENTRIES: a file per job in RESULTS/jobs, named by their order
make_jobs() {
	local entry kernel name variant shared=

	rm -rf "$RESULTS/jobs"
	mkdir -p "$RESULTS/jobs"
	NUMBER=0
	while read -r entry; do
		read -r kernel name variant _ <<< "$entry"
		if [[ -n $shared && ($name != vm/* || ${shared%% *} != "$kernel") ]]; then
			share_guests <<< "${shared%$'\n'}"
			shared=
		fi
		if [[ $name == vm/* && $variant =~ ^(-|[0-9]+)$ && $(declared "$name" 7) == - ]]; then
			shared+=$entry$'\n'
		else
			echo "$entry" > "$(printf '%s/jobs/%04d' "$RESULTS" "$NUMBER")"
			NUMBER=$((NUMBER + 1))
		fi
	done
	[[ -z $shared ]] || share_guests <<< "${shared%$'\n'}"
}

# wait_for_one: waits for any job in RUNNING
wait_for_one() {
	local ended

	wait -n -p ended "${!RUNNING[@]}" || true
	unset "RUNNING[$ended]"
}

# run_jobs: a job that fails leaves no record, which counts as a failed test
run_jobs() {
	local job
	local -A RUNNING=()

	for job in "$RESULTS"/jobs/*; do
		((${#RUNNING[@]} < JOBS_AT_ONCE)) || wait_for_one
		in_background run_job "$job"
		RUNNING[${JOBS[-1]}]=
	done
	while ((${#RUNNING[@]})); do
		wait_for_one
	done
}

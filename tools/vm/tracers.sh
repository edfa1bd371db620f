# shellcheck shell=bash
#
# Attaches the bpftrace scripts and reads their totals. Sourced after guest.sh.

TRACER_SCRIPTS=(pipeline-depth commit-stages slow-caches)
TRACERS=()

# attach_tracers FOLDER: each script prints to FOLDER/SCRIPT.txt. Returns when all of
# them see events.
attach_tracers() {
	local script scripts

	scripts=$(realpath "$(dirname "${BASH_SOURCE[0]}")/../bpftrace")
	mkdir -p "$1"
	for script in "${TRACER_SCRIPTS[@]}"; do
		bpftrace "$scripts/$script.bt" > "$1/$script.txt" 2> "$1/$script.log" &
		TRACERS+=($!)
	done
	# "Attaching" is printed before the last probe is attached; since 0.24, "Attached" is
	# printed afterwards, to stderr.
	for script in "${TRACER_SCRIPTS[@]}"; do
		until grep -q '^Attach' "$1/$script".{txt,log}; do
			kill -0 "${TRACERS[@]}" ||
				fail "a bpftrace script ended: $(cat "$1"/*.log)"
			sleep 0.5
		done
	done
	sleep 5
}

# bpftrace misses a signal while it handles events, so send another; but not soon: a
# signal while it prints makes it end without its results.
detach_tracers() {
	local i

	while kill -INT "${TRACERS[@]}" 2> /dev/null; do
		for ((i = 0; i < 30; i++)); do
			kill -0 "${TRACERS[@]}" 2> /dev/null || break
			sleep 0.5
		done
	done
	wait "${TRACERS[@]}" || true
	TRACERS=()
}

# traced_total NAME FOLDER: a total of pipeline-depth.bt, after detaching
traced_total() {
	local total

	total=$(sed -nE "s/^@totals\[$1\]: ([0-9]+)$/\1/p" "$2/pipeline-depth.txt")
	[[ -n $total ]] || fail "pipeline-depth.bt printed no $1"
	echo "$total"
}

# shellcheck shell=bash
#
# Background jobs that end with the script, guests and all: each gets its own process
# group. Sourced before JOBS is used.

JOBS=()

# in_background COMMAND...: without the script's lock, descriptor 9
in_background() {
	set -m
	"$@" 9>&- &
	JOBS+=($!)
	set +m
}

end_jobs() {
	local job

	for job in "${JOBS[@]}"; do
		kill -TERM -- "-$job" 2> /dev/null || true
	done
	wait
	# Their children may take a moment longer.
	for job in "${JOBS[@]}"; do
		while kill -0 -- "-$job" 2> /dev/null; do
			sleep 0.1
		done
	done
}

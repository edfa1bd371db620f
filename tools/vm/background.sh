# shellcheck shell=bash
#
# Jobs in process groups of their own, which end with the script that began them: the
# guests of a shell's background jobs would go on. Sourced, before JOBS is used.

JOBS=()

# in_background COMMAND...: without the lock that the script has as descriptor 9
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
	# What they had started may take a moment longer.
	for job in "${JOBS[@]}"; do
		while kill -0 -- "-$job" 2> /dev/null; do
			sleep 0.1
		done
	done
}

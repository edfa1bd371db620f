# shellcheck shell=bash
#
# Tasks that go on in the background while a test does something else. Sourced by
# lib.sh. A test that fails ends them, too.

ENOUGH=/tmp/enough
BUSY=()

# keep_doing COMMAND...: over and over, until stop_doing or until it fails
keep_doing() {
	rm -f "$ENOUGH"
	while [[ ! -e $ENOUGH ]]; do
		"$@"
	done &
	BUSY+=($!)
}

# stop_doing: fails if one of them has failed
stop_doing() {
	local job status=0

	touch "$ENOUGH"
	for job in "${BUSY[@]}"; do
		wait "$job" || status=$?
	done
	BUSY=()
	return "$status"
}

# Two commits, of which one allocates and one frees.
commit_twice() {
	fallocate -l 4M "$MOUNT/committing" && sync -f "$MOUNT"
	rm -f "$MOUNT/committing" && sync -f "$MOUNT"
}

# shellcheck shell=bash
#
# TAP for tests written in shell. Sourced. A test is a function: it fails if a command
# in it fails, and `skip REASON` skips it. Each runs in its own subshell with `set -e`,
# between set_up_test and tear_down_test. A comment gives the time it took. With ONLY
# set, only tests whose name matches *ONLY* run.

test_number=0
failures=0

set_up_test() {
	:
}

tear_down_test() {
	:
}

# run_test NAME FUNCTION [ARGUMENT...]
run_test() {
	local log status began=$SECONDS

	# shellcheck disable=SC2053 # it is a pattern
	[[ $1 == *${ONLY:-}* ]] || return 0
	log=$(mktemp)
	test_number=$((test_number + 1))
	set +e
	(set -euo pipefail; trap tear_down_test EXIT; set_up_test; "${@:2}") > "$log" 2>&1
	status=$?
	set -e
	if [[ $status -eq 0 ]]; then
		echo "ok $test_number - $1"
	elif [[ $status -eq 77 ]]; then
		echo "ok $test_number - $1 # SKIP $(tail -n 1 "$log")"
	else
		failures=$((failures + 1))
		echo "not ok $test_number - $1"
		tail -n 40 "$log" | sed 's/^/# /'
	fi
	echo "# after $((SECONDS - began)) s"
	rm -f "$log"
}

skip() {
	echo "$*"
	exit 77
}

# fails COMMAND...: `! COMMAND`, which by itself would not fail a test
fails() {
	! "$@"
}

# add_failure RECORD NAME FILE: adds a failed test, with the end of FILE
add_failure() {
	local tests

	tests=$(sed -n 's/^1\.\.//p' "$1")
	tests=${tests:-$(grep -cE '^(not )?ok' "$1" || true)}
	sed -i '/^1\.\./d' "$1"
	{
		echo "not ok $((tests + 1)) - $2"
		tail -n 100 "$3" | sed 's/^/# /'
		echo "1..$((tests + 1))"
	} >> "$1"
}

# The last line of a test file.
finish_tests() {
	echo "1..$test_number"
	exit $((failures > 0))
}

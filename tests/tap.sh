# shellcheck shell=bash
#
# TAP for tests written in shell. Sourced. A test is a function; it fails by a
# command that fails, and is skipped by `skip REASON`. Each runs in a subshell
# of its own with `set -e`; a function tear_down_test, where there is one, runs
# after it. How long it took is said behind it. Where ONLY is set, those alone whose name has it, a pattern, in it.

test_number=0
failures=0

tear_down_test() {
	:
}

# run_test NAME FUNCTION
run_test() {
	local log status began=$SECONDS

	# shellcheck disable=SC2053 # it is a pattern
	[[ $1 == *${ONLY:-}* ]] || return 0
	log=$(mktemp)
	test_number=$((test_number + 1))
	set +e
	(set -euo pipefail; trap tear_down_test EXIT; "$2") > "$log" 2>&1
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

# fails COMMAND...: whether it does. A bare `! COMMAND` would not end a test.
fails() {
	! "$@"
}

# add_failure RECORD NAME FILE: a failed test more, with the end of FILE
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

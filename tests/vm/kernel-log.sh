# shellcheck shell=bash
#
# What the kernel says while something runs. Sourced. The log is 8 MiB and must not
# wrap: a test that may make it write thousands of lines puts a line of its own into the
# log instead, and looks for that (tests/crash/check-state).

# lines_said: how many so far, for said_since
lines_said() {
	dmesg | wc -l
}

# said_since LINES: what has been said after that many
said_since() {
	dmesg | tail -n "+$(($1 + 1))"
}

# shellcheck shell=bash
#
# What the kernel says while something runs. Sourced. The log is 8 MiB and must not
# wrap. A test that looks at it thousands of times follows it instead: each look here
# reads all of it (tests/vm/crash.test).

# lines_said: how many so far, for said_since
lines_said() {
	dmesg | wc -l
}

# said_since LINES: what has been said after that many
said_since() {
	dmesg | tail -n "+$(($1 + 1))"
}

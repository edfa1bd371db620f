# shellcheck shell=bash
#
# What the kernel says while something runs, and the memory that nobody points to any
# more, where it has kmemleak. Sourced. The log is 8 MiB; once it has wrapped, said_since
# is wrong. A test that makes it write that much follows it instead (tests/vm/crash.test
# and tests/crash/check-state).

KMEMLEAK=/sys/kernel/debug/kmemleak

# lines_said: how many so far, for said_since
lines_said() {
	dmesg | wc -l
}

# said_since LINES: what has been said after that many
said_since() {
	dmesg | tail -n "+$(($1 + 1))"
}

# look_for_leaks: the kernel log says how many, OUTPUT/leaks which
look_for_leaks() {
	[[ -w $KMEMLEAK ]] || return 0
	# It skips what is younger than 5 s, or has changed since the last scan.
	sleep 6
	echo scan > "$KMEMLEAK"
	echo scan > "$KMEMLEAK"
	cat "$KMEMLEAK" >> "$OUTPUT/leaks"
}

# forget_leaks: what has been found so far is not ours
forget_leaks() {
	[[ -w $KMEMLEAK ]] || return 0
	look_for_leaks
	echo clear > "$KMEMLEAK"
}

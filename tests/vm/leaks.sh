# shellcheck shell=bash
#
# Memory that nobody points to, where the kernel has kmemleak. Sourced.

KMEMLEAK=/sys/kernel/debug/kmemleak

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

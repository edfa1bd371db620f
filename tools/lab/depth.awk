# Reads block_rq_issue and block_rq_complete of one device, as tracefs prints
# them, and prints {"slot_ns", "peaks"}: the time from the first to the last is
# divided into slots, and each has the most requests that were in flight in it.

{
	for (i = 1; i <= NF; i++)
		if ($i ~ /^[0-9]+\.[0-9]+:$/)
			time[NR] = $i * 1000000000
	step[NR] = /block_rq_issue/ ? 1 : -1
}

END {
	if (!NR) {
		print "null"
		exit
	}
	slots = 200
	length_ns = int((time[NR] - time[1]) / slots) + 1
	printf "{\"slot_ns\":%d,\"peaks\":[", length_ns
	slot = peak = in_flight = 0
	for (i = 1; i <= NR; i++) {
		for (; slot < int((time[i] - time[1]) / length_ns); slot++) {
			printf "%d,", peak
			peak = in_flight
		}
		in_flight += step[i]
		if (in_flight > peak)
			peak = in_flight
	}
	printf "%d]}\n", peak
}

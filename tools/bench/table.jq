# Makes the table that `make bench` prints of summary.json, tab-separated.

def milliseconds: (. / 10000 | round) / 100;

def order: {"serial": 0, "two_stage": 1, "early": 2, "stock": 3}[.policy];

.runs as $runs |
["latency", "policy", "window", "sync", "setup", "passes", "critical",
	"started", "waited", "in flight", "gain"],
["ms", "", "", "ms", "ms", "ms", "ms", "", "", "peak", "passes"],
($runs | sort_by(.device_latency_ns, order, .window)[] |
	. as $run |
	($runs[] | select(.policy == "serial" and
		.device_latency_ns == $run.device_latency_ns)) as $serial |
	[(.device_latency_ns / 1000000), .policy,
		(if .policy == "stock" then "-" elif .window == 0 then "none"
			else .window end),
		(.median.sync_ns | milliseconds),
		(.median.setup_ns | milliseconds),
		(.median.passes_ns | milliseconds),
		(.median.critical_ns | milliseconds),
		.median.num_started, .median.num_waited, .median.peak_in_flight,
		(($serial.median.passes_ns / .median.passes_ns * 10 | round) / 10)])
| @tsv

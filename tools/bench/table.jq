# Makes the table that `make bench` prints of summary.json, tab-separated. The
# gain is that of the whole writeout, against serial at the same latency: early
# and stock set the caches up within their early pass.

def milliseconds: (. / 10000 | round) / 100;

def order: {"serial": 0, "two_stage": 1, "early": 2, "stock": 3, "fit": 4}[.policy];

.runs as $runs |
["latency", "policy", "window", "setup", "passes", "writeout", "gain", "critical",
	"sync", "started", "waited", "in flight"],
["ms", "", "", "ms", "ms", "ms", "", "ms", "ms", "", "", "peak"],
($runs | sort_by(.device_latency_ns, order, .window)[] |
	. as $run |
	($runs[] | select(.policy == "serial" and
		.device_latency_ns == $run.device_latency_ns)) as $serial |
	[(.device_latency_ns / 1000000), .policy,
		(if .policy == "stock" then "-" elif .window == 0 then "none"
			else .window end),
		(.median.setup_ns | milliseconds),
		(.median.passes_ns | milliseconds),
		(.median.writeout_ns | milliseconds),
		(($serial.median.writeout_ns / .median.writeout_ns * 10 | round) / 10),
		(.median.critical_ns | milliseconds),
		(.median.sync_ns | milliseconds),
		.median.num_started, .median.num_waited, .median.peak_in_flight])
| @tsv

# Makes summary.json of the samples: `jq -n -f summary.jq --slurpfile samples
# samples.jsonl --slurpfile traced traced.json --arg kernel --arg clock
# --arg module_name`. docs/formats.md describes the format.

def median: sort | if length % 2 == 1 then .[length / 2 | floor]
	else (.[length / 2 - 1] + .[length / 2]) / 2 end;

def fields: ["transid", "num_started", "num_waited", "num_discarded",
	"peak_in_flight", "setup_ns", "passes_ns", "writeout_ns",
	"critical_ns", "wait_ns", "sync_ns"];

def medians: . as $samples | fields - ["transid"] |
	map({(.): (. as $field | $samples | map(.[$field]) | median)}) | add;

{
	$kernel, $clock, module: $module_name,
	runs: ($samples |
		group_by([.device_latency_ns, .policy, .window]) |
		map({
			policy: .[0].policy,
			window: .[0].window,
			device_latency_ns: .[0].device_latency_ns,
			block_groups: .[0].dirtied,
			samples: map(with_entries(select(.key | IN(fields[])))),
			median: medians
		})),
	traced: $traced[0].traced,
	counted: $traced[0].counted
}

# Makes a sample of the line of `workload sync`: `jq -f sample.jq --arg cell
# --argjson repetition --arg kernel --arg clock --slurpfile depth --slurpfile
# bystander`. docs/formats.md describes the format.

def number: if . == "-" then null else tonumber end;

($cell | split(",")) as $fields |
{
	cell: $cell,
	workload: $fields[0], placement: $fields[1], module: $fields[2],
	cache: $fields[3],
	policy: (if $fields[4] == "-" then null else $fields[4] end),
	window: ($fields[5][1:] | number),
	block_groups: ($fields[6][1:] | number),
	latency_ns: ($fields[7][1:] | number),
	queue_depth: ($fields[8][1:] | number),
	$repetition, $kernel, $clock,
	timed_ns: (.timed_ns // .sync_ns),
	sync_ns, num_started, num_waited, num_discarded, peak_in_flight,
	early_ns, setup_ns, commit_ns, passes_ns, writeout_ns, critical_ns,
	wait_ns, bytes,
	bystander: $bystander[0], depth: $depth[0]
}

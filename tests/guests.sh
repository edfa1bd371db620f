# shellcheck shell=bash
#
# Which test files run in which guest, and what a guest is given. Sourced by
# tests/run, which sets SERIES and GUEST, the kernel, and LONG.

make_input() {
	local input=$1

	rm -rf "$input"
	mkdir -p "$input/bin"
	make -C "$TWOSTAGE_TREE/tools/bench" O="$input/bin" > /dev/null
	make -C "$TWOSTAGE_TREE/tools/twostage" O="$input/bin" STATIC=1 > /dev/null
	make -C "$TWOSTAGE_TREE/tests/crash" O="$input/bin" > /dev/null
	(cd "$TWOSTAGE_TREE" && cp -r --parents tests/tap.sh tests/vm tests/crash tests/stress \
		tools/vm tools/bpftrace \
		include/abi "$input")
}

# What guest tests do more of in a long run.
LONG_SETTINGS=(FAULT_POLICIES="serial two_stage early stock"
	ERROR_POLICIES="serial two_stage early stock"
	CRASH_SETTINGS="serial 1,two_stage 4,two_stage 0,early 4,early 0,stock,switching"
	CRASH_OPERATIONS=360 CRASH_EVERY=1 FUZZ_WRITES=100000
	STRESS_SETS="single,dup,1 raid1,raid1,2 raid1,raid1,2,takeover raid10,raid10,4"
	STRESS_SECONDS=450 LIFE_COMMITS=10000 LIFE_MOUNTS=1000 LIFE_LOADS=200)

# What they do otherwise on a debug kernel, which is slow. Where quotas are enabled
# while files have reservations, the distribution's btrfs warns there of an
# underflow, its own module as much as ours.
DEBUG_SETTINGS=(STRESS_SECONDS=180 STRESS_WITHOUT=quota)

# run_guest NAME FILE...: a guest of its own for these test files
run_guest() {
	local name=$1 file status=0 output=$RESULTS/$SERIES-guest-$1 timeout=1500
	local settings=()

	shift
	rm -rf "$output"
	[[ $GUEST != *-mistakes && $GUEST != *-races ]] || settings+=("${DEBUG_SETTINGS[@]}")
	[[ -z $LONG ]] || settings+=("${LONG_SETTINGS[@]}")
	[[ ${#settings[@]} -eq 0 ]] || timeout=86400
	# Splats fail the test file that they came with, in the guest. Slab
	# caches that are not merged tell of leaks when they are destroyed.
	"$TWOSTAGE_TREE/tools/vm/run" --clock=wall --guest="$GUEST" --allow=. \
		--kernel-option=slab_nomerge --timeout="$timeout" --memory=6144 \
		--input="$RESULTS/input" --output="$output" -- env "${settings[@]}" \
		tests/vm/run-in-guest "$@" \
		2>&1 | tee "$RESULTS/$SERIES-guest-$name.log" >&2 || status=$?
	for file; do
		if [[ -s $output/$file.tap ]]; then
			cp "$output/$file.tap" "$RESULTS/$SERIES-$file.tap"
		else
			{
				echo "not ok - $file ran in the guest (status $status)"
				tail -n 40 "$RESULTS/$SERIES-guest-$name.log" | sed 's/^/# /'
			} > "$RESULTS/$SERIES-$file.tap"
		fi
	done
}

run_vm() {
	local first second
	local files_of_first=(policies switching fit bpftrace guard statistics faults
		stress)
	local files_of_second=(identity control unload mount-options nearly-full
		doctor tools record crash crafted fuzz device-errors long-life)

	if [[ -z $LONG ]] && is_between; then
		files_of_first=(policies switching fit)
		files_of_second=(identity unload guard tools)
	fi
	"$TWOSTAGE_TREE/tools/vm/root" "$GUEST"
	make_input "$RESULTS/input"
	"$TWOSTAGE_TREE/tests/vm/build-flavour" "$GUEST" unread "$RESULTS/input/bin/unread.ko"
	"$TWOSTAGE_TREE/tests/vm/build-flavour" "$GUEST" faults "$RESULTS/input/bin/faults.ko"
	announce "$SERIES: guest tests, two guests at a time (about 6 minutes)"
	run_guest first "${files_of_first[@]}" & first=$!
	{
		run_guest second "${files_of_second[@]}"
		! is_first ||
			record harness "$TWOSTAGE_TREE/tests/harness/harness.test" "$GUEST"
	} & second=$!
	wait "$first" "$second"
}

# debug_kernel KIND: what follows runs on that kernel
debug_kernel() {
	"$TWOSTAGE_TREE/tools/vm/debug-kernel" "$GUEST" "$1"
	GUEST+=-$1 SERIES+=-$1
	cp "$VM_FOLDER/$GUEST"/{faults.ko,functions} "$RESULTS/input/bin"
	announce "$SERIES: guest tests on a kernel that looks for $1"
}

run_debug() {
	local guest=$GUEST series=$SERIES

	make_input "$RESULTS/input"
	debug_kernel mistakes
	run_guest first policies switching fit unload statistics &
	run_guest second stress faults &
	wait
	run_guest third mistakes
	GUEST=$guest SERIES=$series
	debug_kernel races
	run_guest first races
}

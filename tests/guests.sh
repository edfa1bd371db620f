# shellcheck shell=bash
#
# Runs tests in guests. Sourced by tests/run, which sets RESULTS.

# prepare_guest GUEST [FLAVOUR...]: makes its root or its debug kernel, and flavours;
# one job does it while others wait
prepare_guest() {
	local guest=$1 kind name lock

	kind=$(kind_of "$guest")
	mkdir -p "$VM_FOLDER"
	exec {lock}> "$VM_FOLDER/$guest.lock"
	flock "$lock"
	if [[ $kind == stock ]]; then
		"$TWOSTAGE_TREE/tools/vm/root" "$guest"
	else
		"$TWOSTAGE_TREE/tools/vm/debug-kernel" "$(stock_of "$guest")" "$kind"
	fi
	for name in "${@:2}"; do
		[[ $kind != stock ]] || "$TWOSTAGE_TREE/tools/vm/flavour" "$guest" "$name"
	done
	exec {lock}>&-
}

# make_input FOLDER GUEST: the tests, programs and modules for a guest
make_input() {
	local programs=$TWOSTAGE_TREE/out/guest-programs lock

	mkdir -p "$programs" "$1/bin"
	exec {lock}> "$programs.lock"
	flock "$lock"
	make -s -C "$TWOSTAGE_TREE/tools/bench" O=../../out/guest-programs > /dev/null
	make -s -C "$TWOSTAGE_TREE/tools/twostage" O=../../out/guest-programs STATIC=1 > /dev/null
	make -s -C "$TWOSTAGE_TREE/tests/crash" O=../../out/guest-programs > /dev/null
	exec {lock}>&-
	find "$programs" -maxdepth 1 -type f -executable -exec cp -t "$1/bin" {} +
	find "$VM_FOLDER/$2" -maxdepth 1 \( -name '*.ko' -o -name functions \) \
		-exec cp -t "$1/bin" {} +
	(cd "$TWOSTAGE_TREE" && cp -r --parents tests/tap.sh tests/vm tests/crash \
		tests/stress tools/vm tools/bpftrace tools/dkms tools/twostage/doctor* \
		src/compat/kernels include/abi README.md docs/watching.md "$1")
}

# follow_guest: reports each entry as the guest finishes it
follow_guest() {
	local word number seconds result

	while read -r word number seconds result; do
		[[ $word != finished ]] || tell "${ENTRIES[number]}" "$result" "$seconds"
	done
}

# run_guest GUEST ENTRY...: runs them one after another in one guest. A splat fails the
# test file during which it appeared. Unmerged slab caches report leaks when they are
# destroyed. QEMU takes an indirect call through a retpoline for two, which is a quarter
# of the time. Other files that tests leave are in RESULTS/guests.
run_guest() {
	local guest=$1 limit=180 seconds file settings number record folder status=0
	local ENTRIES=("${@:2}") arguments=()

	folder=$RESULTS/guests/$(stem "$2")
	rm -rf "$folder"
	mkdir -p "$folder/output"
	make_input "$folder/input" "$guest"
	for number in "${!ENTRIES[@]}"; do
		read -r _ _ _ seconds file settings <<< "${ENTRIES[number]}"
		arguments+=("$number $seconds $(basename "$file") ONLY=${ONLY:+${ONLY// /?}} $settings")
		limit=$((limit + seconds))
	done
	"$TWOSTAGE_TREE/tools/vm/run" --clock=wall --guest="$guest" --allow=. \
		--kernel-option="slab_nomerge mitigations=off" --timeout="$limit" --memory=6144 \
		--input="$folder/input" --output="$folder/output" -- \
		tests/vm/run-in-guest "${arguments[@]}" 2>&1 |
		tee "$folder/log" | follow_guest || status=$?
	rm -rf "$folder/input"
	for number in "${!ENTRIES[@]}"; do
		record=$(record_of "${ENTRIES[number]}")
		if [[ -s $folder/output/$number.tap ]]; then
			mv "$folder/output/$number.log" "${record%.tap}.log"
			mv "$folder/output/$number.tap" "$record"
		else
			: > "$record"
			add_failure "$record" "the guest ran it to the end (status $status)" \
				"$folder/log"
		fi
	done
}

# shellcheck shell=bash
#
# Shows that a unit test in C can fail. Sourced by tests/unit/*-mutants.
#
# Breaks a copy of the source in one way at a time, and expects the test to notice.
# The unchanged source has to pass, and each change has to apply: where the source has
# moved on, the table of mutants follows. A mutant is a line of the table,
#
#	NAME|FUNCTION|SED SCRIPT
#
# where the script sees the lines of the function alone, from the line that has its
# name to the first that begins with }; without a function, the whole file.
#
# VERBOSE=1 says by what each was noticed.

# compile FILE: FILE.c, with the other objects, into the program FILE
compile() {
	gcc "${FLAGS[@]}" -c -o "$1.o" "$1.c" &&
		gcc "${FLAGS[@]}" -o "$1" "$1.o" "$FOLDER"/objects/*.o
}

passes() {
	SEED=1 TRANSACTIONS=${TRANSACTIONS:-5000} timeout 20 "$1" > "$1.log" 2>&1
}

# is_noticed FILE FUNCTION SCRIPT
is_noticed() {
	local range=${2:+"/^[a-z].*\<$2(\|^$2(/,/^}/"}

	sed "$range{$3
		}" "$SOURCE" > "$1.c"
	if cmp -s "$SOURCE" "$1.c"; then
		echo "does not apply" > "$1.log"
	elif compile "$1" 2> "$1.log"; then
		! passes "$1"
		return
	fi
	return 1
}

# try NUMBER NAME FUNCTION SCRIPT: one line of TAP
try() {
	local mutant=$FOLDER/mutant-$1

	if is_noticed "$mutant" "$3" "$4"; then
		echo "ok $1 - noticed: $2"
		[[ -n ${VERBOSE:-} ]] || rm "$mutant.log"
	else
		echo "not ok $1 - noticed: $2"
	fi
	grep -hv '^ok\|^1\.\.' "$mutant.log" 2> /dev/null | sed 's/^/#   /' || true
	rm -f "$mutant" "$mutant".*
}

# try_unchanged: line 1 of the TAP
try_unchanged() {
	cp "$SOURCE" "$FOLDER/unchanged.c"
	if compile "$FOLDER/unchanged" && passes "$FOLDER/unchanged"; then
		echo "ok 1 - the unchanged source passes"
	else
		echo "not ok 1 - the unchanged source passes"
		sed 's/^/# /' "$FOLDER/unchanged.log" || true
	fi
}

# try_mutants SOURCE TEST-FILE... < TABLE
try_mutants() {
	local mutants mutant number=1 name function script file

	mapfile -t mutants
	SOURCE=$1
	FOLDER=$(mktemp -d)
	trap 'rm -rf "$FOLDER"' EXIT
	read -r -a FLAGS < <(make -s -f tests/unit/writeout.mk flags O="$FOLDER")
	FLAGS+=(-O0 -w)
	mkdir "$FOLDER/objects"
	for file in "${@:2}"; do
		gcc "${FLAGS[@]}" -c -o "$FOLDER/objects/$(basename "$file" .c).o" "$file"
	done

	echo "1..$((${#mutants[@]} + 1))"
	try_unchanged > "$FOLDER/line.1"
	for mutant in "${mutants[@]}"; do
		number=$((number + 1))
		IFS='|' read -r name function script <<< "$mutant"
		try "$number" "$name" "$function" "$script" > "$FOLDER/line.$number" &
		((number % $(nproc) != 0)) || wait
	done
	wait
	for ((number = 1; number <= ${#mutants[@]} + 1; number++)); do
		cat "$FOLDER/line.$number"
	done | tee "$FOLDER/lines"
	! grep -q '^not ok' "$FOLDER/lines"
}

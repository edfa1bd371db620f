# shellcheck shell=bash
#
# Finds the tests, what each needs, and which of them are in a run. Sourced by
# tests/run.
#
# A test is a file: tests/unit/NAME (or NAME-test.c, a program), or NAME.test in
# tests/dkms, harness, lab, progs and vm. A comment near its top declares what it needs
# (defaults in parentheses):
#
#	test: limit=SECONDS [KEY=VALUE...]
#
#   limit	seconds after which it is killed and has failed
#   long	the limit in a long run (limit)
#   kernels	kernels it covers in a short run of several: all, ends (first and last),
#		releases (the first of each Debian release), first, or none, unless it is
#		named (all); unit tests run once
#   guests	kernels it runs on in tests/vm, separated by commas: stock, mistakes,
#		races (stock); see tools/vm/debug-kernel
#   alone	yes: in a guest of its own
#   flavours	builds of the module that it loads: see tools/vm/flavour
#   needs	arguments for tools/dependencies, besides what its folder needs
#
# Further lines declare how else it runs:
#
#	long: NAME[*N] [VARIABLE=VALUE...]	in a long run, on the first kernel, once per
#		line; with *N as N entries NAME.0, NAME.1, ..., which get PART=0/N, PART=1/N, ...
#	mistakes: [VARIABLE=VALUE...]	on that debug kernel
#
# A run is a list of entries: KERNEL TEST VARIANT LIMIT FILE [VARIABLE=VALUE...]. KERNEL
# is - for a unit test, VARIANT is the NAME after `long:` or -.

PARTS=(unit dkms harness progs vm lab)

# kind_of KERNEL, stock_of KERNEL: mistakes and 6.1 for 6.1-mistakes
kind_of() {
	[[ $1 =~ -(mistakes|races)$ ]] && echo "${BASH_REMATCH[1]}" || echo stock
}

stock_of() {
	echo "${1%-"$(kind_of "$1")"}"
}

test_files() {
	local part

	find tests/unit -maxdepth 1 -type f \( -executable -o -name '*-test.c' \)
	for part in "${PARTS[@]:1}"; do
		find "tests/$part" -maxdepth 1 -name '*.test'
	done
}

# catalogue: NAME FILE LIMIT LONG KERNELS GUESTS ALONE FLAVOURS NEEDS for each test,
# with - for what is not declared; fails if a file declares nothing
catalogue() {
	# shellcheck disable=SC2016 # awk's
	(cd "$TWOSTAGE_TREE" && test_files | LC_ALL=C sort | xargs awk '
		function finish() {
			if (file == "")
				return
			name = file
			sub(/^tests\//, "", name)
			sub(/(-test\.c|\.test)$/, "", name)
			if (!("limit" in value) || value["limit"] !~ /^[0-9]+$/) {
				print file ": no line declares test: limit=SECONDS" > "/dev/stderr"
				exit failed = 1
			}
			print name, file, value["limit"], said("long", value["limit"]),
				said("kernels", "all"), said("guests", "stock"),
				said("alone", "-"), said("flavours", "-"), said("needs", "-")
		}
		function said(key, otherwise) {
			return key in value ? value[key] : otherwise
		}
		FNR == 1 { finish(); file = FILENAME; delete value }
		FNR < 40 && /^( \*|#) test: / {
			for (i = 3; i <= NF; i++) {
				split($i, pair, "=")
				if (pair[1] !~ /^(limit|long|kernels|guests|alone|flavours|needs)$/) {
					print file ": unknown declaration " $i > "/dev/stderr"
					exit failed = 1
				}
				value[pair[1]] = pair[2]
			}
		}
		END { if (!failed) finish(); exit failed }')
}

# settings FILE WORD: the rest of the lines that begin with WORD
settings() {
	sed -nE "1,40s/^# $2: //p" "$TWOSTAGE_TREE/$1"
}

# long_variants FILE: of its `long:` lines, those with *N in parts
long_variants() {
	settings "$1" long | awk '
		split($1, name, "*") == 1 { print; next }
		{ for (i = 0; i < name[2]; i++) {
			$1 = name[1] "." i
			print $0, "PART=" i "/" name[2] } }'
}

# is_wanted NAME: whether TEST= and the chosen parts include it
is_wanted() {
	local pattern

	[[ " ${CHOSEN_PARTS[*]} " == *" ${1%%/*} "* ]] || return 1
	((${#PATTERNS[@]})) || return 0
	for pattern in "${PATTERNS[@]}"; do
		# shellcheck disable=SC2053 # they are patterns
		[[ $1 != $pattern && ${1#*/} != $pattern ]] || return 0
	done
	return 1
}

# check_patterns: fails unless each pattern in TEST= matches a test
check_patterns() {
	local pattern name found

	for pattern in "${PATTERNS[@]}"; do
		found=
		while read -r name _; do
			# shellcheck disable=SC2053
			[[ $name != $pattern && ${name#*/} != $pattern ]] || found=1
		done < "$CATALOGUE"
		[[ -n $found ]] || give_up 2 "TEST: no test is called $pattern;" \
			"make test LIST=1 prints them"
	done
}

# is_left_out KERNELS KERNEL: whether a short run skips it there. If both the test and
# the kernels were named, it does not.
is_left_out() {
	local kernel

	[[ -z $LONG ]] || return 1
	[[ -z ${KERNELS:-} || ${#PATTERNS[@]} -eq 0 ]] || return 1
	case $1 in
	none) ((${#PATTERNS[@]} == 0)) || [[ $2 != "${KERNELS_TO_TEST[0]}" ]] ;;
	first) [[ $2 != "${KERNELS_TO_TEST[0]}" ]] ;;
	ends) [[ $2 != "${KERNELS_TO_TEST[0]}" && $2 != "${KERNELS_TO_TEST[-1]}" ]] ;;
	releases)
		for kernel in "${KERNELS_TO_TEST[@]}"; do
			[[ $kernel != "$2" ]] || return 1
			[[ $(base_of "$kernel") != "$(base_of "$2")" ]] || return 0
		done ;;
	*) return 1 ;;
	esac
}

# base_of KERNEL: its Debian release, without -backports
base_of() {
	local release

	release=$(release_of "$1")
	echo "${release%-backports}"
}

# entries_of KERNEL < CATALOGUE
entries_of() {
	local kernel=$1 kind name file limit long kernels guests variant

	kind=$(kind_of "$kernel")
	while read -r name file limit long kernels guests _; do
		is_wanted "$name" || continue
		[[ $name != unit/* && ",$guests," == *",$kind,"* ]] || continue
		! is_left_out "$kernels" "$kernel" || continue
		[[ -z $LONG ]] || limit=$long
		if [[ $kind != stock ]]; then
			echo "$kernel $name - $long $file $(settings "$file" "$kind")"
		elif [[ -n $LONG && $kernel == "${KERNELS_TO_TEST[0]}" &&
			-n $(settings "$file" long) ]]; then
			while read -r variant; do
				echo "$kernel $name ${variant%% *} $limit $file" \
					"$([[ $variant != *' '* ]] || echo "${variant#* }")"
			done < <(long_variants "$file")
		else
			echo "$kernel $name - $limit $file"
		fi
	done
}

# repeat < ENTRIES: each TIMES times, with a number as variant or appended to it
repeat() {
	awk -v times="$TIMES" 'times == 1 { print; next }
		{ variant = $3 == "-" ? "" : $3 "."
		  for (i = 1; i <= times; i++) { $3 = variant i; print } }'
}

# entries: of this run, in order
entries() {
	local name file limit part kernel

	while read -r name file limit _; do
		[[ $name != unit/* ]] || ! is_wanted "$name" ||
			echo "- $name - $limit $file"
	done < "$CATALOGUE"
	for kernel in "${KERNELS_TO_TEST[@]}"; do
		for part in "${PARTS[@]:1}"; do
			entries_of "$kernel" < <(grep "^$part/" "$CATALOGUE")
		done
	done
}

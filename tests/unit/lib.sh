# shellcheck shell=bash
#
# What the tests in shell share, beside tests/tap.sh: the tree, a folder of their own in
# SCRATCH, the program `twostage`, and ways to run one. Sourced by the tests here.

here=$(dirname "$(realpath "$0")")
tree=$(realpath "$here/../..")
# shellcheck source=tests/tap.sh
. "$tree/tests/tap.sh"
# The one that `make -C tests/unit` builds, or another.
TWOSTAGE=$(realpath -m "${TWOSTAGE:-$tree/out/unit/twostage}")
SCRATCH=$(mktemp -d)
trap 'rm -rf "$SCRATCH"' EXIT

# exits STATUS COMMAND...: what it prints is in $SCRATCH/out, and its messages in
# $SCRATCH/err
exits() {
	local status=0

	"${@:2}" > "$SCRATCH/out" 2> "$SCRATCH/err" || status=$?
	cat "$SCRATCH/out" "$SCRATCH/err"
	[[ $status -eq $1 ]] || { echo "status $status, not $1: ${*:2}"; return 1; }
}

# refused STATUS REGEX COMMAND...: with one line, and nothing printed
refused() {
	exits "$1" "${@:3}"
	grep -qE -- "$2" "$SCRATCH/err"
	[[ $(wc -l < "$SCRATCH/err") -eq 1 && ! -s $SCRATCH/out ]]
}

# browse PAGE WIDTH: what Chromium makes of it is in $SCRATCH/dom; a page that logs
# anything fails
browse() {
	timeout 90 "${CHROMIUM:-chromium}" --headless --no-sandbox --disable-gpu --no-first-run \
		--user-data-dir="$SCRATCH/profile" --window-size="$2,1200" \
		--enable-logging=stderr --v=0 --dump-dom "file://$1" \
		> "$SCRATCH/dom" 2> "$SCRATCH/log"
	fails grep -a CONSOLE "$SCRATCH/log"
}

# find_promtool: sets PROMTOOL, taken from its package, which need not be installed
find_promtool() {
	local folder=$tree/out/promtool

	PROMTOOL=$(command -v promtool) && return
	PROMTOOL=$folder/usr/bin/promtool
	mkdir -p "$folder"
	# Two tests may look for it at once.
	(cd "$folder" && flock 9 && { [[ -x $PROMTOOL ]] ||
		{ apt-get download -q prometheus && dpkg-deb -x prometheus_*.deb . &&
			rm prometheus_*.deb; }; }) 9> "$folder.lock" ||
		skip "no promtool: install prometheus"
}

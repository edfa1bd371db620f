# shellcheck shell=bash
#
# `twostage doctor` in a guest, and what it says there. Sourced after lib.sh.
# shellcheck disable=SC2034 # for those who source this

TWOSTAGE_DOCTOR=$(realpath "$HERE/../../tools/twostage/doctor")
export TWOSTAGE_DOCTOR
MODULE_FILE=$(modinfo -n btrfs_twostage)

# doctor STATUS: its report is in /tmp/report.json, and what it finds in /tmp/report
doctor() {
	local status=0

	twostage doctor --json > /tmp/report.json || status=$?
	jq -r '.checks[] | "\(.name): \(.finding) -> \(.remedy)"' /tmp/report.json |
		tee /tmp/report
	expect_equal "$status" "$1" "exit status"
	expect_equal "$(jq .well /tmp/report.json)" \
		"$([[ $1 == 0 ]] && echo true || echo false)" well
}

# says CHECK VERDICT TEXT [REMEDY]
says() {
	local found

	found=$(jq -r --arg name "$1" '.checks[] | select(.name == $name) |
		"\(.verdict): \(.finding) -> \(.remedy)"' /tmp/report.json)
	[[ $found == "$2: "*"$3"*" -> "*"${4:-null}"* ]] ||
		fail "$1 says: $found"
}

# run_remedy LINE: as it stands, for root
run_remedy() {
	bash -euxc "${1//sudo /}"
}

# remedy CHECK: that of the last report
remedy() {
	run_remedy "$(jq -r --arg name "$1" '.checks[] | select(.name == $name) | .remedy' \
		/tmp/report.json)"
}

# shellcheck shell=bash disable=SC2154
#
# What stands for tools/vm/run in the tree of tree.sh. Sourced by that, with the
# arguments of a guest.

while [[ $1 != -- ]]; do
	case $1 in
	--output=*) output=${1#*=} ;;
	--clock=*) clock=${1#*=} ;;
	esac
	shift
done
shift
while [[ $1 == env || $1 == *=* ]]; do
	shift
done

case $1 in
*/image)
	mkdir -p "$output"
	touch "$output/$2.qcow2"
	;;
*/measure)
	touch "$scratch/running/$$"
	trap 'rm -f "$scratch/running/$$"' EXIT
	number=$(flock "$scratch/taken" bash -c "echo '$2 $3' >> '$scratch/taken';
		wc -l < '$scratch/taken'")
	find "$scratch/running" -type f | wc -l >> "$scratch/at_once"
	sleep "${PACE:-0.05}"
	if grep -qx "$number" "$scratch/fail"; then
		echo "the guest was lost" >&2
		exit 3
	fi
	printf 'sample %s\n' "$(grep -F "\"$3\"" "$scratch/answers.$clock" |
		grep -F "\"repetition\": $2,")" >&2
	;;
esac

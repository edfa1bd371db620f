# shellcheck shell=bash disable=SC2154
#
# What stands for tools/vm/run in the tree of tree.sh. Sourced by that, with the
# arguments of a guest.

while [[ $1 != -- ]]; do
	case $1 in
	--output=*) output=${1#*=} ;;
	--clock=*) clock=${1#*=} ;;
	--guest=*) guest=${1#*=} ;;
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
	echo "$2 $guest" >> "$SCRATCH/images"
	;;
*/measure)
	touch "$SCRATCH/running/$$"
	trap 'rm -f "$SCRATCH/running/$$"' EXIT
	number=$(flock "$SCRATCH/taken" bash -c "echo '$2 $3' >> '$SCRATCH/taken';
		wc -l < '$SCRATCH/taken'")
	find "$SCRATCH/running" -type f | wc -l >> "$SCRATCH/at_once"
	sleep "${PACE:-0.05}"
	if grep -qx "$number" "$SCRATCH/fail"; then
		echo "the guest was lost" >&2
		exit 3
	fi
	printf 'sample %s\n' "$(grep -F "\"$3\"" "$SCRATCH/answers.$clock" |
		grep -F "\"repetition\": $2,")" >&2
	;;
esac

# shellcheck shell=bash
#
# Completes the command line of twostage in bash. Commands and options are those
# that --help shows.

# The mount points of the module's filesystems.
_twostage_mounts() {
	twostage status --json 2> /dev/null | sed -nE 's/^ *"mount": ?"(.*)",$/\1/p'
}

# _twostage_words COMMAND: its options, and what else can follow it
_twostage_words() {
	twostage "$1" --help 2> /dev/null | sed -nE 's/^ .* (--[a-z-]+=?).*/\1/p'
	case $1 in
	report) compgen -G '*.rec' ;;
	set) echo "policy= window= fit= settle= read_ahead= $(_twostage_mounts)" ;;
	status|watch) _twostage_mounts ;;
	esac
}

_twostage() {
	local words word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}

	# bash splits --option=value at the =.
	if [[ $word == '=' ]]; then
		word=
	elif [[ $before == '=' ]]; then
		before=${COMP_WORDS[COMP_CWORD - 2]}
	fi
	case $before in
	--root)
		mapfile -t COMPREPLY < <(compgen -d -- "$word")
		return ;;
	--output|-o)
		mapfile -t COMPREPLY < <(compgen -f -- "$word")
		return ;;
	--kernel) words=$(cd /lib/modules 2> /dev/null && compgen -d) ;;
	policy) words='serial two_stage early stock' ;;
	*)
		if ((COMP_CWORD == 1)); then
			words="$(twostage --help | sed -nE 's/^  ([a-z]+) .*/\1/p') --help --version"
		else
			words=$(_twostage_words "${COMP_WORDS[1]}")
		fi
		;;
	esac
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
	[[ ${COMPREPLY[*]} != *= ]] || compopt -o nospace
}

complete -F _twostage twostage

# shellcheck shell=bash
#
# Completion of the command line of twostage, for bash.

_twostage_kernels() {
	local folder

	for folder in /lib/modules/*/; do
		[[ ! -d $folder ]] || basename "$folder"
	done
}

_twostage() {
	local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}

	# The = of an option is a word of its own here.
	if [[ $word == '=' ]]; then
		word=
	elif [[ $before == '=' ]]; then
		before=${COMP_WORDS[COMP_CWORD - 2]}
	fi
	COMPREPLY=()
	case $before in
	--kernel)
		mapfile -t COMPREPLY < <(compgen -W "$(_twostage_kernels)" -- "$word")
		return ;;
	--root)
		mapfile -t COMPREPLY < <(compgen -d -- "$word")
		return ;;
	esac
	if ((COMP_CWORD == 1)); then
		mapfile -t COMPREPLY < <(compgen -W 'doctor --help --version' -- "$word")
	elif [[ ${COMP_WORDS[1]} == doctor ]]; then
		mapfile -t COMPREPLY < <(compgen -W '--json --kernel= --root= --help' -- "$word")
		[[ ${COMPREPLY[*]} != *= ]] || compopt -o nospace
	fi
}

complete -F _twostage twostage

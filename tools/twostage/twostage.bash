# shellcheck shell=bash
#
# Completion of the command line of twostage, for bash.

_twostage_kernels() {
	local folder

	for folder in /lib/modules/*/; do
		[[ ! -d $folder ]] || basename "$folder"
	done
}

# Where the module's filesystems are mounted.
_twostage_mounts() {
	twostage status --json 2> /dev/null | sed -nE 's/^ *"mount": ?"(.*)",$/\1/p'
}

# _twostage_words COMMAND: its options, and what else may stand there
_twostage_words() {
	case $1 in
	doctor) echo '--json --kernel= --root= --help' ;;
	export) echo '--json --output= --root= --help' ;;
	record) echo '--buffer= --fixed-layout --json --output= --seconds= --help' ;;
	report) echo "--json --output= --help $(compgen -G '*.rec')" ;;
	set) echo "policy= window= fit= --json --root= --help $(_twostage_mounts)" ;;
	status) echo '--json --root= --help' ;;
	watch) echo "--count= --interval= --json --root= --help $(_twostage_mounts)" ;;
	esac
}

_twostage() {
	local words word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}

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
	--output|-o)
		mapfile -t COMPREPLY < <(compgen -f -- "$word")
		return ;;
	policy)
		mapfile -t COMPREPLY < <(compgen -W 'serial two_stage early stock' -- "$word")
		return ;;
	esac
	if ((COMP_CWORD == 1)); then
		words='doctor export record report set status watch --help --version'
	else
		words=$(_twostage_words "${COMP_WORDS[1]}")
	fi
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
	[[ ${COMPREPLY[*]} != *= ]] || compopt -o nospace
}

complete -F _twostage twostage

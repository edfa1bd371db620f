# shellcheck shell=bash
#
# Completes the command line of twostage, by bash-completion, whose functions it uses.
# Commands and options are those that --help shows.

# _twostage_words WORD...: those that begin with $cur; readline quotes what needs it
_twostage_words() {
	local word typed=${cur//[\\\"\']/}

	for word; do
		[[ $word != "$typed"* ]] || COMPREPLY+=("$word")
	done
}

# The mount points of the module's filesystems, then any other folder
_twostage_mount() {
	local mounts

	mapfile -t mounts < <(twostage status --json 2> /dev/null | jq -r '.[].mount' 2> /dev/null)
	compopt -o filenames
	_twostage_words "${mounts[@]}"
	((${#COMPREPLY[@]})) || _filedir -d
}

_twostage_setting() {
	case $cur in
	policy=*)
		cur=${cur#*=}
		_twostage_words serial two_stage early stock ;;
	fit=* | read_ahead=*)
		cur=${cur#*=}
		_twostage_words 0 1 ;;
	*=*) ;;
	*)
		compopt -o nospace
		_twostage_words policy= window= fit= settle= read_ahead= ;;
	esac
}

# Sets ARGUMENTS to how many there are before the current word, and FIRST to where they
# begin.
_twostage_count() {
	local i

	ARGUMENTS=0 FIRST=0
	for ((i = 2; i < cword; i++)); do
		case ${words[i]} in
		--root | --kernel | --output | --interval | --count | --seconds | --buffer | -[oinsb])
			((++i)) ;;
		-*) ;;
		*)
			((FIRST)) || FIRST=$i
			((++ARGUMENTS))
			[[ ${words[1]} != record ]] || return 0 ;;
		esac
	done
}

_twostage_value() {
	local releases

	case $prev in
	--root) _filedir -d ;;
	--output | -o) _filedir ;;
	--kernel)
		mapfile -t releases < <(cd /lib/modules 2> /dev/null && compgen -d)
		_twostage_words "${releases[@]}" ;;
	--interval | --count | --seconds | --buffer | -[insb]) ;;
	*) return 1 ;;
	esac
}

_twostage_argument() {
	local ARGUMENTS FIRST

	_twostage_count
	case ${words[1]}:$ARGUMENTS in
	set:0 | status:0 | watch:0) _twostage_mount ;;
	set:*) _twostage_setting ;;
	report:[01]) _filedir rec ;;
	record:0) _command_offset "$cword" ;;
	record:*) _command_offset "$FIRST" ;;
	esac
}

_twostage() {
	local cur prev words cword split list

	_init_completion -s || return
	if ((cword == 1)); then
		mapfile -t list < <(twostage --help | sed -nE 's/^  ([a-z]+) .*/\1/p')
		_twostage_words "${list[@]}" --help --version
	elif _twostage_value || $split; then
		return
	elif [[ $cur == -* ]]; then
		mapfile -t list < <(twostage "${words[1]}" --help 2> /dev/null |
			sed -nE 's/^ .* (--[a-z-]+=?).*/\1/p')
		_twostage_words "${list[@]}"
		[[ ${COMPREPLY[*]} != *= ]] || compopt -o nospace
	else
		_twostage_argument
	fi
}

complete -F _twostage twostage

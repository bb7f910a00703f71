# Completion for ./aftercare in bash; "source <(./aftercare completion)".
_aftercare() {
	local word=${COMP_WORDS[COMP_CWORD]} words
	case ${COMP_WORDS[COMP_CWORD - 1]} in
	--data) mapfile -t COMPREPLY < <(compgen -d -- "$word") ;;
	*)
		words=$("${COMP_WORDS[0]}" _words "${COMP_WORDS[1]:-}" "$COMP_CWORD" 2>/dev/null)
		mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
		if [[ ${COMP_WORDS[1]} == import && $word != -* ]]; then
			mapfile -t COMPREPLY < <(compgen -f -- "$word")
		fi
		;;
	esac
}
complete -o filenames -F _aftercare ./aftercare aftercare

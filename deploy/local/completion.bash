# Completion for ./aftercare in bash; "source <(./aftercare completion)".
_aftercare() {
	local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} words
	if [[ $before == --data ]]; then
		mapfile -t COMPREPLY < <(compgen -d -- "$word")
		return
	fi
	words=$("${COMP_WORDS[0]}" _words "${COMP_WORDS[1]:-}" "$COMP_CWORD" "$before" 2>/dev/null)
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
	if [[ ${COMP_WORDS[1]} == import && $word != -* || ${COMP_WORDS[1]} == test && $word == [!-]* ]]; then
		mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -f -- "$word")
	fi
}
complete -o filenames -F _aftercare ./aftercare aftercare

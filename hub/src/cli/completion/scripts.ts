import { shellWord } from '../../snippets/shell-words.ts';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

/** Each asks the program itself for candidates, so aliases and run ids are those of the moment. */
export function completionScript(shell: Shell, program: string): string {
  const self = shellWord(program);
  switch (shell) {
    case 'bash':
      return `_flotilla() {
  local IFS=$'\\n' line="\${COMP_LINE:0:COMP_POINT}" cur
  local -a words
  IFS=' ' read -ra words <<< "$line"
  cur="\${words[\${#words[@]}-1]}"
  [[ $line == *' ' ]] && cur= && words+=('')
  COMPREPLY=($(${self} __complete "\${words[@]:1}" 2>/dev/null))
  [[ \${COMPREPLY[0]} == *: ]] && compopt -o nospace
  if [[ $cur == *:* ]]; then COMPREPLY=("\${COMPREPLY[@]#"\${cur%"\${cur##*:}"}"}"); fi
}
complete -o default -F _flotilla flotilla`;
    case 'zsh':
      return `#compdef flotilla
_flotilla() {
  local -a found
  found=("\${(@f)$(${self} __complete "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  found=("\${(@)found:#}")
  if (( $#found )); then compadd -- $found; else _files; fi
}
compdef _flotilla flotilla`;
    case 'fish':
      return `function __flotilla_complete
  set -l words (commandline -opc) (commandline -ct)
  ${self} __complete $words[2..] 2>/dev/null
end
complete -c flotilla -a '(__flotilla_complete)'`;
  }
}

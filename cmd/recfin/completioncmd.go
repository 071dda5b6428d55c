package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/urfave/cli/v2"
)

// completionName is the command that prints scripts, completeName the one that they
// call with the words of a command line.
const (
	completionName = "completion"
	completeName   = "__complete"
)

func completionCommand() *cli.Command {
	return &cli.Command{
		Name:        completionName,
		Usage:       "a script that completes commands, flags and values in a shell",
		UsageText:   "recfin completion " + strings.Join(shells(), "|"),
		Description: completionHelp,
		Action: func(c *cli.Context) error {
			shell := c.Args().First()
			if c.NArg() != 1 || scripts[shell] == "" {
				return usagef("%s wants the name of a shell: %s%s", completionName, strings.Join(shells(), ", "), didYouMean(shell, "", shells()))
			}
			_, err := io.WriteString(c.App.Writer, scripts[shell])
			return err
		},
	}
}

// completeCommand answers the scripts. It takes words as they are: none of them is a
// flag of its own.
func completeCommand() *cli.Command {
	return &cli.Command{
		Name:            completeName,
		Hidden:          true,
		SkipFlagParsing: true,
		Action: func(c *cli.Context) error {
			for _, word := range complete(c.App, c.Args().Slice()) {
				if _, err := fmt.Fprintln(c.App.Writer, word); err != nil {
					return err
				}
			}
			return nil
		},
	}
}

func shells() []string { return []string{"bash", "zsh", "fish", "powershell"} }

// scripts are the completions of shells. Each hands over the words up to the cursor
// and offers what comes back; where nothing does, the shell offers files.
var scripts = map[string]string{
	"bash": `# recfin: completion for bash. In ~/.bashrc: source <(recfin completion bash)
_recfin() {
  local line=${COMP_LINE:0:COMP_POINT} words=() cur cut= word
  read -ra words <<<"$line"
  [[ $line == *[[:space:]] ]] && words+=("")
  cur=${words[${#words[@]}-1]}
  # bash replaces only what stands behind the last of these characters
  [[ $cur == *=* && $COMP_WORDBREAKS == *=* ]] && cut=${cur%%=*}=
  COMPREPLY=()
  while IFS= read -r word; do
    [[ -n $word ]] && COMPREPLY+=("${word#"$cut"}")
  done < <("${words[0]}" ` + completeName + ` "${words[@]:1}" 2>/dev/null)
}
complete -o default -F _recfin recfin
`,
	"zsh": `#compdef recfin
# recfin: completion for zsh. In ~/.zshrc, behind compinit: source <(recfin completion zsh)
_recfin() {
  local -a found
  found=("${(@f)$("${words[1]}" ` + completeName + ` "${(@)words[2,CURRENT]}" 2>/dev/null)}")
  found=(${found:#})
  if (( $#found )); then
    compadd -a found
  else
    _files
  fi
}
compdef _recfin recfin
`,
	"fish": `# recfin: completion for fish. In ~/.config/fish/config.fish: recfin completion fish | source
function __recfin_complete
    set -l words (commandline -opc) (commandline -ct)
    $words[1] ` + completeName + ` $words[2..-1] 2>/dev/null
end
complete -c recfin -a '(__recfin_complete)'
`,
	"powershell": `# recfin: completion for PowerShell. In $PROFILE: recfin completion powershell | Out-String | Invoke-Expression
Register-ArgumentCompleter -Native -CommandName recfin -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $words = @($commandAst.CommandElements | Where-Object { $_.Extent.EndOffset -le $cursorPosition } | ForEach-Object { $_.ToString() })
    $program = $words[0]
    $words = @($words | Select-Object -Skip 1)
    if ($wordToComplete -eq '') { $words += '""' }
    & $program ` + completeName + ` @words 2>$null | ForEach-Object {
        [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_)
    }
}
`,
}

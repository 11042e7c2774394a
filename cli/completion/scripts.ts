/**
 * Completion scripts for shells, made of the commands. They contain all words, because asking the program at each press of
 * the key would take a second or two. Pure.
 */

/** A command, and what may follow it. */
export interface CommandWords {
  /** Names from the first one on, `["jobs", "list"]`; empty for the program. */
  readonly path: readonly string[];
  readonly commands: readonly string[];
  readonly flags: readonly FlagWords[];
}

export interface FlagWords {
  /** `--format`. */
  readonly flag: string;
  readonly takesValue: boolean;
  /** Empty: any value, such as the name of a file. */
  readonly choices: readonly string[];
}

export const shells = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof shells)[number];

/** The script for a shell. It also defines the command `sluice`. @param folder the project's */
export function completionScript(shell: Shell, commands: readonly CommandWords[], folder: string): string {
  const run = `npm --prefix ${quoted(folder)} run --silent sluice --`;
  if (shell === "fish") return fishScript(commands, run);
  const bash = `sluice() { ${run} "$@"; }\n${bashFunction(commands)}\ncomplete -o default -F _sluice sluice\n`;
  return shell === "bash"
    ? bash
    : `autoload -U +X compinit && compinit -u\nautoload -U +X bashcompinit && bashcompinit\n${bash}`;
}

/** No quoting is needed: the words are names of commands and flags, which no shell expands. */
function bashFunction(commands: readonly CommandWords[]): string {
  const named = commands.filter(({ path }) => path.length > 0).map(({ path }) => `"${path.join(" ")}"`);
  const ofFlags = commands.flatMap(({ path, flags }) => flags.map((flag) => ({ ...flag, at: path.join(" ") })));
  return [
    "_sluice() {",
    `  local path="" next i current="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}"`,
    "  COMPREPLY=()",
    "  for ((i = 1; i < COMP_CWORD; i++)); do",
    `    next="\${path:+$path }\${COMP_WORDS[i]}"`,
    `    case "$next" in ${named.join("|")}) path="$next" ;; esac`,
    "  done",
    '  case "$path $before" in',
    ...ofFlags
      .filter(({ choices }) => choices.length > 0)
      .map(({ at, flag, choices }) => `    "${at} ${flag}") ${reply(choices)}; return ;;`),
    `    ${[...new Set(ofFlags.filter(({ takesValue }) => takesValue).map(({ flag }) => `*" ${flag}"`))].join("|")}) return ;;`,
    "  esac",
    '  case "$path" in',
    ...commands.map(({ path, commands: names, flags }) => {
      return `    "${path.join(" ")}") ${reply([...names, ...flags.map(({ flag }) => flag)])} ;;`;
    }),
    "  esac",
    "}",
  ].join("\n");
}

function reply(words: readonly string[]): string {
  return `COMPREPLY=($(compgen -W "${words.join(" ")}" -- "$current"))`;
}

function fishScript(commands: readonly CommandWords[], run: string): string {
  const paths = commands.filter(({ path }) => path.length > 0).map(({ path }) => `"${path.join(" ")}"`);
  return [
    `function sluice; ${run} $argv; end`,
    "function __sluice_at",
    '  set -l path ""',
    "  for word in (commandline -opc)[2..-1]",
    '    set -l next (string trim "$path $word")',
    `    contains -- $next ${paths.join(" ")}; and set path $next`,
    "  end",
    '  test "$path" = "$argv"',
    "end",
    ...commands.flatMap(({ path, commands: names, flags }) => {
      const at = `complete -c sluice -n '__sluice_at ${path.join(" ")}'`;
      return [
        ...(names.length === 0 ? [] : [`${at} -f -a "${names.join(" ")}"`]),
        ...flags.map(({ flag, takesValue, choices }) => {
          const value = choices.length > 0 ? ` -x -a "${choices.join(" ")}"` : takesValue ? " -r" : "";
          return `${at} -l ${flag.slice(2)}${value}`;
        }),
      ];
    }),
    "",
  ].join("\n");
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

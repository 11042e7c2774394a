/** `completion`: prints a script by which a shell completes commands and options. */
import { Argument, type Command } from "commander";
import type { Attach, Session } from "../session";
import { toJson } from "../text/json";
import { type CommandWords, completionScript, type Shell, shells } from "./scripts";

const HELP = `
The script also defines the command \`sluice\`, short for \`npm run sluice --\`.

Examples:
  eval "$(npm run --silent sluice -- completion bash)"        in ~/.bashrc
  eval "$(npm run --silent sluice -- completion zsh)"         in ~/.zshrc
  npm run --silent sluice -- completion fish | source         in config.fish`;

/** To be added last: the script has the commands that the program has by then. */
export function addCompletionCommand(program: Command, attach: Attach): void {
  const completion = program.command("completion").description("Print a script for completion in a shell.");
  completion.addArgument(new Argument("<shell>", "the shell").choices(shells)).addHelpText("after", HELP);
  attach(completion, async (session: Session, [shell]) => {
    session.checkOptions();
    const script = completionScript(shell as Shell, wordsOf(program), session.io.root);
    session.print(toJson({ shell, script }, 2), script.trimEnd());
    return 0;
  });
}

/** The command and all below it. */
export function wordsOf(command: Command, path: readonly string[] = []): CommandWords[] {
  const help = command.createHelp();
  const commands = help.visibleCommands(command).filter((each) => each.name() !== "help");
  const options = [...help.visibleOptions(command), ...ancestorsOf(command).flatMap((each) => each.options)];
  const flags = options.flatMap(({ long, argChoices = [], flags: text }) => {
    return long ? [{ flag: long, takesValue: text.includes("<"), choices: argChoices }] : [];
  });
  const own = { path, commands: commands.map((each) => each.name()), flags };
  return [own, ...commands.flatMap((each) => wordsOf(each, [...path, each.name()]))];
}

function ancestorsOf({ parent }: Command): Command[] {
  return parent === null ? [] : [parent, ...ancestorsOf(parent)];
}

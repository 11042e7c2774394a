import { existsSync } from "node:fs";
import { Command } from "commander";
import { checkFields, type Fields, parseField, sentence } from "../../shared/infra/fields";
import { sluice } from "../cli/operatorStack";
import { type LocalOptions, localOptions, merged } from "./localCommand";
import { options } from "./options";

/** A command as a code block ran it. */
export interface RunCommand {
  program: string;
  args: string[];
}

/** A command that the tests don't run, and how it is checked instead. */
interface NotExecuted {
  /** The words it begins with. */
  command: string;
  reason: string;
  /** Throws, or rejects, if the command would not work. @param args all words after the program's name */
  check(args: string[], cloud: LocalOptions): unknown;
}

const NO_PULUMI = "needs the Pulumi CLI and an AWS account";
const TOKENS =
  "needs a stack that requires tokens, where the other blocks' surveys go to quarantine; " +
  "test/integration/participantTokens.test.ts runs it";
const byCommander = (args: string[]) => pulumiCommands().parseAsync(args, { from: "user" });

export const notExecuted: readonly NotExecuted[] = [
  { command: "npm ci", reason: "fetches packages from a registry", check: takesNoMore(1) },
  { command: "npm start", reason: "has its own test, test/integration/start.test.ts", check: takesNoMore(1) },
  { command: "npm test", reason: "runs this very test", check: takesNoMore(1) },
  {
    command: "npm run check:mutants",
    reason: "takes minutes to hours; test/mutants has its tests",
    check: ([, , , ...places]) => {
      const known = ["engine", "capacity", "operations", "sender"];
      for (const place of places) if (!known.includes(place)) expect(existsSync(place)).toBe(true);
    },
  },
  {
    command: "npm run local",
    reason: "runs once for all blocks, with the options of all of them",
    check: ([, , , ...args], cloud) => expect(merged([cloud, localOptions(args)])).toEqual(cloud),
  },
  { command: "npm run sluice -- intake enroll", reason: TOKENS, check: helps },
  { command: "npm run sluice -- intake tokens", reason: TOKENS, check: helps },
  { command: "pulumi login", reason: NO_PULUMI, check: byCommander },
  { command: "pulumi stack init", reason: NO_PULUMI, check: byCommander },
  { command: "pulumi stack output", reason: `${NO_PULUMI}; the outputs are the local cloud's`, check: byCommander },
  { command: "pulumi config set", reason: `${NO_PULUMI}; key and value are checked`, check: byCommander },
  { command: "pulumi up", reason: NO_PULUMI, check: byCommander },
  { command: "pulumi destroy", reason: NO_PULUMI, check: byCommander },
];

/** Which of the rules a command falls under. */
export function ruleFor({ program, args }: RunCommand): NotExecuted | undefined {
  const words = [program, ...args].join(" ");
  return notExecuted.find(({ command }) => words === command || words.startsWith(`${command} `));
}

/** Checks that the command exists: it has a help text. */
async function helps([, , , ...args]: string[]): Promise<void> {
  expect(await sluice(".", [...args, "--help"])).toMatchObject({ code: 0, stderr: "" });
}

function takesNoMore(words: number) {
  return (args: string[]) => expect(args.slice(words)).toEqual([]);
}

/** The part of the Pulumi CLI that the documents use. Source: https://www.pulumi.com/docs/iac/cli/commands/. */
function pulumiCommands(): Command {
  const program = new Command("pulumi").exitOverride().configureOutput({ writeErr: () => undefined });
  addCommand(program, "login [url]").option("-l, --local");
  addCommand(program, "up", "-s, --stack <name>", "-y, --yes", "-f, --skip-preview");
  addCommand(program, "destroy", "-s, --stack <name>", "-y, --yes", "-f, --skip-preview", "--exclude-protected");
  const stack = addCommand(program, "stack", "-s, --stack <name>");
  addCommand(stack, "init [name]", "-s, --stack <name>");
  addCommand(stack, "output [name]", "-s, --stack <name>", "-j, --json", "--show-secrets");
  const config = addCommand(program, "config", "-s, --stack <name>");
  addCommand(config, "set <key> <value>", "-s, --stack <name>", "--secret").action(checkSetting);
  return program;
}

function addCommand(parent: Command, usage: string, ...flags: string[]): Command {
  const command = parent.command(usage).allowExcessArguments(false);
  for (const flag of flags) command.option(flag);
  return command.action(() => undefined);
}

/** @throws Error if the project has no such option, or if the option can't have this value */
function checkSetting(key: string, value: string): void {
  const name = key.replace(/^sluice:/, "");
  const field = options[name];
  if (field === undefined) throw new Error(`${key} is not an option of this project.`);
  const fields: Fields = { [name]: field };
  const problems = checkFields(fields, { [name]: parseField(field, value) as string });
  if (problems.length > 0) throw new Error(problems.map(sentence).join(" "));
}

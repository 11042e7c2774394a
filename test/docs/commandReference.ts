/** The reference of all commands, in Markdown, from the commands themselves. To renew docs/cli.md: node --import ./loader.mjs test/docs/commandReference.ts */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { sendCommand } from "../../cli/send";
import { programOf } from "../../cli/sluice";
import { ROOT } from "./codeBlocks";

const FILE = join(ROOT, "docs/cli.md");
const BEGIN =
  "<!-- The reference is made of the commands' help: node --import ./loader.mjs test/docs/commandReference.ts -->";

/** The document, and the document with its reference as the commands have it. */
export function cliDocument(): { is: string; shouldBe: string } {
  const is = readFileSync(FILE, "utf8");
  if (!is.includes(BEGIN)) throw new Error(`${FILE} must have the line ${BEGIN}`);
  return { is, shouldBe: `${is.slice(0, is.indexOf(BEGIN))}${BEGIN}\n\n${commandReference()}` };
}

function commandReference(): string {
  const program = programOf({ stdout: process.stdout, stderr: process.stderr }, () => {});
  return `${[...leavesOf(program), sendCommand(process)].map(section).join("\n\n")}\n`;
}

function leavesOf(command: Command): Command[] {
  const below = command.commands.filter((each) => each.name() !== "help");
  return below.length === 0 ? [command] : below.flatMap(leavesOf);
}

function section(command: Command): string {
  const help = command.createHelp();
  const usage = help.commandUsage(command).replace(" [options]", "");
  const name = usage.replace(/^npm run sluice -- /, "");
  const args = help
    .visibleArguments(command)
    .map((argument) => [`\`${argument.name()}\``, help.argumentDescription(argument)]);
  const options = help
    .visibleOptions(command)
    .filter(({ long }) => long !== "--help")
    .map((option) => [`\`${option.flags}\``, help.optionDescription(option)]);
  return [
    `### \`${name}\``,
    "",
    help.commandDescription(command),
    ...table("argument", args),
    ...table("option", options),
    ...notes(command),
  ].join("\n");
}

function table(head: string, rows: readonly (readonly string[])[]): string[] {
  if (rows.length === 0) return [];
  const cells = [[head, "meaning"], ...rows.map((row) => row.map((text) => text.replaceAll("|", "\\|")))];
  const widths = [0, 1].map((column) => Math.max(...cells.map((row) => row[column]!.length)));
  const line = (row: readonly string[]) => `| ${row.map((text, column) => text.padEnd(widths[column]!)).join(" | ")} |`;
  const [first, ...others] = cells.map(line);
  return ["", first!, line(widths.map((width) => "-".repeat(width))), ...others];
}

/** What --help prints below the options. */
function notes(command: Command): string[] {
  const parts: string[] = [];
  const { writeOut } = command.configureOutput();
  command.configureOutput({ writeOut: (part) => parts.push(part) });
  command.outputHelp();
  command.configureOutput({ ...(writeOut && { writeOut }) });
  const [, after = ""] = parts
    .join("")
    .split(/^Global Options:\n(?:^ .*\n)+|^Options:\n(?:^ .*\n)+(?!\nGlobal)/m)
    .slice(-2);
  return after.trim() === "" ? [] : ["", "```text", after.trim(), "```"];
}

if (require.main === module) writeFileSync(FILE, cliDocument().shouldBe);

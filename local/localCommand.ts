/** The command line of `npm run local`. */
import { readFile, stat } from "node:fs/promises";
import { resolve } from "node:path";
import { CliCommand } from "../cli/command";
import type { CliIo } from "../cli/io";
import { localFile } from "../cli/stackOutputs";
import { UsageProblems } from "../cli/usageProblems";
import { wholeNumber } from "../cli/wholeNumber";
import { whyUnreadable } from "../cli/whyUnreadable";
import { SluiceError } from "../shared/errors";
import { withoutMark } from "../shared/json";
import { configOption } from "./configOption";
import { type FaultPlan, parseFaultPlan } from "./faults/rule";
import { type CapacitySettings, parseCapacityList } from "./gateway/throttling/settings";
import type { LocalCloudOptions } from "./options";
import { OWN_PROJECT, readProjectConfig } from "./projectConfig";

/** What was typed, read and checked. */
export interface LocalCommand {
  readonly cloud: Pick<LocalCloudOptions, "port" | "project" | "stack" | "config" | "faults" | "capacity">;
  /** Path of the file for endpoint, credentials and outputs. */
  readonly state: string;
  readonly permissions: boolean;
  readonly ui: boolean;
}

const LARGEST_PORT = 65_535;

interface Flags {
  readonly port?: number;
  readonly project?: string;
  readonly stack?: string;
  readonly config?: Record<string, string>;
  readonly faults?: string;
  readonly capacity?: string;
  readonly permissions?: true;
  readonly ui?: true;
  readonly state?: string;
}

/**
 * Reads the command line and checks the files that it names.
 * @param root the folder that paths start from. @throws RequestProblems `USAGE` with every problem
 */
export async function readLocalCommand(
  args: readonly string[],
  root: string,
  io: Pick<CliIo, "stdout" | "stderr"> = process,
): Promise<LocalCommand> {
  const command = new CliCommand("npm run local --", io)
    .description("Run the whole system on this machine until Ctrl-C.")
    .option("--port <port>", "port of the endpoint; default: 0, a free one", wholeNumber(LARGEST_PORT, 0))
    .option("--project <folder>", "your own Pulumi project instead of Sluice's")
    .option("--stack <name>", "the stack whose config is used; default: dev")
    .addOption(configOption())
    .option("--faults <file>", "fault rules to start with, as JSON")
    .option("--capacity <file>", "tables whose capacity is modelled from the start, as a JSON list")
    .option("--permissions", "at the end, show the permissions that each role was granted, used and refused")
    .option("--ui", "serve the operator's page too, as `npm run sluice -- ui` does")
    .option("--state <file>", "file for endpoint, credentials and outputs; default: .sluice/local.json")
    .parse(args, { from: "user" });
  const flags = command.given<Flags>();
  const { port = 0, stack = "dev", config = {}, permissions = false, ui = false } = flags;
  const state = flags.state === undefined ? localFile(root) : resolve(root, flags.state);
  const project = flags.project === undefined ? OWN_PROJECT : resolve(root, flags.project);
  const problems = new UsageProblems(command.problems);
  await problems.read(() => checkState(state));
  await problems.read(() => checkPage(ui, state, root));
  await problems.read(() => readProjectConfig(project, stack));
  const faults = await problems.read(() => readFaults(flags.faults, root));
  const capacity = await problems.read(() => readCapacity(flags.capacity, root));
  problems.check();
  const given = { ...(faults && { faults }), ...(capacity && { capacity }) };
  return { cloud: { port, project, stack, config, ...given }, state, permissions, ui };
}

async function checkState(state: string): Promise<void> {
  const found = await stat(state).catch(() => undefined);
  if (found === undefined || found.isFile()) return;
  throw new SluiceError("BAD_OPTION", `--state must name a file, but ${state} isn't one.`, { value: state });
}

/** The page looks for the local cloud where all commands do. */
function checkPage(ui: boolean, state: string, root: string): void {
  if (!ui || state === localFile(root)) return;
  throw new SluiceError("BAD_OPTION", `--ui needs the state in ${localFile(root)}: leave out --state.`, {
    value: state,
  });
}

async function readFaults(file: string | undefined, root: string): Promise<FaultPlan | undefined> {
  return file === undefined ? undefined : parseFaultPlan(await readJson("--faults", file, root));
}

async function readCapacity(file: string | undefined, root: string): Promise<CapacitySettings[] | undefined> {
  return file === undefined ? undefined : parseCapacityList(await readJson("--capacity", file, root));
}

async function readJson(option: string, file: string, root: string): Promise<unknown> {
  const text = await readFile(resolve(root, file), "utf8").catch((cause) => {
    const message = `${option} must name a file that can be read, but ${file} ${whyUnreadable(cause)}.`;
    throw new SluiceError("BAD_OPTION", message, { value: file, cause });
  });
  try {
    return JSON.parse(withoutMark(text));
  } catch (cause) {
    const message = `${option} must name a JSON file, but ${file} isn't JSON (${(cause as Error).message}).`;
    throw new SluiceError("BAD_OPTION", message, { value: file, cause });
  }
}

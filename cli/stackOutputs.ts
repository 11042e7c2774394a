import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import * as v from "valibot";
import { SluiceError } from "../shared/errors";
import { checkStackReference } from "./stackName";

/** An output of a stack, and the access to the services that it names. */
export interface StackOutput {
  /** The output's value, as exported by the stack. */
  value: unknown;
  /** Only for the local cloud: where every AWS API listens. */
  endpoint?: string;
  /** Only for the local cloud; elsewhere the AWS SDK finds region and credentials as usual. */
  region?: string;
  credentials?: { accessKeyId: string; secretAccessKey: string; sessionToken?: string };
}

/**
 * Runs a command and returns its standard output. Rejects with Node's error: `code` `ENOENT`, or the exit code and `stderr`.
 */
export type RunCommand = (command: string, args: string[]) => Promise<string>;

/** The name that stands for the local cloud among the stacks. */
export const LOCAL_STACK = "local";

const LocalFile = v.object({
  endpoint: v.pipe(v.string(), v.url()),
  region: v.pipe(v.string(), v.nonEmpty()),
  credentials: v.object({
    accessKeyId: v.string(),
    secretAccessKey: v.string(),
    sessionToken: v.exactOptional(v.string()),
  }),
  outputs: v.record(v.string(), v.unknown()),
});

/** Path of the file that `npm run local` writes while the local cloud is up. */
export function localFile(root: string): string {
  return join(root, ".sluice", "local.json");
}

/** Whether `npm run local` is running in the project's folder. */
export function hasLocalCloud(root: string): boolean {
  return existsSync(localFile(root));
}

/**
 * One output of a stack: for the local cloud (`local`) from `.sluice/local.json`, for any other with
 * `pulumi stack output`.
 *
 * @param root the project's folder, which has `Pulumi.yaml`
 * @throws SluiceError `LOCAL_CLOUD_DOWN`, `LOCAL_FILE_INVALID`, `UNKNOWN_STACK`, `NO_PULUMI`, `STACK_UNREADABLE`,
 * `NO_SUCH_OUTPUT`
 */
export async function readStackOutput(
  name: string,
  stack: string,
  root: string,
  run: RunCommand = runIn(root),
): Promise<StackOutput> {
  if (stack === LOCAL_STACK) return readLocalOutput(name, root);
  checkStackReference(stack);
  const output = await pulumiOutput(name, stack, root, run);
  // Decrypting needs the stack's passphrase or key, so only an output with a secret in it is decrypted.
  return output.value === SECRET ? pulumiOutput(name, stack, root, run, ["--show-secrets"]) : output;
}

/** What Pulumi prints for a secret output, such as one with the name of a table that was set with --secret. */
const SECRET = "[secret]";

async function pulumiOutput(
  name: string,
  stack: string,
  root: string,
  run: RunCommand,
  options: readonly string[] = [],
): Promise<StackOutput> {
  const args = ["stack", "output", name, "--json", ...options, "--stack", stack];
  const text = await runPulumi(run, args, stack, hasLocalCloud(root));
  try {
    return { value: JSON.parse(text) };
  } catch (cause) {
    throw new SluiceError("STACK_UNREADABLE", `\`pulumi ${args.join(" ")}\` printed no JSON.`, { value: text, cause });
  }
}

/** Commands run in a folder, with the environment of this process. */
export function runIn(cwd: string, env: NodeJS.ProcessEnv = process.env): RunCommand {
  return (command, args) =>
    new Promise((resolve, reject) => {
      execFile(command, args, { cwd, env, maxBuffer: 16 * 1_048_576 }, (error, stdout, stderr) => {
        if (error === null) resolve(stdout);
        else reject(Object.assign(error, { stderr }));
      });
    });
}

/**
 * Uses the Pulumi CLI if it is installed, else the one that the npm package `pulumi` fetches.
 * @param isLocalUp whether the local cloud is running: whoever mistyped a stack probably means that one.
 */
async function runPulumi(run: RunCommand, args: string[], stack: string, isLocalUp: boolean): Promise<string> {
  try {
    return await run("pulumi", args).catch((error) => {
      if (error.code !== "ENOENT") throw error;
      return run("npx", ["--yes", "pulumi", ...args]);
    });
  } catch (error) {
    const { code, stderr = "" } = error as { code?: unknown; stderr?: string };
    if (code === "ENOENT") {
      const message = "Neither pulumi nor npx was found: install the Pulumi CLI (https://www.pulumi.com/docs/install).";
      throw new SluiceError("NO_PULUMI", message, { cause: error });
    }
    const reason = lastSentence(stderr) || String((error as Error).message);
    const sentence = `Pulumi cannot read stack ${stack}: ${reason}`;
    const hint = ` The local cloud is running: its stack is \`${LOCAL_STACK}\`.`;
    const message = isLocalUp ? sentence.replace(/\.?$/, ".") + hint : sentence;
    throw new SluiceError("STACK_UNREADABLE", message, { value: stack, cause: error });
  }
}

/** The last line of an output, as errors come after progress. */
function lastSentence(output: string): string {
  const line = output.trim().split("\n").at(-1) ?? "";
  return line.replace(/^(error|pulumi):\s*/, "");
}

/** The local cloud stopped after it had written its file. All that it kept is gone. */
export class LocalCloudGone extends SluiceError {
  constructor(endpoint: string) {
    // A cause that is a refused connection would be worth another try to `isTransient` and to the SDK.
    super("AWS", notRunning(`nothing answers at ${endpoint}`), { value: endpoint });
  }
}

/** @param sign how it shows that the local cloud is not running */
function notRunning(sign: string): string {
  return `The local cloud is not running (${sign}): start it with \`npm run local\`.`;
}

async function readLocalOutput(name: string, root: string): Promise<StackOutput> {
  const path = localFile(root);
  const text = await readFile(path, "utf8").catch((cause) => {
    throw new SluiceError("LOCAL_CLOUD_DOWN", notRunning(`${path} is missing`), { cause });
  });
  const { outputs, ...access } = parseLocalFile(text, path);
  if (outputs[name] !== undefined) return { value: outputs[name], ...access };
  const there = Object.keys(outputs).join(", ") || "none";
  throw new SluiceError("NO_SUCH_OUTPUT", `Stack local has no output ${name} (outputs: ${there}).`, { value: name });
}

function parseLocalFile(text: string, path: string): v.InferOutput<typeof LocalFile> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new SluiceError("LOCAL_FILE_INVALID", `${path} is not JSON: restart \`npm run local\`.`, { cause });
  }
  const parsed = v.safeParse(LocalFile, json);
  if (parsed.success) return parsed.output;
  const problems = parsed.issues.map((issue) => `${v.getDotPath(issue) ?? "it"}: ${issue.message}`).join("; ");
  throw new SluiceError("LOCAL_FILE_INVALID", `${path} is not what \`npm run local\` writes: ${problems}.`, {
    value: json,
  });
}

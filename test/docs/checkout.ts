import { execFile, execFileSync, spawn } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, delimiter, dirname, join } from "node:path";
import type { CloudState } from "../../local/childCloud";
import { RunningCloud } from "../integration/runningCloud";
import { type CodeBlock, commandLines, ROOT } from "./codeBlocks";
import type { LocalOptions } from "./localCommand";
import { notExecuted, type RunCommand } from "./notExecuted";

const START_TIMEOUT_MS = 120_000;
/** A block takes seconds. This bound ends a block that waits for ever. */
const BLOCK_TIMEOUT_MS = 120_000;
/** Folders that belong to this machine and not to the project. */
const NOT_COPIED = new Set(["node_modules", ".git", ".sluice", "build", "coverage"]);
const STAND_INS = ["npm", "pulumi", "aws", "date", "cat"];
/** The day on which the documents' commands are run: their job ids hold it. */
const TODAY = "2025-11-22";

/**
 * A copy of the project in which the documents' commands run as a user runs them, one after the other: what one exports
 * or writes, the next one finds. Only `node` and the stand-ins are on their PATH, so a block with any other command fails.
 */
export class Checkout {
  readonly folder = realpathSync(mkdtempSync(join(tmpdir(), "sluice-docs-")));
  readonly #tools = mkdtempSync(join(tmpdir(), "sluice-docs-tools-"));
  readonly #log = join(this.#tools, "log");
  readonly #session = join(this.#tools, "session");

  constructor() {
    cpSync(ROOT, this.folder, {
      recursive: true,
      filter: (path) => dirname(path) !== ROOT || !NOT_COPIED.has(basename(path)),
    });
    symlinkSync(join(ROOT, "node_modules"), join(this.folder, "node_modules"));
    // An older README had users write this file. It must not break anything.
    writeFileSync(join(this.folder, "sender.json"), '{ "queueUrl": "", "region": "us-east-1" }');
    mkdirSync(join(this.#tools, "bin"));
    symlinkSync(process.execPath, join(this.#tools, "bin/node"));
    for (const name of STAND_INS) symlinkSync(join(__dirname, "standIn.mjs"), join(this.#tools, "bin", name));
    writeFileSync(this.#session, "");
  }

  write(file: string, text: string): void {
    mkdirSync(dirname(join(this.folder, file)), { recursive: true });
    writeFileSync(join(this.folder, file), text);
  }

  /** `npm run local`, until it is ready. @throws Error with its output */
  async startCloud({ config, others }: LocalOptions): Promise<RunningCloud> {
    const overrides = Object.entries(config).flatMap(([key, value]) => ["--config", `${key}=${value}`]);
    const args = ["--import", "./loader.mjs", "local/main.ts", ...overrides, ...others];
    const child = spawn(process.execPath, args, { cwd: this.folder, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (output += chunk));
    const file = join(this.folder, ".sluice/local.json");
    for (const deadline = performance.now() + START_TIMEOUT_MS; !existsSync(file); ) {
      if (child.exitCode !== null || performance.now() > deadline) {
        child.kill("SIGKILL");
        throw new Error(`the local cloud did not start:\n${output}`);
      }
      await new Promise((wake) => setTimeout(wake, 50));
    }
    const state = JSON.parse(readFileSync(file, "utf8")) as CloudState;
    const folder = join(this.folder, ".sluice");
    return new RunningCloud({ state, process: child, folder, remove: () => rmSync(folder, { recursive: true }) });
  }

  /**
   * Runs a sh block, each command line after the other as long as they succeed.
   * @returns the commands of stand-ins, in the order in which they ran, including those that other commands started
   * @throws Error with the output, if a command fails
   */
  async runShell(block: CodeBlock): Promise<RunCommand[]> {
    writeFileSync(this.#log, "");
    // A line's own `&&` would hide a failure from `set -e`.
    const checked = commandLines(block).map((line) => `${line}\n[ $? -eq 0 ] || exit 1\n`);
    const script = ["set -u", `. "${this.#session}"`, ...checked, `export -p > "${this.#session}"`].join("\n");
    await this.#run("/bin/sh", ["-c", script]);
    const commands = readFileSync(this.#log, "utf8").split("\n").filter(Boolean);
    return commands.map((command) => JSON.parse(command) as RunCommand);
  }

  /** Runs a file of the checkout in the session of the sh blocks. @throws Error with the output, if it fails */
  async runTypeScript(file: string): Promise<void> {
    await this.#run("/bin/sh", ["-c", `. "${this.#session}"; exec node --import ./loader.mjs ${file}`]);
  }

  /** Type-checks files of the checkout under the project's own options. @throws Error with the problems */
  async checkTypes(files: string[]): Promise<void> {
    // An example shows results without using them.
    const compilerOptions = { noUnusedLocals: false };
    this.write(
      "tsconfig.docs.json",
      JSON.stringify({ extends: "./tsconfig.json", compilerOptions, include: [], files }),
    );
    await this.#run(process.execPath, ["node_modules/typescript/bin/tsc", "-p", "tsconfig.docs.json"]);
  }

  remove(): void {
    for (const folder of [this.folder, this.#tools]) rmSync(folder, { recursive: true, force: true });
  }

  #run(command: string, args: string[]): Promise<void> {
    const env = {
      HOME: this.#tools,
      PATH: join(this.#tools, "bin"),
      // No command here may use the network.
      AWS_EC2_METADATA_DISABLED: "true",
      npm_config_update_notifier: "false",
      // Dozens of commands load the same modules.
      NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
      SLUICE_DOCS_LOG: this.#log,
      SLUICE_DOCS_NOT_EXECUTED: JSON.stringify(notExecuted.map(({ command: words }) => words)),
      SLUICE_DOCS_PATH: process.env.PATH,
      SLUICE_DOCS_NPM: onPath("npm"),
      SLUICE_DOCS_AWS: awsVersion,
      SLUICE_DOCS_DATE: TODAY,
    };
    return new Promise((done, fail) => {
      execFile(command, args, { cwd: this.folder, env, timeout: BLOCK_TIMEOUT_MS }, (error, stdout, stderr) => {
        if (error === null) done();
        else fail(new Error(`${error.signal ?? `exit code ${error.code}`}\n${stdout}\n${stderr}`));
      });
    });
  }
}

function onPath(program: string): string | undefined {
  const folders = (process.env.PATH ?? "").split(delimiter).filter((folder) => !folder.includes("node_modules"));
  return folders.map((folder) => join(folder, program)).find((path) => existsSync(path));
}

/** The major version of the AWS CLI on this machine, or `none`. */
export const awsVersion = findAws();

function findAws(): string {
  if (onPath("aws") === undefined) return "none";
  const version = execFileSync("aws", ["--version"], { encoding: "utf8" });
  return /^aws-cli\/(\d+)\./.exec(version)?.[1] ?? "none";
}

#!/usr/bin/env node
/**
 * Takes the place of npm, pulumi, aws, date and cat while the documents' commands run. It notes each command in
 * SLUICE_DOCS_LOG. A command of SLUICE_DOCS_NOT_EXECUTED only gets noted; test/docs/notExecuted.ts holds the reasons and
 * checks each of them. Everything else runs.
 */
import { spawnSync } from "node:child_process";
import { appendFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { basename } from "node:path";

const { env } = process;
const program = basename(process.argv[1]);
const args = process.argv.slice(2);

/**
 * npm runs each script of the project once. Afterwards the script runs without npm's half second of CPU, but as npm runs it.
 * Whatever is started finds pulumi here, and all else where it always is.
 */
function npm() {
  const path = `${env.PATH}:${env.SLUICE_DOCS_PATH}`;
  const silent = args[1] === "--silent";
  const [name, separator = "--", ...given] = args.slice(silent ? 2 : 1);
  const known = `${env.SLUICE_DOCS_LOG}-npm-${name}`;
  if (args[0] === "run" && separator === "--" && existsSync(known)) return script(name, given, silent, path);
  const code = execute(env.SLUICE_DOCS_NPM, args, { PATH: path });
  if (args[0] === "run" && code === 0) writeFileSync(known, "");
  return code;
}

/** A script of package.json in npm's way: by a shell, under a heading, with npm's PATH and variables. */
function script(name, given, silent, path) {
  const { name: project, version, scripts } = JSON.parse(readFileSync("package.json", "utf8"));
  if (!silent) process.stdout.write(`\n> ${project}@${version} ${name}\n> ${scripts[name]} ${given.join(" ")}\n\n`);
  const changes = { PATH: `node_modules/.bin:${path}`, INIT_CWD: process.cwd(), npm_lifecycle_event: name };
  return execute("/bin/sh", ["-c", `${scripts[name]} "$@"`, name, ...given], changes);
}

/** The AWS CLI. Version 1 gets what the README says it needs. */
function aws() {
  const path = { PATH: env.SLUICE_DOCS_PATH };
  if (env.SLUICE_DOCS_AWS !== "1") return execute("aws", args, path);
  const given = ["--endpoint-url", env.AWS_ENDPOINT_URL, ...args];
  return execute("aws", given, { ...path, AWS_DEFAULT_REGION: env.AWS_REGION });
}

function execute(command, given, changes) {
  const { status, error } = spawnSync(command, given, { stdio: "inherit", env: { ...env, ...changes } });
  if (error) throw error;
  return status ?? 1;
}

/** `pulumi stack output [name] [--json]`: the local cloud's outputs. */
function stackOutput(given) {
  const { outputs } = JSON.parse(readFileSync(".sluice/local.json", "utf8"));
  const name = given.find((text, at) => !text.startsWith("-") && given[at - 1] !== "--stack");
  const value = name === undefined ? outputs : outputs[name];
  if (value === undefined) return complain(`current stack does not have output property '${name}'`);
  const plain = typeof value === "string" && !given.includes("--json");
  process.stdout.write(`${plain ? value : JSON.stringify(value, null, 2)}\n`);
  return 0;
}

function complain(message) {
  process.stderr.write(`error: ${message}\n`);
  return 1;
}

function run() {
  const words = [program, ...args].join(" ");
  if (words.startsWith("pulumi stack output")) return stackOutput(args.slice(2));
  const notExecuted = JSON.parse(env.SLUICE_DOCS_NOT_EXECUTED);
  if (notExecuted.some((command) => `${words} `.startsWith(`${command} `))) return 0;
  if (program === "npm") return npm();
  if (program === "cat") return execute("cat", args, { PATH: env.SLUICE_DOCS_PATH });
  if (program === "aws") return env.SLUICE_DOCS_AWS === "none" ? 0 : aws();
  if (words !== "date +%F") return complain(`no rule of test/docs says how to execute \`${words}\``);
  process.stdout.write(`${env.SLUICE_DOCS_DATE}\n`);
  return 0;
}

appendFileSync(env.SLUICE_DOCS_LOG, `${JSON.stringify({ program, args })}\n`);
process.exitCode = run();

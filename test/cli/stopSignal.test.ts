import { spawn } from "node:child_process";
import { once } from "node:events";
import { join, resolve } from "node:path";

const ROOT = resolve(__dirname, "../..");
/** A command that begins to stop, and never ends. */
const HANGING = `
  const { onStopSignal } = require("./cli/stopSignal");
  onStopSignal((signal) => console.log("stopping after", signal), () => "a file may be left");
  setInterval(() => undefined, 1_000);
  console.log("ready");
`;
/** Longer than the time within which two signals are the same Ctrl-C. */
const LATER_MS = 700;

function start() {
  const args = ["--import", join(ROOT, "loader.mjs"), "--eval", HANGING];
  const child = spawn(process.execPath, args, { cwd: ROOT, stdio: ["ignore", "pipe", "pipe"] });
  const output = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) child[name].on("data", (chunk: Buffer) => (output[name] += chunk));
  const ended = once(child, "close");
  const shows = async (text: string) => {
    while (!output.stdout.includes(text)) await once(child.stdout, "data");
  };
  return { child, output, ended, shows };
}

const later = () => new Promise((wake) => setTimeout(wake, LATER_MS));

test("a second Ctrl-C ends a command whose stop hangs, with 130 and what it leaves behind", async () => {
  const { child, output, ended, shows } = start();
  await shows("ready");
  child.kill("SIGINT");
  await shows("stopping after SIGINT");
  await later();
  child.kill("SIGINT");
  expect([await ended, output.stderr]).toEqual([[130, null], "Ended at once; a file may be left.\n"]);
});

test("Ctrl-C that npm passes on is no second one, and nor is SIGTERM", async () => {
  const { child, output, ended, shows } = start();
  await shows("ready");
  child.kill("SIGINT");
  await shows("stopping after SIGINT");
  child.kill("SIGINT");
  await later();
  child.kill("SIGTERM");
  await later();
  expect([child.exitCode, child.signalCode, output.stderr]).toEqual([null, null, ""]);
  child.kill("SIGKILL");
  await ended;
});

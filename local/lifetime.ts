import { setTimeout as sleep } from "node:timers/promises";
import { interrupted } from "../cli/errors";
import { asksForJson, report } from "../cli/io";
import { onStopSignal } from "../cli/stopSignal";

/** What commands show while the local cloud starts and stops. */
export const STARTING = "Starting the local cloud and running the Pulumi program on it …";
export const STOPPING = "Stopping the local cloud …";

/** Check this often whether npm still runs, in milliseconds. */
const PARENT_CHECK_MS = 250;

/** What these commands leave behind if they end at once: temporary folders are removed even then. */
const LEFT = "Java and other helpers may run for a moment longer, and nothing else is left behind";

/**
 * Resolves with the first SIGINT or SIGTERM; a second Ctrl-C ends the process at once. Under npm it also resolves when npm
 * is gone, because npm passes nothing on if it is killed.
 */
export function stopSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    onStopSignal(resolve, () => LEFT);
    if (process.env.npm_lifecycle_event === undefined) return;
    const { ppid } = process;
    setInterval(() => process.ppid !== ppid && resolve("SIGTERM"), PARENT_CHECK_MS).unref();
  });
}

/** Runs a command's main function and ends the process, with the exit codes of the command line (docs/cli.md). */
export function runMain(command: string, main: () => Promise<void>): void {
  main()
    .catch(async (error: unknown) => {
      throw await causeOf(error);
    })
    .then(
      () => process.exit(),
      (error: unknown) => {
        const json = asksForJson(process.argv.slice(2));
        process.exit(report(process, error, { json, command: `${command}: ` }));
      },
    );
}

/** Ctrl-C reaches all processes of a command. Its effect on a helper may be noticed this long before the signal, milliseconds. */
const SIGNAL_LATE_MS = 200;

/** The signal that arrives with an error: then it is why a helper such as Java or esbuild ended. Undefined: none arrives. */
export function signalWithError(signal: Promise<NodeJS.Signals>): Promise<NodeJS.Signals | undefined> {
  return Promise.race([signal, sleep(SIGNAL_LATE_MS, undefined)]);
}

/** What untilStopped waits for. */
let awaited: { readonly signal: Promise<NodeJS.Signals>; readonly left: string } | undefined;

async function causeOf(error: unknown): Promise<unknown> {
  if (awaited === undefined) return error;
  const { signal, left } = awaited;
  const name = await signalWithError(signal);
  return name === undefined ? error : stoppedBy(name, left);
}

/** Rejects with the first SIGINT or SIGTERM. @param left what else ends with the command, as the end of a sentence */
export async function untilStopped(left: string): Promise<never> {
  const signal = stopSignal();
  awaited = { signal, left };
  const name = await signal;
  awaited = undefined;
  throw stoppedBy(name, left);
}

function stoppedBy(signal: NodeJS.Signals, left: string): Error {
  return interrupted(`Stopped by ${signal}${left}.`);
}

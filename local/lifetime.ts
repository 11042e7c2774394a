import { SluiceError } from "../shared/errors";

/** Check this often whether npm still runs, in milliseconds. */
const PARENT_CHECK_MS = 250;

/**
 * Resolves with the first SIGINT or SIGTERM. Under npm it also resolves when npm is gone: npm runs scripts in a
 * shell, and a shell that stops does not notify the script.
 */
export function stopSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => resolve(signal));
    if (process.env.npm_lifecycle_event === undefined) return;
    const { ppid } = process;
    setInterval(() => process.ppid !== ppid && resolve("SIGTERM"), PARENT_CHECK_MS).unref();
  });
}

/** Runs a command's main function. What was foreseen ends as one sentence, the rest with its stack; both exit with 1. */
export function runMain(command: string, main: () => Promise<void>): void {
  main().then(
    () => process.exit(),
    (error: unknown) => {
      const foreseen = error instanceof SluiceError;
      const text = foreseen ? error.message : error instanceof Error ? error.stack : String(error);
      process.stderr.write(`${command}: ${text}\n`);
      process.exit(1);
    },
  );
}

import { SluiceError } from "../shared/errors";

/** Resolves with the first SIGINT or SIGTERM. */
export function stopSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => resolve(signal));
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

/** SIGINT and SIGTERM ask a command to stop. A second Ctrl-C ends it at once. */

/**
 * npm passes Ctrl-C on to a command to which the terminal has sent it already, because no shell is left between them: the scripts in
 * package.json begin with `exec`. Signals this close to the first one are the same Ctrl-C, milliseconds.
 */
const SAME_MS = 500;
/** The exit code of a command that SIGINT ends, as shells report it. */
const ENDED_BY_SIGINT = 130;

/**
 * @param stop is called with the first signal.
 * @param left what the command leaves behind if it ends at once, as the end of a sentence
 */
export function onStopSignal(stop: (signal: NodeJS.Signals) => void, left: () => string): void {
  let firstAt: number | undefined;
  const heed = (signal: NodeJS.Signals) => {
    if (firstAt === undefined) {
      firstAt = performance.now();
      stop(signal);
    } else if (signal === "SIGINT" && performance.now() - firstAt > SAME_MS) {
      // On a terminal, the cursor is behind the echo of Ctrl-C.
      process.stderr.write(`${process.stderr.isTTY ? "\n" : ""}Ended at once; ${left()}.\n`);
      process.exit(ENDED_BY_SIGINT);
    }
  };
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, heed);
}

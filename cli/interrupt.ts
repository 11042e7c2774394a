/**
 * Ctrl-C and SIGTERM, from the first moment of a command. A command's file imports this before anything else, because loading the
 * rest takes a second.
 */
const interrupt = new AbortController();

/** Ctrl-C, or SIGTERM, aborts it. A second one ends the process as usual. */
export const interruptSignal: AbortSignal = interrupt.signal;

/** Runs a command, after signals that came while its modules were loaded: Node delivers them between two pieces of work. */
export function afterLoading(command: () => void): void {
  setImmediate(command);
}

// Tests import the commands into their own process, whose signals are not ours.
if (require.main?.path === __dirname) {
  for (const name of ["SIGINT", "SIGTERM"]) process.once(name, () => interrupt.abort(new Error("interrupted")));
}

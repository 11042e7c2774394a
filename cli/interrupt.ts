/**
 * Ctrl-C and SIGTERM, from the first moment of a command. A command's file imports this before anything else, because loading the
 * rest takes a second.
 */
import { onStopSignal } from "./stopSignal";

const interrupt = new AbortController();
let left = "jobs go on";

/** Ctrl-C, or SIGTERM, aborts it. */
export const interruptSignal: AbortSignal = interrupt.signal;

/** From now on, a second Ctrl-C leaves this behind. @param what the end of a sentence */
export function mayLeave(what: string): void {
  left = what;
}

/** Runs a command, after signals that came while its modules were loaded: Node delivers them between two pieces of work. */
export function afterLoading(command: () => void): void {
  setImmediate(command);
}

// Tests import the commands into their own process, whose signals are not ours.
if (require.main?.path === __dirname) {
  onStopSignal(
    () => interrupt.abort(new Error("interrupted")),
    () => left,
  );
}

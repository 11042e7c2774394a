/** The last characters of a run's output, which are searched. */
export const TAIL_CHARACTERS = 8_000;

/** A Python error: its trace is indented, its own line is not. */
const PYTHON_ERROR = /^Traceback \(most recent call last\):\n(?:[ \t].*\n|\n)*(\S.*)$/gm;

/**
 * Why a script failed, from the end of its output: the last Python error, else the last line that is not part of a Java
 * trace, which Spark may print when it is ended.
 */
export function failureIn(output: string, exitCode: number | null): string {
  const error = [...output.matchAll(PYTHON_ERROR)].at(-1)?.[1];
  const line = output.split("\n").findLast((each) => /^\S/.test(each));
  return error ?? line ?? `Command failed with exit code ${exitCode}`;
}

import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { SluiceError } from "../../../shared/errors";

/** Glue's own version first. */
const CANDIDATES = ["python3.11", "python3", "python3.13", "python3.12", "python3.10"];
/** The oldest 3.x that the package runs on. */
const MINOR_MIN = 10;

/** Prints its version of Python 3, and whether it can make environments. */
const QUESTION = `
import importlib.util, sys
print(sys.version_info[0], sys.version_info[1], all(importlib.util.find_spec(name) for name in ("venv", "ensurepip")))
`;

type Ask = (command: string) => Promise<string | undefined>;

/**
 * The first Python on the PATH that Spark runs on.
 * @param ask returns a command's output for its version; undefined if there is no such command.
 * @throws SluiceError PYTHON_MISSING, PYTHON_UNFIT, VENV_MISSING.
 */
export async function findInterpreter(ask: Ask = answerOf): Promise<string> {
  const unfit: string[] = [];
  let withoutVenv: string | undefined;
  for (const command of CANDIDATES) {
    const [major, minor, hasVenv] = (await ask(command))?.trim().split(" ") ?? [];
    if (major === undefined) continue;
    if (major !== "3" || Number(minor) < MINOR_MIN) {
      unfit.push(`${command} is ${major}.${minor}`);
    } else if (hasVenv === "True") {
      return command;
    } else {
      withoutVenv ??= command;
    }
  }
  if (withoutVenv !== undefined) {
    const message = `${withoutVenv} lacks the module venv: install it (Debian: python3-venv) and run this again.`;
    throw new SluiceError("VENV_MISSING", message, { value: withoutVenv });
  }
  if (unfit.length > 0) {
    const message = `Spark needs Python 3.${MINOR_MIN} or newer, but ${unfit.join(", ")}: put Python 3.11 on the PATH.`;
    throw new SluiceError("PYTHON_UNFIT", message, { value: unfit });
  }
  throw new SluiceError(
    "PYTHON_MISSING",
    `Spark needs Python 3.${MINOR_MIN} or newer: install python3 and put it on the PATH.`,
  );
}

async function answerOf(command: string): Promise<string | undefined> {
  const answer = await promisify(execFile)(command, ["-c", QUESTION]).catch(() => undefined);
  return answer?.stdout;
}

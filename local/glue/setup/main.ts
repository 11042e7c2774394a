/** `npm run glue:setup`: makes the Python environment for Spark, unless it is there and up to date. */
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { CliCommand } from "../../../cli/command";
import { runMain } from "../../lifetime";
import {
  checkJava,
  ENVIRONMENT,
  PYTHON_PROJECT,
  requireEnvironment,
  requirementsHash,
  STAMP,
} from "../python/environment";
import { findInterpreter } from "../python/interpreter";
import { run } from "../python/run";
import { archiveClasses } from "./archiveClasses";

runMain("glue:setup", async () => {
  new CliCommand("npm run glue:setup --")
    .description("Make the Python environment for Spark, unless it is there and up to date.")
    .parse()
    .check();
  const hash = requirementsHash();
  if ((await readFile(STAMP, "utf8").catch(() => undefined)) === hash) {
    if ((await requireEnvironment()).classes === undefined) await archiveClasses();
    process.stdout.write("The Python environment .sluice/glue-python is up to date.\n");
    return;
  }
  await checkJava();
  const python = await findInterpreter();
  try {
    await make(python);
    await archiveClasses();
  } catch (error) {
    await remove();
    throw error;
  }
  await writeFile(STAMP, hash);
  process.stdout.write("The Python environment .sluice/glue-python is ready: `npm run glue:test` checks it.\n");
});

async function make(python: string): Promise<void> {
  // Removes an environment that is outdated, or incomplete after a kill.
  await remove();
  await run(python, ["-m", "venv", ENVIRONMENT], { cwd: PYTHON_PROJECT });
  const pip = ["-m", "pip", "--disable-pip-version-check", "install", "--quiet", "--no-deps", "-r", "requirements.txt"];
  await run(join(ENVIRONMENT, "bin/python"), pip, { cwd: PYTHON_PROJECT });
  await run(join(ENVIRONMENT, "bin/python"), ["-m", "pip", "check"], { cwd: PYTHON_PROJECT });
}

function remove(): Promise<void> {
  return rm(ENVIRONMENT, { recursive: true, force: true });
}

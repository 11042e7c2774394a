import { ENVIRONMENT, findEnvironment } from "../../local/glue/python/environment";

const found = findEnvironment();
if (found === undefined) {
  process.stderr.write(`Skipped for want of ${ENVIRONMENT} (npm run glue:setup): ${expect.getState().testPath}\n`);
}

/** `describe` if the Python environment is there. Without it the tests are skipped, with a line on standard error. */
export const describeWithPython = found === undefined ? describe.skip : describe;

/** The interpreter of the environment. For use inside {@link describeWithPython}. */
export function glueInterpreter(): string {
  if (found === undefined) throw new Error(`there is no ${ENVIRONMENT}`);
  return found.python;
}

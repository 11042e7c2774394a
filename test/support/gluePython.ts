import { ENVIRONMENT, findEnvironment } from "../../local/glue/python/environment";

const found = findEnvironment();
if (found === undefined) {
  process.stderr.write(`Skipped for want of ${ENVIRONMENT} (npm run glue:setup): ${expect.getState().testPath}\n`);
}

/** `describe` where the Python environment is there; without it the tests are skipped, and standard error says so. */
export const describeWithPython = found === undefined ? describe.skip : describe;

/** The interpreter of the environment. For use inside {@link describeWithPython}. */
export function glueInterpreter(): string {
  if (found === undefined) throw new Error(`there is no ${ENVIRONMENT}`);
  return found.python;
}

/** `npm run glue:test`: format, lint, types and tests of the Python package, those with Spark among them. */
import { join } from "node:path";
import { CliCommand } from "../../../cli/command";
import { runMain } from "../../lifetime";
import { ENVIRONMENT, PYTHON_PROJECT, requireEnvironment, sparkVariables } from "./environment";
import { run } from "./run";

/** Python outside of the project. */
const BESIDE = [
  "../../../test/services/glue/python",
  "../../../bench",
  "../../../examples",
  "../../../local/glue/runs",
];

runMain("glue:test", async () => {
  new CliCommand("npm run glue:test --")
    .description("Check the Python package: format, lint, types and tests, those with Spark among them.")
    .parse()
    .check();
  const environment = await requireEnvironment();
  const env = sparkVariables(environment);
  const tool = (name: string, ...args: string[]) => {
    return run(join(ENVIRONMENT, "bin", name), args, { cwd: PYTHON_PROJECT, env });
  };
  await tool("ruff", "format", "--check", ".", ...BESIDE);
  await tool("ruff", "check", ".", ...BESIDE);
  await tool("mypy");
  await tool("pytest");
});

/** `npm run glue:wheel`: builds the wheel of the Python package into .sluice/dist, without network. */
import { resolve } from "node:path";
import { CliCommand } from "../../../cli/command";
import { runMain } from "../../lifetime";
import { buildWheel } from "./buildWheel";
import { WHEELS } from "./environment";

runMain("glue:wheel", async () => {
  const program = new CliCommand("npm run glue:wheel --")
    .description("Build the wheel of the Python package, for Glue's --additional-python-modules or for pip.")
    .option("--to <folder>", "the folder that the wheel is written to", WHEELS)
    .parse()
    .check();
  process.stdout.write(`${await buildWheel(resolve(program.opts<{ to: string }>().to))}\n`);
});

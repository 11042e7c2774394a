import { execFile } from "node:child_process";
import { readdirSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { promisify } from "node:util";
import { buildWheel } from "../../../../local/glue/python/buildWheel";
import { PYTHON_PROJECT } from "../../../../local/glue/python/environment";
import { describeWithPython, glueInterpreter } from "../../../support/gluePython";

const execute = promisify(execFile);
const SOURCES = join(PYTHON_PROJECT, "src");

/** Every module but those for Spark, by its dotted name. */
function modules(): string[] {
  return readdirSync(SOURCES, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".py") && !file.startsWith("sluice/spark/"))
    .map((file) => file.replace(/(\/__init__)?\.py$/, "").replaceAll("/", "."));
}

describeWithPython("the wheel", () => {
  let folder: string;
  let wheel: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "sluice-wheels-"));
    wheel = await buildWheel(join(folder, "first"));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test("installs into a fresh environment without network, where every module can be imported beside boto3", async () => {
    const fresh = join(folder, "fresh");
    await execute(glueInterpreter(), ["-m", "venv", fresh]);
    const python = join(fresh, "bin/python");
    await execute(python, ["-m", "pip", "install", "--quiet", "--no-index", "--no-deps", wheel]);
    const { stdout } = await execute(glueInterpreter(), ["-c", "import boto3; print(boto3.__path__[0])"]);
    const PYTHONPATH = resolve(stdout.trim(), "..");
    const script = [
      ...modules().map((name) => `import ${name}`),
      "import importlib.resources, sluice",
      'print(sluice.__file__, importlib.resources.files("sluice").joinpath("py.typed").is_file())',
    ];
    const imported = await execute(python, ["-c", script.join("\n")], { env: { PYTHONPATH } });
    expect(imported.stdout).toMatch(/\/fresh\/lib\/.*\/sluice\/__init__\.py True\n$/);
  });

  test("is the same for the same sources", async () => {
    const again = await buildWheel(join(folder, "second"));
    expect(basename(again)).toBe(basename(wheel));
    expect(await readFile(again)).toEqual(await readFile(wheel));
  });
});

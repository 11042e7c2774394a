import { cp, mkdir, mkdtemp, readdir, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PYTHON_PROJECT, requireEnvironment } from "./environment";
import { run } from "./run";

/** 1980, the first time that a ZIP can hold: the same sources give the same wheel. */
const SOURCE_DATE_EPOCH = "315532800";

/** Builds the wheel beside the sources, which setuptools litters. @returns its path. */
export async function buildWheel(folder: string): Promise<string> {
  const { python } = await requireEnvironment();
  const workshop = await mkdtemp(join(tmpdir(), "sluice-wheel-"));
  try {
    const [project, built] = [join(workshop, "project"), join(workshop, "built")];
    for (const part of ["pyproject.toml", "src"]) {
      await cp(join(PYTHON_PROJECT, part), join(project, part), {
        recursive: true,
        filter: (path) => !/__pycache__|\.egg-info/.test(path),
      });
    }
    const pip = ["-m", "pip", "--disable-pip-version-check", "wheel", "--quiet", "--no-deps", "--no-build-isolation"];
    const env = { ...process.env, SOURCE_DATE_EPOCH };
    await run(python, [...pip, "--wheel-dir", built, project], { cwd: workshop, env });
    const [wheel] = await readdir(built);
    if (wheel === undefined) throw new Error("pip built no wheel");
    await mkdir(folder, { recursive: true });
    await cp(join(built, wheel), join(folder, `${wheel}.new`));
    await rename(join(folder, `${wheel}.new`), join(folder, wheel));
    return join(folder, wheel);
  } finally {
    await rm(workshop, { recursive: true, force: true });
  }
}

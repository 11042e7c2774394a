import { mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { ARCHIVE, ENVIRONMENT, requireEnvironment } from "../python/environment";
import { makeSparkHome } from "../runs/runFiles";
import { SparkProcess } from "../runs/sparkProcess";

/** Has driver and executor load the classes that every run needs. */
const SCRIPT = `
from pyspark import SparkContext

assert SparkContext.getOrCreate().parallelize(range(4), 2).map(str).collect() == ["0", "1", "2", "3"]
`;

/**
 * Runs Spark once and has Java keep the classes that its driver loaded, read and checked, in an archive that all later runs
 * share (class data sharing). Java uses it as long as the jars and Java itself stay the same. A Java that makes no archives
 * leaves none.
 * @throws Error with what Spark wrote, if the run fails.
 */
export async function archiveClasses(folder = ENVIRONMENT): Promise<void> {
  const { classes: _, ...environment } = await requireEnvironment(folder);
  const archive = join(folder, ARCHIVE);
  const own = dirname(archive);
  await rm(own, { recursive: true, force: true });
  await mkdir(own);
  const script = join(own, "main.py");
  await writeFile(script, SCRIPT);
  const files = { folder: own, script, pythonFiles: [], sparkHome: await makeSparkHome(own, environment) };
  let output = "";
  const { ended } = new SparkProcess({
    ...{ environment, files, arguments: [], properties: [], executors: 1, cores: 1, variables: {} },
    driverJava: `-XX:ArchiveClassesAtExit="${archive}" -Xlog:disable`,
    onOutput: (text) => (output += text),
  });
  const code = await ended;
  if (code !== 0) throw new Error(`Spark did not start (exit code ${code}):\n${output}`);
}

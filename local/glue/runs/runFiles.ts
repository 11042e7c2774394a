import { mkdir, readdir, symlink, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { SluiceError } from "../../../shared/errors";
import type { RoleCaller } from "../../gateway/roleCaller";
import type { GlueEnvironment } from "../python/environment";

/** The files of one run, all below one folder. */
export interface RunFiles {
  folder: string;
  script: string;
  pythonFiles: string[];
  /** Spark as this run sees it: the environment's, with a folder for what its executors write. */
  sparkHome: string;
}

/** Spark's own warnings go to a file in each process's folder, so that the rest of its output is the script's. */
export const SYSTEM_LOG = "system.log";
/** The file in an executor's folder with what its tasks print (`python/task_daemon.py`). */
export const TASK_LOG = "tasks.log";
/** The file in a run's folder with the settings of Spark's log. */
export const LOG_SETTINGS = "log4j2.properties";
const LOGGING = `rootLogger.level = warn
rootLogger.appenderRef.file.ref = file
appender.file.type = File
appender.file.name = file
appender.file.fileName = ${SYSTEM_LOG}
appender.file.layout.type = PatternLayout
appender.file.layout.pattern = %d{yy/MM/dd HH:mm:ss} %p %c{1}: %m%n%ex
`;

/** The part of Spark's home that is a run's own. */
const OWN = "work";
/**
 * The parts that a run lacks. Java uses an archive of classes only where the class path has the same files as when it was made,
 * so there is no `conf`. `python` is pyspark in a zip file, which each of Spark's Python processes would compile again, in 0.4 s.
 * Without it they load the environment's pyspark, which is the same and is compiled.
 */
const LEFT_OUT = ["conf", "python"];

/**
 * Fetches script and packages from S3 with the role of the job, as Glue does, and lays them out.
 * @throws SluiceError SCRIPT_NOT_FETCHED with S3's answer.
 */
export async function layOut(
  folder: string,
  { script, pythonFiles }: { script: string; pythonFiles: string[] },
  environment: GlueEnvironment,
  caller: RoleCaller,
): Promise<RunFiles> {
  const sparkHome = await makeSparkHome(folder, environment);
  const packages = join(folder, "python");
  await mkdir(packages);
  const fetched: string[] = [];
  for (const place of pythonFiles) fetched.push(await fetchTo(packages, packageName(place), place, caller));
  return { folder, script: await fetchTo(folder, basename(script), script, caller), pythonFiles: fetched, sparkHome };
}

/** Spark's home for one run, below its folder. @returns its path. */
export async function makeSparkHome(folder: string, { pyspark }: GlueEnvironment): Promise<string> {
  const home = join(folder, "spark");
  for (const each of [join(folder, "tmp"), join(home, OWN)]) await mkdir(each, { recursive: true });
  for (const name of await readdir(pyspark)) {
    if (name !== OWN && !LEFT_OUT.includes(name)) await symlink(join(pyspark, name), join(home, name));
  }
  await writeFile(join(folder, LOG_SETTINGS), LOGGING);
  return home;
}

/** Spark puts files named .zip on the Python path. A wheel is a zip file under another name. */
function packageName(place: string): string {
  return basename(place).replace(/\.whl$/, ".zip");
}

async function fetchTo(folder: string, name: string, place: string, caller: RoleCaller): Promise<string> {
  const [, bucket = "", key = ""] = /^s3:\/\/([^/]+)\/(.+)$/.exec(place) ?? [];
  const url = `/${bucket}/${key.split("/").map(encodeURIComponent).join("/")}`;
  const { status, body } = await caller.send("s3", { method: "GET", url, body: Buffer.alloc(0) });
  if (status !== 200) {
    const why = /<Message>(.*?)<\/Message>/.exec(body.toString())?.[1] ?? `S3 answered ${status}`;
    throw new SluiceError("SCRIPT_NOT_FETCHED", `Error downloading ${place}: ${why}`, { value: place });
  }
  await writeFile(join(folder, name), body);
  return join(folder, name);
}

/** The Python that Spark runs on: the project's own environment, which `npm run glue:setup` makes. */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, globSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { SluiceError } from "../../../shared/errors";

const ROOT = resolve(__dirname, "../../..");

/** The Python package's project, with `pyproject.toml` and `requirements.txt`. */
export const PYTHON_PROJECT = join(ROOT, "services/glue/python");
/** Folder of the environment. */
export const ENVIRONMENT = join(ROOT, ".sluice/glue-python");
/** Folder of the wheels. */
export const WHEELS = join(ROOT, ".sluice/dist");
/** Java's archive of Spark's classes, from the environment's folder. Beside it is the Spark home that it was made in. */
export const ARCHIVE = "classes/spark.jsa";
/**
 * The file with the hash of the requirements that the environment was made from. It is written last, so an incomplete
 * environment has none.
 */
export const STAMP = join(ENVIRONMENT, "requirements.sha256");

/** Spark 3.5 runs on Java 8 to 17 officially, and starts up to 23; DynamoDB Local needs 17. */
const JAVA = { from: 17, to: 23 };

/** Paths inside the environment. */
export interface GlueEnvironment {
  /** Its interpreter. */
  python: string;
  /** The folder of the package pyspark, which holds Spark itself. */
  pyspark: string;
  /** Java's archive of Spark's classes, if there is one. With it, a run starts with a third less CPU. */
  classes?: string;
}

/** The hash by which an environment is known to be up to date. */
export function requirementsHash(): string {
  return createHash("sha256")
    .update(readFileSync(join(PYTHON_PROJECT, "requirements.txt")))
    .digest("hex");
}

/** The environment; undefined if there is none. If it is outdated, `npm run glue:setup` renews it. */
export function findEnvironment(folder = ENVIRONMENT): GlueEnvironment | undefined {
  const python = join(folder, "bin/python");
  const [pyspark] = globSync(join(folder, "lib/python3.*/site-packages/pyspark"));
  if (!existsSync(python) || pyspark === undefined) return undefined;
  const classes = join(folder, ARCHIVE);
  return { python, pyspark, ...(existsSync(classes) ? { classes } : {}) };
}

/** @throws SluiceError GLUE_PYTHON_MISSING, JAVA_MISSING or JAVA_UNFIT, with one sentence on what to do. */
export async function requireEnvironment(folder = ENVIRONMENT): Promise<GlueEnvironment> {
  const found = findEnvironment(folder);
  if (found === undefined) {
    const message = "Spark needs a Python environment under .sluice/: run `npm run glue:setup` once.";
    throw new SluiceError("GLUE_PYTHON_MISSING", message);
  }
  await checkJava();
  return found;
}

/**
 * Whether the `java` on the PATH, which DynamoDB Local runs on as well, is one that Spark runs on.
 * @throws SluiceError JAVA_MISSING, JAVA_UNFIT.
 */
export async function checkJava(): Promise<void> {
  const found = await promisify(execFile)("java", ["-version"]).catch(() => undefined);
  if (found === undefined) {
    throw new SluiceError("JAVA_MISSING", "Spark needs Java 17: install it and put `java` on the PATH.");
  }
  const version = javaVersion(found.stderr);
  if (version >= JAVA.from && version <= JAVA.to) return;
  const message = `Spark 3.5 needs Java ${JAVA.from} to ${JAVA.to}, \`java\` on the PATH is ${version}: put Java 17 there.`;
  throw new SluiceError("JAVA_UNFIT", message, { value: version });
}

/** The major version in the output of `java -version`; NaN if there is none. */
export function javaVersion(printed: string): number {
  const [, first, second] = /version "(\d+)(?:\.(\d+))?/.exec(printed) ?? [];
  // Java 8 and older report 1.8 and the like.
  return Number(first === "1" ? second : first);
}

/**
 * Variables for a process that starts Spark: Spark takes the `java` on the PATH and the pyspark of the environment, even if
 * the user has others.
 */
export function sparkVariables(environment: GlueEnvironment): NodeJS.ProcessEnv {
  const { JAVA_HOME: _, SPARK_HOME: __, SPARK_CONF_DIR: ___, ...others } = process.env;
  return { ...others, PYSPARK_PYTHON: environment.python, PYSPARK_DRIVER_PYTHON: environment.python };
}

import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import type { GlueEnvironment } from "../python/environment";
import { sparkVariables } from "../python/environment";
import { descendantsOf, listProcesses } from "./processes";
import { LOG_SETTINGS, type RunFiles } from "./runFiles";

/**
 * Spark runs behind a shell that leads a process group and lives only as long as this process holds its standard input:
 * however we end, even by SIGKILL, driver and executors are gone a moment later. The Python processes of executors have
 * groups of their own and end with their executor.
 */
const SUPERVISOR =
  'exec 3<&0; "$@" </dev/null 3<&- & spark=$!; { cat <&3 >/dev/null; kill -9 -$$; } 2>/dev/null & wait $spark';

/** The class that an executor's process runs. */
const EXECUTOR = "org.apache.spark.executor.CoarseGrainedExecutorBackend";

/** The folder and the module of Spark's daemon of Python workers. */
const PYTHON = join(__dirname, "python");
const DAEMON = "task_daemon";

/** Memory of the driver and of each executor. Spark takes no less than 450 MB. */
const MEGABYTES = 512;
/** Start quickly: these processes live for minutes, and the work is Python's. */
const JAVA = "-XX:+UseSerialGC -XX:TieredStopAtLevel=1";

export interface SparkOptions {
  environment: GlueEnvironment;
  files: RunFiles;
  /** Arguments of the script. */
  arguments: string[];
  /** `name=value` each. */
  properties: string[];
  /** Further options of the driver's Java. */
  driverJava?: string;
  /** Processes besides the driver. */
  executors: number;
  /** Tasks that an executor runs at once. */
  cores: number;
  /** Variables of driver and executors. */
  variables: Readonly<Record<string, string>>;
  /** Gets the driver's output. */
  onOutput: (text: string) => void;
}

/** A script under `spark-submit`, with executors in processes of their own. */
export class SparkProcess {
  readonly #child: ChildProcess;
  /** Resolves with the exit code once driver and executors are gone; null if they were killed. */
  readonly ended: Promise<number | null>;

  constructor(options: SparkOptions) {
    const { files, environment, variables, onOutput } = options;
    this.#child = spawn("sh", ["-c", SUPERVISOR, "spark", ...command(options)], {
      cwd: files.folder,
      env: {
        PATH: process.env.PATH,
        HOME: process.env.HOME,
        ...variables,
        ...pick(sparkVariables(environment), ["PYSPARK_PYTHON", "PYSPARK_DRIVER_PYTHON"]),
        SPARK_HOME: files.sparkHome,
        PYTHONPATH: [PYTHON, variables.PYTHONPATH].filter((each) => each !== undefined).join(":"),
        SPARK_LOCAL_IP: "127.0.0.1",
        TMPDIR: join(files.folder, "tmp"),
        // Output comes at once, not only when a buffer is full.
        PYTHONUNBUFFERED: "1",
      },
      stdio: ["pipe", "pipe", "pipe"],
      detached: true,
    });
    this.#child.stdin?.on("error", () => undefined);
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding("utf8").on("data", (text: string) => onOutput(text));
    }
    this.ended = new Promise((resolve, reject) => {
      this.#child.once("error", reject);
      this.#child.once("close", (code) => resolve(code));
    });
    // An executor that outlives its driver for a moment goes with the group.
    this.#child.once("exit", () => this.kill());
  }

  /** Ends driver and executors at once. */
  kill(): void {
    this.#child.stdin?.end();
  }

  /** Process ids of the live executors. */
  async executors(): Promise<number[]> {
    const { pid } = this.#child;
    if (pid === undefined) return [];
    const executors = descendantsOf(pid, await listProcesses()).filter(({ command }) => command.includes(EXECUTOR));
    return executors.map((each) => each.pid);
  }
}

function command(options: SparkOptions): string[] {
  const { files, arguments: given, properties, executors, cores, driverJava = "" } = options;
  const temporary = join(files.folder, "tmp");
  const java = javaOptions(options);
  const settings = [
    // A worker of Spark's own needs as much memory as its executor.
    `spark.master=local-cluster[${executors},${cores},${MEGABYTES}]`,
    `spark.driver.memory=${MEGABYTES}m`,
    `spark.executor.memory=${MEGABYTES}m`,
    `spark.executor.cores=${cores}`,
    `spark.executor.instances=${executors}`,
    `spark.local.dir=${temporary}`,
    `spark.driver.extraJavaOptions=${java} ${driverJava}`,
    `spark.executor.extraJavaOptions=${java}`,
    "spark.ui.enabled=false",
    `spark.python.daemon.module=${DAEMON}`,
    ...properties,
  ];
  const packages = files.pythonFiles.length === 0 ? [] : ["--py-files", files.pythonFiles.join(",")];
  const submit = join(files.sparkHome, "bin/spark-submit");
  return [submit, ...settings.flatMap((each) => ["--conf", each]), ...packages, files.script, ...given];
}

/** Java says nothing about an archive that doesn't fit, and loads the classes itself. */
function javaOptions({ files: { folder }, environment: { classes } }: SparkOptions): string {
  const properties = `-Djava.io.tmpdir=${join(folder, "tmp")} -Dlog4j2.configurationFile=file:${join(folder, LOG_SETTINGS)}`;
  const archive = classes === undefined ? "" : ` -XX:SharedArchiveFile="${classes}" -Xlog:cds*=off`;
  return `${JAVA} ${properties}${archive}`;
}

function pick(variables: NodeJS.ProcessEnv, names: string[]): NodeJS.ProcessEnv {
  return Object.fromEntries(names.map((name) => [name, variables[name]]));
}

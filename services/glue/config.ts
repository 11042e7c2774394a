/**
 * The options of the glue service, each with meaning, unit, default and bounds. In Pulumi config, the key is `glue` and the
 * option's name: `pulumi config set glueWorkers 3`.
 */
import { resolve } from "node:path";
import { type ConfigReader, namesIn } from "../../shared/infra/config";
import {
  boolean,
  choice,
  email,
  type Fields,
  integer,
  type Problem,
  text,
  type Values,
} from "../../shared/infra/fields";
import { emailWithoutAlarms, logFields } from "../../shared/infra/serviceFields";
import { fileProblem } from "./pythonFiles";

export const glueFields = {
  workers: integer("Workers of a Glue run, 2 or more, because one only drives the others; 0: there is no Glue job", {
    default: 0,
    minimum: 0,
    maximum: 299,
  }),
  // Tasks wait for DynamoDB and need little memory, so larger types have no use.
  workerType: choice("Size of a worker: G.1X has 4 vCPU and 16 GB of memory, G.2X twice as much", ["G.1X", "G.2X"]),
  executionClass: choice("STANDARD, or FLEX: spare machines, which cost less and start later", ["STANDARD", "FLEX"]),
  timeoutMinutes: integer("Longest run, in minutes; after that, its job can be resumed", {
    default: 2_880,
    minimum: 5,
    maximum: 10_080,
  }),
  maximumConcurrentRuns: integer("Most runs at once; further jobs begin once there is room", {
    default: 4,
    minimum: 1,
    maximum: 1_000,
  }),
  concurrency: integer("Requests that a task makes at once; each vCPU runs one task", {
    default: 16,
    minimum: 1,
    maximum: 64,
  }),
  stretchSeconds: integer("Longest time for which a crashed executor holds a unit, in seconds", {
    default: 60,
    minimum: 10,
    maximum: 900,
  }),
  pythonOperations: text("Python twins of operations of your own: name=module:function, separated by commas", {
    default: "",
    pattern: /^([A-Za-z]\w{0,39}=[A-Za-z_][\w.]*:[A-Za-z_]\w*(,[A-Za-z]\w{0,39}=[A-Za-z_][\w.]*:[A-Za-z_]\w*)*)?$/,
    rule: "name=module:function separated by commas, such as histogram=surveys.histogram:page",
    inBundles: true,
  }),
  extraPyFiles: text("Paths of zips and pure-Python wheels with these modules, separated by commas", {
    default: "",
    pattern: /^([^,\s]+\.(zip|whl)(,[^,\s]+\.(zip|whl))*)?$/,
    rule: "paths that end in .zip or .whl, separated by commas, without blanks",
    inBundles: true,
  }),
  ...logFields,
  alarms: boolean(
    "Whether CloudWatch alarms watch runs that end badly, and errors of the function that handles ends",
    true,
  ),
  alarmEmail: email("Who gets an e-mail for each alarm; empty: nobody"),
} satisfies Fields;

export type GlueSettings = Values<typeof glueFields>;

/** DPUs of a worker: https://docs.aws.amazon.com/glue/latest/dg/add-job.html */
const DPUS: Record<string, number> = { "G.1X": 1, "G.2X": 2 };

/** Settings of a run. */
export function sparkSettings({ workers, workerType, executionClass, timeoutMinutes }: GlueSettings) {
  return { workers, dpusPerWorker: DPUS[workerType]!, flex: executionClass === "FLEX", timeoutMinutes };
}

/** Reads `glue…` from the stack's config; problems stay in the reader. */
export function readGlueSettings(reader: ConfigReader): GlueSettings {
  return reader.read(glueFields, "glue", glueProblems);
}

/** AWS allows half as many workers of the larger type: https://docs.aws.amazon.com/glue/latest/dg/add-job.html */
const MOST_LARGE = 149;

/** Contradictions between settings that are each valid. */
export function glueProblems(settings: GlueSettings): Problem[] {
  const { workers, workerType, pythonOperations, extraPyFiles } = settings;
  const problem = (code: string, option: string, rule: string, value: unknown): Problem => ({
    code,
    option,
    rule,
    value,
  });
  const names = namesIn(pythonOperations).map((each) => each.split("=")[0]!);
  const twice = names.find((name, index) => names.indexOf(name) < index);
  return [
    ...(workers === 1
      ? [problem("NO_EXECUTOR", "workers", "must be 0, or 2 or more: one only drives the others", 1)]
      : []),
    ...(workerType === "G.2X" && workers > MOST_LARGE
      ? [problem("TOO_MANY_WORKERS", "workers", `must be at most ${MOST_LARGE} of type G.2X`, workers)]
      : []),
    ...(twice === undefined
      ? []
      : [problem("DUPLICATE_OPERATION", `pythonOperations.${twice}`, "must be given once", twice)]),
    ...(workers === 0 ? withoutJob(settings) : []),
    ...namesIn(extraPyFiles).flatMap((path) => {
      const rule = fileProblem(resolve(path));
      return rule === undefined ? [] : [problem("INVALID_FILE", "extraPyFiles", rule, path)];
    }),
    ...emailWithoutAlarms(settings),
  ];
}

/** Options of a Glue job that are set although there is no Glue job. */
function withoutJob(settings: GlueSettings): Problem[] {
  const rule = "must be empty while there is no Glue job (glueWorkers is 0)";
  return (["pythonOperations", "extraPyFiles"] as const).flatMap((option) =>
    settings[option] === "" ? [] : [{ code: "WITHOUT_GLUE_JOB", option, rule, value: settings[option] }],
  );
}

/** Twins in Python, `module:function`, by the names of their operations. */
export function pythonTwins({ pythonOperations }: Pick<GlueSettings, "pythonOperations">): Record<string, string> {
  return Object.fromEntries(namesIn(pythonOperations).map((each) => each.split("=") as [string, string]));
}

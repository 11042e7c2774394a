import { resolve } from "node:path";
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { SluiceError } from "../../shared/errors";
import { namesIn } from "../../shared/infra/config";
import { checkFields, type Problem, sentence, withDefaults } from "../../shared/infra/fields";
import { invokeOnEvents } from "../../shared/infra/invokeOnEvents";
import { trustService } from "../../shared/infra/policy";
import { PrivateBucket } from "../../shared/infra/privateBucket";
import { protectedIf } from "../../shared/infra/protection";
import { rolePolicies } from "../../shared/infra/rolePolicies";
import { nameProblems } from "../../shared/infra/serviceFields";
import { type Reach, tableNameProblems } from "../jobs/tableAccess";
import { GlueAlarms } from "./alarms";
import type { SparkJobsArgs } from "./args";
import { type GlueSettings, glueFields, glueProblems, pythonTwins } from "./config";
import { EndSweep } from "./endSweep";
import { runPermissions } from "./permissions";
import { extraPyFile, gluePackage, glueScript, type NamedFile } from "./pythonFiles";
import { runEndedFunction } from "./runEndedFunction";

/** Spark 3.5.6 and Python 3.11: https://docs.aws.amazon.com/glue/latest/dg/release-notes.html */
const GLUE_VERSION = "5.1";

/** The name of the Glue job: fixed, since the start function has to know it before it exists. */
export function glueJobName(name: string): string {
  return `${pulumi.getProject()}-${pulumi.getStack()}-${name}`;
}

/** ARN of the Glue job of the component of this name. */
export function glueJobArn(name: string, { region, accountId }: Pick<Reach, "region" | "accountId">) {
  return pulumi.interpolate`arn:aws:glue:${region}:${accountId}:job/${glueJobName(name)}`;
}

/**
 * The spark driver: a Glue job whose runs work on one bulk job each, a run an epoch. Its tasks claim units until none is left.
 * A function handles the ends of runs. See docs/decisions/0600.
 */
export class SparkJobs extends pulumi.ComponentResource {
  readonly job: aws.glue.Job;
  /** Bucket of the script and the packages. */
  readonly code: PrivateBucket;
  /** What runs print, and what Spark itself logs. */
  readonly outputLog: aws.cloudwatch.LogGroup;
  readonly errorLog: aws.cloudwatch.LogGroup;
  /** Looks at runs that have ended. */
  readonly runEnded: aws.lambda.Function;
  /** Its log group. */
  readonly runEndedLog: aws.cloudwatch.LogGroup;

  /**
   * @param name 1 to 35 lower-case letters, digits and hyphens, a letter first; all parts are named after it.
   * @throws SluiceError INVALID_GLUE_ARGS with all problems, before anything is made; TooManyPermissions if a role cannot hold so
   *   many tables.
   */
  constructor(name: string, args: SparkJobsArgs, options?: pulumi.ComponentResourceOptions) {
    const settings = checkedSettings(name, args);
    super("sluice:glue:SparkJobs", name, {}, options);
    const { accountId, records, deletionProtection = true } = args;
    const tags = { ...args.tags, project: pulumi.getProject(), stack: pulumi.getStack(), service: name };
    const parent = { parent: this };
    this.code = new PrivateBucket(
      `${name}-code`,
      { accountId, expirationDays: 0, noncurrentVersionDays: "unversioned", deletionProtection, tags },
      parent,
    );
    const logPrefix = `/aws-glue/jobs/${glueJobName(name)}`;
    const log = (kind: string) =>
      new aws.cloudwatch.LogGroup(
        `${name}-${kind}`,
        // Glue composes these names itself.
        { name: `${logPrefix}/${kind}`, retentionInDays: settings.logRetentionDays, tags },
        protectedIf(deletionProtection, parent),
      );
    this.outputLog = log("output");
    this.errorLog = log("error");
    const role = new aws.iam.Role(
      `${name}-role`,
      { assumeRolePolicy: trustService("glue.amazonaws.com"), tags },
      parent,
    );
    const reach = { ...args, code: this.code.bucket, logGroups: [this.outputLog, this.errorLog] };
    const statements = [...runPermissions(reach, args), ...(args.operationPermissions ?? [])];
    const policies = rolePolicies(name, { role, statements, listed: "tables", tags }, parent);
    const script = this.#object(`${name}-script`, glueScript(resolve(".")), tags);
    const packages = [
      this.#object(`${name}-package`, gluePackage(resolve(".")), tags),
      ...namesIn(settings.extraPyFiles).map((path, at) =>
        this.#object(`${name}-extra-${at}`, extraPyFile(resolve(path)), tags),
      ),
    ];
    this.job = new aws.glue.Job(
      name,
      {
        name: glueJobName(name),
        description: "Works on bulk jobs of the spark driver.",
        roleArn: role.arn,
        glueVersion: GLUE_VERSION,
        command: { name: "glueetl", pythonVersion: "3", scriptLocation: script },
        workerType: settings.workerType,
        numberOfWorkers: settings.workers,
        executionClass: settings.executionClass,
        executionProperty: { maxConcurrentRuns: settings.maximumConcurrentRuns },
        timeout: settings.timeoutMinutes,
        // If a run fails, its job is resumed. A run that Glue itself repeats would not know that it is a repetition.
        maxRetries: 0,
        defaultArguments: {
          "--extra-py-files": pulumi.all(packages).apply((all) => all.join(",")),
          "--job-bookmark-option": "job-bookmark-disable",
          "--enable-metrics": "true",
          // Glue 5 logs continuously, by itself; the prefix gives the logs of each stack a place and a retention of their own.
          "--custom-logGroup-prefix": logPrefix,
          "--results_bucket": records.results.bucket.bucket,
          "--unit_queue_url": args.unitQueue.url,
          ...(args.writingQueue === undefined ? {} : { "--writing_queue_url": args.writingQueue.url }),
          "--concurrency": String(settings.concurrency),
          "--stretch_seconds": String(settings.stretchSeconds),
          ...(settings.pythonOperations === "" ? {} : { "--python_operations": JSON.stringify(pythonTwins(settings)) }),
        },
        // Two tasks for one slot would only compete for its units.
        nonOverridableArguments: { "--conf": "spark.speculation=false" },
        tags,
      },
      { parent: this, dependsOn: policies },
    );
    const runEnded = runEndedFunction(name, { ...args, settings, deletionProtection, tags }, this);
    this.runEnded = runEnded.function;
    this.runEndedLog = runEnded.logGroup;
    const pattern = {
      source: ["aws.glue"],
      "detail-type": ["Glue Job State Change"],
      detail: { jobName: [glueJobName(name)] },
    };
    const description = "Runs of bulk jobs that end.";
    invokeOnEvents(`${name}-ends`, { description, pattern, invoked: this.runEnded, tags }, this);
    const sweep = { invoked: this.runEnded, glueJob: glueJobName(name), accountId, tags };
    new EndSweep(`${name}-sweep`, sweep, parent);
    if (settings.alarms) {
      const notify = settings.alarmEmail;
      new GlueAlarms(`${name}-alarm`, { runEnded: this.runEnded, service: `${name}-run-ended`, notify, tags }, parent);
    }
    this.registerOutputs({ glueJobName: this.job.name });
  }

  /**
   * An object named by its content, as an address. A former version stays when another takes its place: runs that wait or are
   * starting still read it. It is deleted with the bucket.
   */
  #object(name: string, { key, content }: NamedFile, tags: Record<string, string>): pulumi.Output<string> {
    const { bucket } = this.code.bucket;
    const object = new aws.s3.BucketObjectv2(
      name,
      { bucket, key, contentBase64: content.toString("base64"), tags },
      // Without protection the bucket is emptied when it is deleted.
      { parent: this, retainOnDelete: true },
    );
    return pulumi.interpolate`s3://${bucket}/${object.key}`;
  }
}

function checkedSettings(name: string, args: SparkJobsArgs): GlueSettings {
  const { tables, changedTables = [], operationNames = [] } = args;
  const settings = withDefaults(glueFields, args);
  const sound = checkFields(glueFields, settings);
  const none = {
    code: "NO_WORKERS",
    option: "workers",
    rule: "must be 2 or more; leave out the component if you want no Glue job",
    value: settings.workers,
  };
  const twins = sound.length === 0 ? Object.keys(pythonTwins(settings)) : [];
  const problems: Problem[] = [
    ...sound,
    ...(settings.workers === 0 ? [none] : []),
    ...(sound.length === 0 ? glueProblems(settings) : []),
    ...twins.filter((twin) => !operationNames.includes(twin)).map(withoutOriginal),
    ...nameProblems(name),
    ...tableNameProblems([...tables, ...changedTables]),
  ];
  if (problems.length > 0) {
    throw new SluiceError("INVALID_GLUE_ARGS", problems.map(sentence).join(" "), { value: problems });
  }
  return settings;
}

/** The start function checks requests against the operation in TypeScript, and that operation ends the job. */
function withoutOriginal(name: string): Problem {
  const rule = "must be the twin of an operation in TypeScript (config scannerOperations)";
  return { code: "NO_ORIGINAL", option: `pythonOperations.${name}`, rule, value: name };
}

import { resolve } from "node:path";
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { SluiceError } from "../../shared/errors";
import { checkFields, type Problem, sentence, withDefaults } from "../../shared/infra/fields";
import { trustService } from "../../shared/infra/policy";
import { protectedIf } from "../../shared/infra/protection";
import { rolePolicies } from "../../shared/infra/rolePolicies";
import { nameProblems } from "../../shared/infra/serviceFields";
import { moduleProblems } from "../../shared/infra/userModules";
import { type Reach, tableNameProblems } from "../jobs/tableAccess";
import { WorkflowAlarms } from "./alarms";
import type { ShuffleWorkflowArgs } from "./args";
import { type ShuffleSettings, shuffleFields, shuffleProblems } from "./config";
import { definitionOf } from "./definition";
import { ExecutionWatch } from "./executionWatch";
import { JobSchedule } from "./jobSchedule";
import { stateMachinePermissions } from "./permissions";
import { GENERATE, WorkflowFunctions } from "./workflowFunctions";

/**
 * The name of the state machine. It is fixed, because the start function has to know the ARN before the state machine
 * exists.
 */
function stateMachineName(name: string): string {
  return `${pulumi.getProject()}-${pulumi.getStack()}-${name}`;
}

/** ARN of the state machine of the component of this name. */
export function stateMachineArn(name: string, { region, accountId }: Pick<Reach, "region" | "accountId">) {
  return pulumi.interpolate`arn:aws:states:${region}:${accountId}:stateMachine:${stateMachineName(name)}`;
}

/**
 * The workflow driver: a state machine whose executions hand the numbers of a job's units to worker functions. Each epoch has
 * one execution. See definition.ts.
 */
export class ShuffleWorkflow extends pulumi.ComponentResource {
  readonly stateMachine: aws.sfn.StateMachine;
  /** The log group of the state machine; each function has its own. */
  readonly logGroup: aws.cloudwatch.LogGroup;
  readonly generate: aws.lambda.Function;
  readonly processReading: aws.lambda.Function;
  /** Undefined: no job of the stack changes a table. */
  readonly processWriting: aws.lambda.Function | undefined;
  readonly summarize: aws.lambda.Function;
  /** Log groups of the functions, by what they do. */
  readonly functionLogGroups: WorkflowFunctions["logGroups"];

  /**
   * @param name 1 to 35 lower-case letters, digits and hyphens, a letter first; all parts are named after it.
   * @throws SluiceError INVALID_SHUFFLE_ARGS with all problems, before anything is made; TooManyPermissions if a role
   *   cannot hold that many tables.
   */
  constructor(name: string, args: ShuffleWorkflowArgs, options?: pulumi.ComponentResourceOptions) {
    const settings = checkedSettings(name, args);
    super("sluice:shuffle:ShuffleWorkflow", name, {}, options);
    const { records, deletionProtection = true } = args;
    const tags = { ...args.tags, project: pulumi.getProject(), stack: pulumi.getStack(), service: name };
    const functions = new WorkflowFunctions(name, { args, settings, deletionProtection, tags, parent: this });
    this.generate = functions.generate;
    this.processReading = functions.processReading;
    this.processWriting = functions.processWriting;
    this.summarize = functions.summarize;
    this.functionLogGroups = functions.logGroups;
    const invoked = [
      args.start,
      ...[this.generate, this.processReading, this.processWriting, this.summarize].filter((each) => each !== undefined),
    ];
    const log = new aws.cloudwatch.LogGroup(
      // The prefix keeps the policy for log delivery, which all state machines of an account share, from growing.
      `${name}-log`,
      { namePrefix: `/aws/vendedlogs/states/${name}-`, retentionInDays: settings.logRetentionDays, tags },
      protectedIf(deletionProtection, { parent: this }),
    );
    this.logGroup = log;
    const role = new aws.iam.Role(
      `${name}-role`,
      { assumeRolePolicy: trustService("states.amazonaws.com"), tags },
      { parent: this },
    );
    const executionArns = pulumi.interpolate`arn:aws:states:${args.region}:${args.accountId}:execution:${stateMachineName(name)}:*`;
    const reach = { functions: invoked, records, stateMachineArn: args.stateMachineArn, executionArns };
    const statements = stateMachinePermissions({ ...reach, tracing: settings.tracing });
    const policies = rolePolicies(name, { role, statements, tags }, { parent: this });
    this.stateMachine = new aws.sfn.StateMachine(
      name,
      {
        name: stateMachineName(name),
        type: "STANDARD",
        definition: this.#definition(args.start, settings),
        roleArn: role.arn,
        loggingConfiguration: {
          level: "ERROR",
          includeExecutionData: true,
          logDestination: pulumi.interpolate`${log.arn}:*`,
        },
        tracingConfiguration: { enabled: settings.tracing },
        tags,
      },
      { parent: this, dependsOn: policies },
    );
    new ExecutionWatch(
      `${name}-ends`,
      { stateMachine: this.stateMachine, summarize: this.summarize, tags },
      { parent: this },
    );
    const schedule = this.#schedule(name, args.accountId, settings, tags);
    if (settings.alarms) {
      const scheduleGroup = schedule?.group;
      const notify = settings.alarmEmail;
      const watched = { stateMachine: this.stateMachine, functions: invoked.slice(1), scheduleGroup, notify };
      new WorkflowAlarms(`${name}-alarm`, { ...watched, tags }, { parent: this });
    }
    this.registerOutputs({ stateMachineArn: this.stateMachine.arn });
  }

  #schedule(
    name: string,
    accountId: Reach["accountId"],
    { schedule, scheduledRequest }: ShuffleSettings,
    tags: Record<string, string>,
  ): JobSchedule | undefined {
    if (schedule === "") return undefined;
    const { stateMachine } = this;
    const args = { stateMachine, schedule, scheduledRequest, accountId, tags };
    return new JobSchedule(`${name}-schedule`, args, { parent: this });
  }

  #definition(start: aws.lambda.Function, { timeoutSeconds }: ShuffleSettings): pulumi.Output<string> {
    const { generate, processReading, processWriting, summarize } = this;
    return pulumi
      .all([start.arn, start.timeout, generate.arn, processReading.arn, summarize.arn, processWriting?.arn])
      .apply(([startArn, startTimeout, generateArn, readingArn, summarizeArn, writingArn]) => {
        const functions = {
          start: { arn: startArn, timeoutSeconds: startTimeout ?? timeoutSeconds },
          generate: { arn: generateArn, timeoutSeconds: GENERATE.timeoutSeconds },
          processReading: { arn: readingArn, timeoutSeconds },
          ...(writingArn === undefined ? {} : { processWriting: { arn: writingArn, timeoutSeconds } }),
          summarize: { arn: summarizeArn, timeoutSeconds },
        };
        return JSON.stringify(definitionOf({ functions }));
      });
  }
}

function checkedSettings(name: string, args: ShuffleWorkflowArgs): ShuffleSettings {
  const { tables, changedTables = [], operations = {}, updates = {} } = args;
  const settings = withDefaults(shuffleFields, args);
  const none = {
    code: "NO_WORKERS",
    option: "maximumConcurrency",
    rule: "must be 1 or more; leave out the component if you want no workflow",
    value: settings.maximumConcurrency,
  };
  const problems: Problem[] = [
    ...checkFields(shuffleFields, settings),
    ...(settings.maximumConcurrency === 0 ? [none] : []),
    ...shuffleProblems(settings),
    ...moduleProblems("operations", operations, resolve(".")),
    ...moduleProblems("updates", updates, resolve(".")),
    ...nameProblems(name),
    ...stateMachineProblems(name),
    ...tableNameProblems([...tables, ...changedTables]),
  ];
  if (problems.length > 0) {
    throw new SluiceError("INVALID_SHUFFLE_ARGS", problems.map(sentence).join(" "), { value: problems });
  }
  return settings;
}

/** https://docs.aws.amazon.com/step-functions/latest/apireference/API_CreateStateMachine.html */
const STATE_MACHINE_NAME_MAX = 80;

function stateMachineProblems(name: string): Problem[] {
  const value = stateMachineName(name);
  if (value.length <= STATE_MACHINE_NAME_MAX) return [];
  const rule = `must be so short that the state machine's name, PROJECT-STACK-NAME, has at most ${STATE_MACHINE_NAME_MAX} characters`;
  return [{ code: "LONG_NAME", option: "name", rule, value }];
}

import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { SluiceError } from "../../shared/errors";
import { trustsService } from "../gateway/permissions/evaluation/trust";
import { EventSourceMapping, type SqsCall } from "../lambda/eventSourceMapping";
import type { FunctionSpec } from "../lambda/functionSpec";
import { callAsRole } from "../lambda/roleCalls";
import type { Roles } from "../roles";
import { autoName, type ResourceType } from "./resourceType";

const DEFAULT_TIMEOUT_SECONDS = 3;
const DEFAULT_MEMORY_MEGABYTES = 128;

export const lambdaFunction: ResourceType = {
  honours: [
    ...["name", "handler", "code", "role", "timeout", "memorySize", "environment", "loggingConfig"],
    "reservedConcurrentExecutions",
  ],
  excuses: {
    architectures: "handlers are JavaScript and run on this machine's processor",
    runtime: "instances run on the Node that npm scripts run on, which is Lambda's major version",
    tags: "nothing reads tags locally",
  },
  async create({ name, inputs }, { functions, folder, accountId, region, roles }) {
    await checkRole(name, String(inputs.role), roles);
    const physical = String(inputs.name ?? autoName(name));
    const arn = `arn:aws:lambda:${region}:${accountId}:function:${physical}`;
    const taskRoot = join(folder, "functions", physical);
    await unpack(inputs.code, taskRoot);
    const reserved = inputs.reservedConcurrentExecutions;
    if (reserved === 0) {
      throw new SluiceError("INPUT_NOT_HONOURED", `${name}: the local cloud has no functions that may not run.`);
    }
    const logging = inputs.loggingConfig as { logGroup?: string } | undefined;
    functions.deploy({
      name: physical,
      arn,
      roleArn: String(inputs.role),
      taskRoot,
      handler: String(inputs.handler),
      timeoutSeconds: Number(inputs.timeout ?? DEFAULT_TIMEOUT_SECONDS),
      memoryMegabytes: Number(inputs.memorySize ?? DEFAULT_MEMORY_MEGABYTES),
      environment: (inputs.environment as { variables?: Record<string, string> } | undefined)?.variables ?? {},
      logGroup: logging?.logGroup ?? `/aws/lambda/${physical}`,
      reservedConcurrency: reserved === undefined || Number(reserved) < 0 ? undefined : Number(reserved),
    });
    return { id: physical, state: { ...inputs, name: physical, arn } };
  },
};

/** A statement of the function's own policy. */
export const permission: ResourceType = {
  honours: ["action", "function", "principal", "sourceArn", "sourceAccount", "statementId"],
  create({ name, inputs }, { functions, roles, region, accountId }) {
    const { action, function: named, principal, sourceArn, sourceAccount, statementId = autoName(name) } = inputs;
    const byName = `arn:aws:lambda:${region}:${accountId}:function:${named}`;
    const spec = functions.find(String(named)) ?? functions.find(byName);
    if (spec === undefined) {
      throw new SluiceError("NO_SUCH_FUNCTION", `${name}: there is no function ${named}.`, { value: named });
    }
    const conditions = {
      ...(sourceArn === undefined ? {} : { ArnLike: { "AWS:SourceArn": String(sourceArn) } }),
      ...(sourceAccount === undefined ? {} : { StringEquals: { "AWS:SourceAccount": String(sourceAccount) } }),
    };
    const service = /\.amazonaws\.com$/.test(String(principal));
    const statement = {
      Sid: String(statementId),
      Effect: "Allow" as const,
      Principal: service ? { Service: String(principal) } : { AWS: String(principal) },
      Action: String(action),
      Resource: spec.arn,
      ...(Object.keys(conditions).length === 0 ? {} : { Condition: conditions }),
    };
    const before = roles.resourcePolicy(spec.arn);
    const Statement = [...[before?.Statement ?? []].flat(), statement];
    roles.setResourcePolicy(spec.arn, { Version: "2012-10-17", Statement });
    return { id: statement.Sid, state: { ...inputs, statementId: statement.Sid } };
  },
};

export const eventSourceMapping: ResourceType = {
  honours: [
    ...["eventSourceArn", "functionName", "batchSize", "maximumBatchingWindowInSeconds"],
    ...["functionResponseTypes", "scalingConfig"],
  ],
  excuses: { tags: "nothing reads tags locally" },
  async create({ name, inputs }, parts) {
    const queueArn = String(inputs.eventSourceArn);
    const spec = parts.functions.find(String(inputs.functionName));
    if (!spec) throw new SluiceError("UNKNOWN_FUNCTION", `${name}: there is no function ${inputs.functionName}.`);
    const scaling = inputs.scalingConfig as { maximumConcurrency?: number } | undefined;
    const queueUrl = `${parts.endpoint}/${parts.accountId}/${queueArn.split(":").at(-1)}`;
    const sqs = callAsRole("sqs", spec.roleArn, `${spec.name}-poller`, parts);
    await checkSource(name, queueUrl, spec, sqs);
    const mapping = new EventSourceMapping({
      queueUrl,
      queueArn,
      region: parts.region,
      batchSize: Number(inputs.batchSize ?? 10),
      batchWindowSeconds: Number(inputs.maximumBatchingWindowInSeconds ?? 0),
      maximumConcurrency: Math.min(scaling?.maximumConcurrency ?? Infinity, parts.functions.concurrencyOf(spec.arn)),
      reportBatchItemFailures: ((inputs.functionResponseTypes as string[]) ?? []).includes("ReportBatchItemFailures"),
      faults: parts.faults,
      sqs,
      invoke: (event) => parts.functions.invoke(spec.arn, event),
      onError: parts.onError,
    });
    parts.eventSourceMappings.push(mapping);
    return { id: autoName(name), state: inputs };
  },
};

/** Lambda assumes the function's role: a role that does not trust it is refused at once. */
async function checkRole(name: string, roleArn: string, roles: Roles): Promise<void> {
  const role = roles.byArn(roleArn);
  if (role && (await trustsService(role, "lambda.amazonaws.com"))) return;
  throw new SluiceError(
    "ROLE_NOT_ASSUMABLE",
    `${name}: The role defined for the function cannot be assumed by Lambda: ${roleArn}.`,
    { value: roleArn },
  );
}

/**
 * Before it polls, Lambda looks at the queue with the function's role, and refuses a queue whose visibility timeout is too
 * short.
 */
async function checkSource(name: string, QueueUrl: string, spec: FunctionSpec, sqs: SqsCall): Promise<void> {
  const input = { QueueUrl, AttributeNames: ["VisibilityTimeout"] };
  const { Attributes } = await sqs<{ Attributes: { VisibilityTimeout: string } }>("GetQueueAttributes", input);
  const visibility = Number(Attributes.VisibilityTimeout);
  if (visibility >= spec.timeoutSeconds) return;
  throw new SluiceError(
    "VISIBILITY_TIMEOUT_TOO_SHORT",
    `${name}: Queue visibility timeout: ${visibility} seconds is less than Function timeout: ${spec.timeoutSeconds} seconds.`,
    { value: visibility },
  );
}

/** Writes the files of the archive that the program hands over. */
async function unpack(archive: unknown, folder: string): Promise<void> {
  if (!(archive instanceof pulumi.asset.AssetArchive)) {
    throw new SluiceError(
      "INPUT_NOT_HONOURED",
      "The local cloud runs functions from an AssetArchive, not from other code.",
    );
  }
  for (const [path, asset] of Object.entries(await archive.assets)) {
    if (!(asset instanceof pulumi.asset.StringAsset)) {
      throw new SluiceError("INPUT_NOT_HONOURED", `The local cloud takes text in archives; ${path} is something else.`);
    }
    const file = join(folder, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, await asset.text);
  }
}

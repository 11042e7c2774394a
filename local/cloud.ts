import { mkdtemp, rm } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { type Clock, systemClock } from "../shared/clock";
import { DynamoDbLocal } from "./backends/dynamodbLocal";
import { QueuesAndBuckets } from "./backends/queuesAndBuckets";
import { Faults } from "./faults/faults";
import { faultStage } from "./faults/stage";
import { administration } from "./gateway/administration";
import { ConditionalPut } from "./gateway/conditionalPut";
import type { Backend } from "./gateway/gateway";
import { Gateway } from "./gateway/gateway";
import { IdentityPools } from "./gateway/identityPools";
import { LogWriter } from "./gateway/permissions/logWriter";
import { awsManagedPolicies } from "./gateway/permissions/managedPolicies";
import { Permissions } from "./gateway/permissions/permissions";
import type { PermissionReport } from "./gateway/permissions/report";
import { permissionStage } from "./gateway/permissions/stage";
import { TableKeys } from "./gateway/permissions/tableKeys";
import type { Credentials } from "./gateway/principals";
import { Principals } from "./gateway/principals";
import { capacityRoutes } from "./gateway/throttling/routes";
import type { CapacitySettingsInput } from "./gateway/throttling/settings";
import { Throttling } from "./gateway/throttling/throttling";
import { Functions } from "./lambda/functions";
import type { Parts } from "./parts";
import { runProgram } from "./program";
import { readProjectConfig } from "./projectConfig";
import { Roles } from "./roles";

const ACCOUNT_ID = "000000000000";
const DEFAULT_REGION = "us-east-1";

export interface LocalCloudOptions {
  /** Port of the gateway. Default 0: a free one. */
  port?: number;
  /** The stack whose config is used. Default `dev`. */
  stack?: string;
  /** Config keys that override the stack's. */
  config?: Record<string, string>;
  /** Fault rules in force from the start; see faults/rule.ts. Default none. */
  faults?: unknown;
  /**
   * Tables whose capacity is modelled from the start; see gateway/throttling/settings.ts. `table` is a table's name or the
   * name of a stack output that holds it. Default none.
   */
  capacity?: readonly CapacitySettingsInput[];
  /** The time by which modelled capacity flows. Default the system's. */
  capacityClock?: Clock;
  /** Gets what functions write, by log group. Default: nowhere. */
  onLog?: (logGroup: string, text: string) => void;
  /** Gets what goes wrong inside the local cloud. Default: standard error. */
  onError?: (error: unknown) => void;
}

/** The running local cloud. */
export interface LocalCloud {
  endpoint: string;
  region: string;
  /** Of the administrator, who may do everything. */
  credentials: Credentials;
  /** The stack outputs. */
  outputs: Record<string, unknown>;
  /** The fault rules in force. */
  faults: Faults;
  /** Modelled capacity of tables, and the record of what they consumed. */
  throttling: Throttling;
  /** What each role was granted and used, granted and never used, asked for and refused, so far. */
  permissions(): PermissionReport;
  /** How long it took to be ready, in milliseconds: in all, and of that waiting for nothing but Java. */
  startMs: { total: number; waitingForJava: number };
  /** Ends everything it started; nothing is kept. */
  stop(): Promise<void>;
}

/**
 * Starts the local cloud: the backends, the gateway before them, and the Pulumi program on top.
 * @throws SluiceError with one sentence that says what to do; nothing is left running then.
 */
export async function startLocalCloud(options: LocalCloudOptions = {}): Promise<LocalCloud> {
  const started = performance.now();
  const projectFolder = resolve(__dirname, "..");
  const stack = options.stack ?? "dev";
  const config = await readProjectConfig(projectFolder, stack, options.config);
  const region = config.values["aws:region"] ?? DEFAULT_REGION;
  config.values["aws:region"] = region;
  const cleanups: (() => Promise<unknown>)[] = [];
  const stop = async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  };
  try {
    const folder = await mkdtemp(join(tmpdir(), "sluice-"));
    cleanups.push(() => rm(folder, { recursive: true, force: true }));
    const java = DynamoDbLocal.start();
    cleanups.push(async () => (await java.catch(() => undefined))?.stop());
    const queuesAndBuckets = await QueuesAndBuckets.start(region);
    cleanups.push(() => queuesAndBuckets.stop());
    // Loading the AWS SDK of Pulumi takes as long as Java does: side by side.
    require("@pulumi/aws");
    const waitFrom = performance.now();
    const dynamodb = await java;
    const waitingForJava = performance.now() - waitFrom;

    const { parts, credentials, throttling, logs } = assemble({ dynamodb, queuesAndBuckets, region, folder, options });
    const port = await parts.gateway.listen(options.port ?? 0);
    cleanups.push(() => parts.gateway.close());
    parts.endpoint = `http://127.0.0.1:${port}`;
    cleanups.push(async () => {
      for (const mapping of parts.eventSourceMappings) mapping.stop();
      await parts.functions.stop();
      await logs.written();
    });
    const outputs = await runProgram(projectFolder, stack, config, parts);
    for (const settings of options.capacity ?? []) {
      await throttling.set({ ...settings, table: String(outputs[settings.table] ?? settings.table) });
    }
    await parts.permissions.check();
    for (const mapping of parts.eventSourceMappings) mapping.start();
    const startMs = { total: performance.now() - started, waitingForJava };
    const { endpoint, faults, permissions } = parts;
    return {
      ...{ endpoint, region, credentials, outputs, faults, throttling, startMs, stop },
      permissions: () => permissions.report(),
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

interface Ground {
  dynamodb: DynamoDbLocal;
  queuesAndBuckets: QueuesAndBuckets;
  region: string;
  folder: string;
  options: LocalCloudOptions;
}

interface Assembled {
  parts: Parts;
  /** Of the administrator. */
  credentials: Credentials;
  throttling: Throttling;
  logs: LogWriter;
}

function assemble({ options, ...ground }: Ground): Assembled {
  const principals = new Principals();
  const { accessKeyId, secretAccessKey } = principals.issue({ kind: "administrator" });
  const credentials = { accessKeyId, secretAccessKey };
  const faults = new Faults();
  if (options.faults !== undefined) faults.set(options.faults);
  const roles = new Roles();
  for (const policy of awsManagedPolicies) roles.addManagedPolicy(policy);
  const tableKeys = new TableKeys((request) => ground.dynamodb.send(request), ground.region);
  const permissions = new Permissions({
    roles,
    place: {
      accountId: ACCOUNT_ID,
      region: ground.region,
      hashKeyOf: (table, index) => tableKeys.hashKeyOf(table, index),
    },
    onRefusal: (refusal) => parts.onError(refusal),
  });
  const identityPools = new IdentityPools(roles, principals, permissions);
  const logs = new LogWriter(permissions, options.onLog ?? (() => undefined));
  const functions = new Functions({
    principals,
    region: ground.region,
    endpoint: () => parts.endpoint,
    faults,
    concurrency: Math.max(4, availableParallelism()),
    onLog: (spec, text) => logs.write(spec, text),
  });
  const conditionalPut = new ConditionalPut((request) => ground.queuesAndBuckets.send(request));
  const throttling = new Throttling({
    send: (request) => ground.dynamodb.send(request),
    clock: options.capacityClock ?? systemClock,
    region: ground.region,
    accountId: ACCOUNT_ID,
  });
  const backends: Record<string, Backend> = {
    dynamodb: (call) => throttling.handle(call),
    sqs: ({ request }) => ground.queuesAndBuckets.send(request),
    s3: ({ request, action }) =>
      action === "PutObject" ? conditionalPut.put(request) : ground.queuesAndBuckets.send(request),
    sts: (call) => identityPools.sts(call),
    "cognito-identity": (call) => identityPools.cognito(call),
  };
  const gateway = new Gateway({
    principals,
    backends,
    stages: [permissionStage(permissions), faultStage(faults, systemClock)],
    administration: administration(credentials, {
      "GET /_sluice/faults": () => faults.report(),
      "PUT /_sluice/faults": (plan) => faults.set(plan),
      ...capacityRoutes(throttling),
      "GET /_sluice/permissions": () => permissions.report(),
    }),
  });
  const parts: Parts = {
    ...ground,
    accountId: ACCOUNT_ID,
    endpoint: "",
    gateway,
    principals,
    roles,
    permissions,
    identityPools,
    faults,
    functions,
    eventSourceMappings: [],
    onError: options.onError ?? ((error) => process.stderr.write(`local cloud: ${error}\n`)),
  };
  return { parts, credentials, throttling, logs };
}

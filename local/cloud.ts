import { setImmediate as nextTurn } from "node:timers/promises";
import { assemble } from "./assemble";
import { BorrowedDatabase, DATABASE_POOL } from "./backends/borrowedDatabase";
import { DynamoDbLocal } from "./backends/dynamodbLocal";
import { QueuesAndBuckets } from "./backends/queuesAndBuckets";
import type { RecordedEvent } from "./events/eventBuses";
import type { Faults } from "./faults/faults";
import type { PermissionReport } from "./gateway/permissions/usage/report";
import type { Credentials } from "./gateway/principals";
import type { Throttling } from "./gateway/throttling/throttling";
import type { Metering } from "./metering/metering";
import type { LocalCloudOptions } from "./options";
import { OWN_PROJECT, readProjectConfig } from "./projectConfig";
import type { Mail } from "./sns/topics";
import { temporaryFolder } from "./temporaryFolder";

const DEFAULT_REGION = "us-east-1";

/** The running local cloud. */
export interface LocalCloud {
  endpoint: string;
  region: string;
  /** The credentials of the administrator, who may do everything. */
  credentials: Credentials;
  /** The stack outputs. */
  outputs: Record<string, unknown>;
  /** The fault rules in force. */
  faults: Faults;
  /** Modelled capacity of tables, and the record of what they consumed. */
  throttling: Throttling;
  /** Counts what AWS would bill: `metering.start()` returns a meter of invocations, requests and capacity units. */
  metering: Metering;
  /** What each role was granted and used, granted and never used, asked for and refused, so far. */
  permissions(): PermissionReport;
  /** The last events that were put to EventBridge, and their outcomes. */
  events(): readonly RecordedEvent[];
  /** The mails that would have been sent. */
  mail(): readonly Mail[];
  /** Milliseconds until it was ready: in all, and the part spent waiting for Java alone. */
  startMs: { total: number; waitingForJava: number };
  /** Ends everything it started; nothing is kept. */
  stop(): Promise<void>;
}

/**
 * Starts the local cloud: the backends, the gateway before them, and the Pulumi program on top.
 * @throws SluiceError with one sentence that includes what to do; the signal's reason. Nothing is left running in either case.
 */
export async function startLocalCloud(options: LocalCloudOptions = {}): Promise<LocalCloud> {
  const started = performance.now();
  const { signal } = options;
  const projectFolder = options.project ?? OWN_PROJECT;
  const stack = options.stack ?? "dev";
  const config = await readProjectConfig(projectFolder, stack, options.config);
  const region = config.values["aws:region"] ?? DEFAULT_REGION;
  config.values["aws:region"] = region;
  const cleanups: (() => Promise<unknown>)[] = [];
  const stop = async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  };
  try {
    const { path: folder, remove } = temporaryFolder("sluice-");
    cleanups.push(async () => remove());
    const java = startDatabase(options);
    // Its failure is reported where it is awaited.
    const javaEnded = java.catch(() => undefined);
    cleanups.push(async () => (await javaEnded)?.stop());
    const queuesAndBuckets = await QueuesAndBuckets.start(region);
    cleanups.push(() => queuesAndBuckets.stop());
    await heed(signal);
    // Loading Pulumi and its AWS SDK takes as long as starting Java. So both happen at once, after the first line of output.
    const { runProgram } = await import("./program");
    await heed(signal);
    require("@pulumi/aws");
    await heed(signal);
    const waitFrom = performance.now();
    const dynamodb = await java;
    const waitingForJava = performance.now() - waitFrom;

    const { parts, credentials, throttling, metering, logs, asyncInvocations, backups, moveTasks } = assemble({
      dynamodb,
      queuesAndBuckets,
      region,
      folder,
      options,
    });
    const port = await parts.gateway.listen(options.port ?? 0);
    cleanups.push(() => parts.gateway.close());
    parts.endpoint = `http://127.0.0.1:${port}`;
    cleanups.push(async () => {
      for (const mapping of parts.eventSourceMappings) mapping.stop();
      asyncInvocations.stop();
      await parts.stateMachines.stop();
      await parts.glueJobs.stop();
      await parts.functions.stop();
      await parts.eventBuses.delivered();
      await backups.ended();
      await moveTasks.stop();
      await logs.written();
    });
    const outputs = await runProgram(projectFolder, stack, config, parts, signal);
    for (const settings of options.capacity ?? []) {
      await throttling.set({ ...settings, table: String(outputs[settings.table] ?? settings.table) });
    }
    await parts.permissions.check();
    signal?.throwIfAborted();
    for (const mapping of parts.eventSourceMappings) mapping.start();
    const startMs = { total: performance.now() - started, waitingForJava };
    const { endpoint, faults, permissions } = parts;
    return {
      ...{ endpoint, region, credentials, outputs, faults, throttling, metering, startMs, stop },
      permissions: () => permissions.report(),
      events: () => parts.eventBuses.recent(),
      mail: () => parts.topics.report().mail,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** A run of the tests lends databases, because starting Java and compiling its code costs more CPU than a suite's requests. */
function startDatabase(options: LocalCloudOptions): Promise<DynamoDbLocal | BorrowedDatabase> {
  const { signal, optimizeDatabase: optimize } = options;
  return process.env[DATABASE_POOL] === undefined
    ? DynamoDbLocal.start({ signal, optimize })
    : BorrowedDatabase.borrow();
}

/** Lets signals of the system arrive, which wait while modules are loaded. @throws the signal's reason */
async function heed(signal: AbortSignal | undefined): Promise<void> {
  await nextTurn();
  signal?.throwIfAborted();
}

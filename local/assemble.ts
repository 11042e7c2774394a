import type { TableDescription } from "@aws-sdk/client-dynamodb";
import { systemClock } from "../shared/clock";
import type { DynamoDbConnection } from "./backends/dynamodbConnection";
import type { QueuesAndBuckets } from "./backends/queuesAndBuckets";
import { Logs } from "./cloudwatch/logs";
import { LogsApi } from "./cloudwatch/logsApi";
import { Metrics } from "./cloudwatch/metrics";
import { MetricsApi } from "./cloudwatch/metricsApi";
import { EventBuses } from "./events/eventBuses";
import { eventsApi } from "./events/putEvents";
import { targets } from "./events/targets";
import { BackupsApi } from "./exports/backupsApi";
import { PointInTimeRecovery } from "./exports/pointInTimeRecovery";
import { refusalOf, scanTable } from "./exports/scanTable";
import { SEGMENTS } from "./exports/tableExport";
import { Faults } from "./faults/faults";
import { faultStage } from "./faults/stage";
import { administration } from "./gateway/administration";
import { askDynamoDb } from "./gateway/askDynamoDb";
import type { Service } from "./gateway/call";
import type { Backend } from "./gateway/gateway";
import { Gateway } from "./gateway/gateway";
import { IdentityPools } from "./gateway/identityPools";
import type { BackendRequest } from "./gateway/message";
import { LogWriter } from "./gateway/permissions/callers/logWriter";
import { awsManagedPolicies } from "./gateway/permissions/callers/managedPolicies";
import { TableKeys } from "./gateway/permissions/needs/tableKeys";
import { Permissions } from "./gateway/permissions/permissions";
import { permissionStage } from "./gateway/permissions/stage";
import type { Credentials } from "./gateway/principals";
import { Principals } from "./gateway/principals";
import { jsonOf } from "./gateway/rewrite";
import { withRealArns } from "./gateway/tableArns";
import { withTableIds } from "./gateway/tableIds";
import { capacityRoutes } from "./gateway/throttling/routes";
import { Throttling } from "./gateway/throttling/throttling";
import { GlueApi } from "./glue/api/glueApi";
import { GlueJobs } from "./glue/glueJobs";
import { requireEnvironment } from "./glue/python/environment";
import { glueRoutes } from "./glue/routes";
import { statusEvent as glueStatusEvent } from "./glue/statusEvent";
import { AsyncInvocations } from "./lambda/asyncInvocations";
import { Functions } from "./lambda/functions";
import { InvokeApi } from "./lambda/invokeApi";
import { Metering } from "./metering/metering";
import { meteringRoutes } from "./metering/routes";
import { callerName, meteringStage } from "./metering/stage";
import type { LocalCloudOptions } from "./options";
import type { Parts } from "./parts";
import { Roles } from "./roles";
import { callTarget } from "./scheduler/callTarget";
import { scheduleRoutes } from "./scheduler/routes";
import { Schedules } from "./scheduler/schedules";
import { Secrets } from "./secrets/secrets";
import { Topics } from "./sns/topics";
import { MoveTasks } from "./sqs/moveTasks";
import { StatesApi } from "./stepfunctions/api/statesApi";
import { StateMachines } from "./stepfunctions/stateMachines";
import { statusEvent } from "./stepfunctions/statusEvent";

const ACCOUNT_ID = "000000000000";
/**
 * Invocations at once over all functions, as an account's concurrency limit. AWS gives 1,000. A laptop has no memory for
 * that many threads, but it has enough for two event source mappings of 16.
 */
const ACCOUNT_CONCURRENCY = 32;

/** The backends, folder and settings that all parts need. */
export interface Ground {
  dynamodb: DynamoDbConnection;
  queuesAndBuckets: QueuesAndBuckets;
  region: string;
  folder: string;
  options: Pick<LocalCloudOptions, "faults" | "capacityClock" | "onLog" | "onError">;
}

export interface Assembled {
  parts: Parts;
  /** The administrator's credentials. */
  credentials: Credentials;
  throttling: Throttling;
  metering: Metering;
  logs: LogWriter;
  asyncInvocations: AsyncInvocations;
  backups: BackupsApi;
  moveTasks: MoveTasks;
}

/** Puts the parts of one local cloud together; nothing listens and nothing runs yet. */
export function assemble({ options, ...ground }: Ground): Assembled {
  const principals = new Principals();
  const { accessKeyId, secretAccessKey } = principals.issue({ kind: "administrator" });
  const credentials = { accessKeyId, secretAccessKey };
  const faults = new Faults();
  if (options.faults !== undefined) faults.set(options.faults);
  const roles = new Roles();
  for (const policy of awsManagedPolicies) roles.addManagedPolicy(policy);
  const tableKeys = new TableKeys((request) => ground.dynamodb.send(request), ground.region);
  const onError = (error: unknown) => parts.onError(error);
  const place = {
    accountId: ACCOUNT_ID,
    region: ground.region,
    hashKeyOf: (table: string, index?: string) => tableKeys.hashKeyOf(table, index),
  };
  const permissions = new Permissions({ roles, place, onRefusal: onError });
  const identityPools = new IdentityPools(roles, principals, permissions);
  const metrics = new Metrics(() => systemClock.now());
  const logGroups = new Logs(() => systemClock.now());
  const log = (logGroup: string, stream: string, text: string) => {
    metrics.logged(text);
    logGroups.write(logGroup, stream, text);
    options.onLog?.(logGroup, text);
  };
  const logs = new LogWriter(permissions, log);
  const logsApi = new LogsApi(logGroups, place);
  const metricsApi = new MetricsApi({
    metrics,
    oldestSeconds: (queueName) => ground.queuesAndBuckets.oldestSeconds(queueName),
    clock: systemClock,
  });
  const metering = new Metering();
  const functions = new Functions({
    principals,
    region: ground.region,
    endpoint: () => parts.endpoint,
    faults,
    metering,
    concurrency: ACCOUNT_CONCURRENCY,
    onLog: (spec, text) => logs.write(spec, text),
  });
  const asyncInvocations = new AsyncInvocations({
    invoke: (arn, event, requestId) => functions.invoke(arn, event, requestId),
    onError,
  });
  const invokeApi = new InvokeApi({ functions, events: asyncInvocations, place });
  const moveTasks = new MoveTasks({ backend: ground.queuesAndBuckets, permissions, clock: systemClock, onError });
  const topics = new Topics({ backend: ground.queuesAndBuckets, permissions });
  const deliver = targets({
    queues: ground.queuesAndBuckets,
    topics,
    functions: asyncInvocations,
    permissions,
    accountId: ACCOUNT_ID,
    endpoint: () => parts.endpoint,
  });
  const eventBuses = new EventBuses({ place, deliver, faults, onError });
  const stateMachines = new StateMachines({
    ...{ principals, permissions, faults, region: ground.region, accountId: ACCOUNT_ID },
    ...{ clock: systemClock, random: Math.random, onError },
    endpoint: () => parts.endpoint,
    call: (...call) => parts.gateway.call(...call),
    onStatus: (execution) => eventBuses.publish(statusEvent(execution, place)),
    onLog: (logGroup, text) => log(logGroup, "states", text),
  });
  const glueJobs = new GlueJobs({
    ...{ principals, permissions, region: ground.region, folder: ground.folder, logs },
    ...{ clock: systemClock, random: Math.random, environment: () => requireEnvironment() },
    endpoint: () => parts.endpoint,
    call: (...call) => parts.gateway.call(...call),
    onEnd: (run) => eventBuses.publish(glueStatusEvent(run, place)),
  });
  const schedules = new Schedules((schedule) =>
    callTarget({
      parts,
      endpoint: () => parts.endpoint,
      call: (...call) => parts.gateway.call(...call),
    })(schedule),
  );
  const statesApi = new StatesApi(stateMachines);
  const glueApi = new GlueApi(glueJobs);
  const throttling = new Throttling({
    send: (request) => ground.dynamodb.send(request),
    clock: options.capacityClock ?? systemClock,
    region: ground.region,
    accountId: ACCOUNT_ID,
    meter: {
      get running() {
        return metering.running;
      },
      consumed: (principal, consumed) => metering.consumed({ caller: callerName(principal), ...consumed }),
    },
  });
  const dynamodb: Backend = async (call) =>
    withTableIds(call, withRealArns(call, await throttling.handle(call), ground.region));
  const secrets = new Secrets();
  const pointInTimeRecovery = new PointInTimeRecovery();
  const database = { send: (request: BackendRequest) => ground.dynamodb.send(request), region: ground.region };
  const backups = new BackupsApi({
    recovery: pointInTimeRecovery,
    accountId: ACCOUNT_ID,
    describeTable: (nameOrArn) => describedTable(nameOrArn, ground),
    places: {
      scan: (TableName, Segment, filter) =>
        scanTable({ ...database, TableName, Segment, TotalSegments: SEGMENTS, ...filter }),
      refusal: (table, filter) => refusalOf(table, filter, database),
      putObject: (request) => ground.queuesAndBuckets.send(request),
      clock: systemClock,
    },
  });
  const backends: Record<Service, Backend> = {
    dynamodb: async (call) => (await backups.handle(call)) ?? dynamodb(call),
    sqs: async (call) => (await moveTasks.handle(call)) ?? ground.queuesAndBuckets.send(call.request),
    s3: ({ request }) => ground.queuesAndBuckets.send(request),
    lambda: (call) => invokeApi.handle(call),
    events: eventsApi(eventBuses, place),
    sns: (call) => topics.handle(call),
    states: (call) => statesApi.handle(call),
    glue: (call) => glueApi.handle(call),
    logs: (call) => logsApi.handle(call),
    monitoring: (call) => metricsApi.handle(call),
    secretsmanager: async (call) => secrets.handle(call),
    sts: (call) => identityPools.sts(call),
    "cognito-identity": (call) => identityPools.cognito(call),
  };
  const gateway = new Gateway({
    principals,
    clock: systemClock,
    backends,
    stages: [permissionStage(permissions), faultStage(faults, systemClock), meteringStage(metering)],
    administration: administration(credentials, {
      "GET /_sluice/faults": () => faults.report(),
      "PUT /_sluice/faults": (plan) => faults.set(plan),
      ...capacityRoutes(throttling),
      ...meteringRoutes(metering),
      ...scheduleRoutes(schedules),
      ...glueRoutes(glueJobs),
      "GET /_sluice/permissions": () => permissions.report(),
      "GET /_sluice/events": () => ({ events: eventBuses.recent() }),
      "GET /_sluice/mail": () => topics.report(),
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
    metering,
    logGroups,
    eventSourceMappings: [],
    topics,
    eventBuses,
    stateMachines,
    glueJobs,
    schedules,
    secrets,
    pointInTimeRecovery,
    onError: options.onError ?? ((error) => process.stderr.write(`local cloud: ${error}\n`)),
  };
  return { parts, credentials, throttling, metering, logs, asyncInvocations, backups, moveTasks };
}

/** A table as callers see it, by name or ARN. */
async function describedTable(
  nameOrArn: string,
  { dynamodb, region }: Pick<Ground, "dynamodb" | "region">,
): Promise<TableDescription | undefined> {
  const call = { action: "DescribeTable" };
  const input = { TableName: nameOrArn };
  const answer = await askDynamoDb((request) => dynamodb.send(request), region, call.action, input);
  return jsonOf<{ Table?: TableDescription }>(withTableIds(call, withRealArns(call, answer, region)))?.Table;
}

import type { DynamoDbConnection } from "./backends/dynamodbConnection";
import type { QueuesAndBuckets } from "./backends/queuesAndBuckets";
import type { Logs } from "./cloudwatch/logs";
import type { EventBuses } from "./events/eventBuses";
import type { PointInTimeRecovery } from "./exports/pointInTimeRecovery";
import type { Faults } from "./faults/faults";
import type { Gateway } from "./gateway/gateway";
import type { IdentityPools } from "./gateway/identityPools";
import type { Permissions } from "./gateway/permissions/permissions";
import type { Principals } from "./gateway/principals";
import type { GlueJobs } from "./glue/glueJobs";
import type { EventSourceMapping } from "./lambda/eventSourceMapping";
import type { Functions } from "./lambda/functions";
import type { Metering } from "./metering/metering";
import type { Roles } from "./roles";
import type { Schedules } from "./scheduler/schedules";
import type { Secrets } from "./secrets/secrets";
import type { Topics } from "./sns/topics";
import type { StateMachines } from "./stepfunctions/stateMachines";

/** The running parts of one local cloud, from which others are built. */
export interface Parts {
  accountId: string;
  region: string;
  /** Where the gateway listens, such as `http://127.0.0.1:4566`. */
  endpoint: string;
  /** A folder of this run's own, removed at the end. */
  folder: string;
  dynamodb: DynamoDbConnection;
  queuesAndBuckets: QueuesAndBuckets;
  gateway: Gateway;
  principals: Principals;
  roles: Roles;
  permissions: Permissions;
  identityPools: IdentityPools;
  faults: Faults;
  functions: Functions;
  metering: Metering;
  logGroups: Logs;
  eventSourceMappings: EventSourceMapping[];
  topics: Topics;
  eventBuses: EventBuses;
  stateMachines: StateMachines;
  glueJobs: GlueJobs;
  schedules: Schedules;
  secrets: Secrets;
  pointInTimeRecovery: PointInTimeRecovery;
  /** Where the local cloud writes its internal errors. */
  onError: (error: unknown) => void;
}

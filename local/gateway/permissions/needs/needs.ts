import type { Call } from "../../call";
import { dynamodbNeeds } from "./dynamodbNeeds";
import { eventNeeds } from "./eventNeeds";
import { logNeeds } from "./logNeeds";
import { arnOf, type Need, type Place } from "./need";
import { s3Needs } from "./s3Needs";
import { secretNeeds } from "./secretNeeds";
import { snsNeeds } from "./snsNeeds";
import { sqsNeeds } from "./sqsNeeds";
import { lambdaNeeds, statesNeeds } from "./workflowNeeds";

const NEEDS: Record<string, (call: Call, place: Place) => Need[] | undefined> = {
  dynamodb: dynamodbNeeds,
  sqs: sqsNeeds,
  s3: s3Needs,
  states: statesNeeds,
  lambda: lambdaNeeds,
  // https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsglue.html
  glue: ({ action, input }, place) => {
    // If a call names no job, Glue itself reports the error, to any caller.
    if (typeof input.JobName !== "string") return [];
    return [{ action: `glue:${action}`, resource: arnOf("glue", place, `job/${input.JobName}`), context: {} }];
  },
  events: eventNeeds,
  sns: snsNeeds,
  logs: logNeeds,
  // Metrics are no resources: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatch.html
  monitoring: ({ action }) => [{ action: `cloudwatch:${action}`, resource: "*", context: {} }],
  secretsmanager: secretNeeds,
  // Everybody may ask for their own identity. Whether a guest may assume a role is decided by the role's trust policy.
  sts: ({ action }) => (action === "GetCallerIdentity" ? [] : undefined),
};

/**
 * The permissions that a call needs. All of them must be allowed.
 * @returns undefined for a call whose needs are not recorded here.
 */
export function needsOf(call: Call, place: Place): Need[] | undefined {
  return NEEDS[call.service]?.(call, place);
}

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
    // What names no job is Glue's own error, for whoever asks.
    if (typeof input.JobName !== "string") return [];
    return [{ action: `glue:${action}`, resource: arnOf("glue", place, `job/${input.JobName}`), context: {} }];
  },
  events: eventNeeds,
  sns: snsNeeds,
  logs: logNeeds,
  // Metrics are no resources: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatch.html
  monitoring: ({ action }) => [{ action: `cloudwatch:${action}`, resource: "*", context: {} }],
  secretsmanager: secretNeeds,
  // Who one is may always be asked, and how a guest takes on a role is for the role's trust policy to say.
  sts: ({ action }) => (action === "GetCallerIdentity" ? [] : undefined),
};

/**
 * What has to be allowed for a call to be answered, each part of it.
 * @returns undefined for a call of which it is not written down what it needs.
 */
export function needsOf(call: Call, place: Place): Need[] | undefined {
  return NEEDS[call.service]?.(call, place);
}

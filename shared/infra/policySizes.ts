/** Sizes of statements before resources exist: an unknown text counts as the longest that AWS allows. */
import type * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { BoundedText, isList, type PolicyResource, type Statement } from "./policy";
import type { SizedStatement } from "./policyPacking";

/**
 * `arn:partition:service:region:account:` with the longest existing partition, service and region, and some room to spare.
 */
const ARN_HEAD = 80;

/**
 * Most characters after the head of an ARN, by the prefix of the actions on it. Sources: Amazon SQS message quotas (queue
 * name 80); S3 bucket naming rules (63) and object keys (1,024); DynamoDB naming rules (table and index 255 each);
 * CloudWatch Logs CreateLogGroup and CreateLogStream (512 each); EventBridge CreateEventBus (256).
 */
const LONGEST_ARN_ENDS: Readonly<Record<string, number>> = {
  sqs: 80,
  s3: "/".length + 63 + 1_024,
  dynamodb: "table//index/".length + 255 + 255,
  logs: "log-group::log-stream:".length + 512 + 512,
  events: "event-bus/".length + 256,
};

/** The same for any other ARN (IAM API reference, arnType), and for any other text. */
const LONGEST_TEXT = 2_048;

/** The ARN of a table, by its name or as a resource of this program. An account id has 12 digits. */
export function tableArn(
  region: string,
  accountId: pulumi.Input<string>,
  table: aws.dynamodb.Table | string,
): BoundedText {
  if (typeof table !== "string") return new BoundedText(table.arn, ARN_HEAD + "table/".length + 255);
  const arn = pulumi.interpolate`arn:aws:dynamodb:${region}:${accountId}:table/${table}`;
  return new BoundedText(arn, `arn:aws:dynamodb:${region}::table/${table}`.length + 12);
}

/** The size of a statement. It is exact if everything is known. */
export function sizeOf(statement: Statement): SizedStatement {
  const { Resource, ...rest } = statement;
  if (Resource === undefined) return { frame: characters(bounded(rest)), resources: [], list: false };
  const longest = longestArn(statement);
  const all = isList(Resource) ? Resource : [Resource];
  return {
    frame: characters({ ...(bounded(rest) as object), Resource: [] }),
    resources: all.map((resource) => characters("x".repeat(lengthOf(resource, longest)))),
    list: isList(Resource),
  };
}

function lengthOf(resource: PolicyResource, longest: number): number {
  if (resource instanceof BoundedText) return resource.longest;
  // For a known text only its size matters, including escapes.
  return typeof resource === "string" ? characters(resource) - '""'.length : longest;
}

function longestArn({ Action }: Statement): number {
  const prefixes = [Action].flat().map((action) => action.split(":")[0] ?? "");
  const ends = prefixes.map((prefix) => LONGEST_ARN_ENDS[prefix]);
  return Math.max(...ends.map((end) => (end === undefined ? LONGEST_TEXT : ARN_HEAD + end)));
}

/** The value, with the longest possible text in place of each unknown one. */
function bounded(value: unknown): unknown {
  if (pulumi.Output.isInstance(value) || value instanceof Promise) return "x".repeat(LONGEST_TEXT);
  if (Array.isArray(value)) return value.map(bounded);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, bounded(each)]));
}

function characters(value: unknown): number {
  return JSON.stringify(value).length;
}

import * as v from "valibot";
import { awsError } from "../gateway/errors";
import type { BackendResponse } from "../gateway/message";

const text = v.pipe(v.string(), v.minLength(1), v.maxLength(1_024));

/** The modelled part of a filter: of each, what a scan has under the same name. */
const filterSchema = v.object({
  FilterExpression: v.optional(v.string()),
  ProjectionExpression: v.optional(v.string()),
  ExpressionAttributeNames: v.optional(v.record(v.string(), v.string())),
  ExpressionAttributeValues: v.optional(v.record(v.string(), v.unknown())),
});

export type ExportFilter = v.InferOutput<typeof filterSchema>;

/**
 * The modelled part of ExportTableToPointInTime.
 * https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ExportTableToPointInTime.html
 */
const inputSchema = v.object({
  TableArn: text,
  S3Bucket: v.pipe(v.string(), v.regex(/^[a-z0-9A-Z]+[.\-\w]*[a-z0-9A-Z]+$/), v.maxLength(255)),
  S3BucketOwner: v.optional(v.pipe(v.string(), v.regex(/^\d{12}$/))),
  S3Prefix: v.optional(v.pipe(v.string(), v.maxLength(1_024))),
  S3SseAlgorithm: v.optional(v.string()),
  ClientToken: v.optional(v.pipe(v.string(), v.regex(/^[^$]+$/))),
  ExportFormat: v.optional(v.string(), "DYNAMODB_JSON"),
  ExportType: v.optional(v.string(), "FULL_EXPORT"),
  FilterSpecification: v.optional(filterSchema),
});

export type ExportInput = v.InferOutput<typeof inputSchema>;

/** The modelled values of fields that have further ones on AWS. */
const MODELLED: Readonly<Record<string, string>> = {
  S3SseAlgorithm: "AES256",
  ExportFormat: "DYNAMODB_JSON",
  ExportType: "FULL_EXPORT",
};

/** The input, or an error: no requested feature is ignored silently. */
export function exportInput(
  input: Readonly<Record<string, unknown>>,
  accountId: string,
): ExportInput | BackendResponse {
  const result = v.safeParse(inputSchema, input);
  if (!result.success) {
    const problems = result.issues.map((issue) => `${v.getDotPath(issue) ?? "the input"}: ${issue.message}`);
    return awsError("dynamodb", 400, "ValidationException", problems.join("; "));
  }
  const { S3BucketOwner: owner = accountId } = result.output;
  const lost = [
    ...Object.entries(input).filter(([name]) => !(name in inputSchema.entries)),
    ...Object.entries(input.FilterSpecification ?? {}).filter(([name]) => !(name in filterSchema.entries)),
    ...Object.entries(input).filter(([name, value]) => name in MODELLED && value !== MODELLED[name]),
    ...(owner === accountId ? [] : [["S3BucketOwner", owner]]),
  ];
  if (lost.length === 0) return result.output;
  const given = lost.map(([name, value]) => `${name} ${JSON.stringify(value)}`);
  return awsError("dynamodb", 501, "NotImplemented", `The local cloud does not export with ${given.join(", ")}.`);
}

import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { boolean, choice, type Fields, text, type Values } from "./fields";

/** Options of the whole program rather than of one service. */
export const programFields = {
  senderAccess: choice("Who may send: callers with the IAM permission, and perhaps guests of an identity pool", [
    "iam",
    "cognito-guest",
    "cognito-closed",
  ]),
  dashboard: boolean("Whether the stack has a CloudWatch dashboard of intake and bulk jobs", true),
  runbookAddress: text("Where your team reads docs/runbook.md; each alarm's description links its section there", {
    default: "docs/runbook.md",
    pattern: /^[^\s#]{1,400}$/,
    rule: "a path or URL of 1 to 400 characters without blanks and #",
  }),
} satisfies Fields;

export type ProgramSettings = Values<typeof programFields>;

/** The region of the provider. @throws RunError that explains how to set one. */
export function requireRegion(): string {
  const region = aws.config.region;
  if (region) return region;
  throw new pulumi.RunError(
    "No AWS region is set: run `pulumi config set aws:region us-east-1` (or another region), or set AWS_REGION.",
  );
}

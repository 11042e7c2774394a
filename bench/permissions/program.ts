import { type PolicyDocument, Roles } from "../../local/roles";

export const ACCOUNT = "000000000000";
export const REGION = "us-east-1";
export const ROLE = `arn:aws:iam::${ACCOUNT}:role/store`;
export const QUEUE = `arn:aws:sqs:${REGION}:${ACCOUNT}:queue`;

const TABLE = `arn:aws:dynamodb:${REGION}:${ACCOUNT}:table`;

/** A role and resource policies like those of services/ingest/component.ts. */
export function ingestRoles(): Roles {
  const roles = new Roles();
  roles.add({ name: "store", logicalName: "store", arn: ROLE, trust: document() });
  const statements = [
    allow(["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ChangeMessageVisibility"], QUEUE),
    allow(["s3:PutObject", "s3:GetObject"], "arn:aws:s3:::raw/*"),
    allow(["s3:PutObject"], "arn:aws:s3:::quarantine/*"),
    allow(["dynamodb:PutItem"], `${TABLE}/submissions`),
    allow(["dynamodb:PutItem", "dynamodb:UpdateItem"], `${TABLE}/results`),
    allow(["logs:CreateLogStream", "logs:PutLogEvents"], `arn:aws:logs:${REGION}:${ACCOUNT}:log-group:store:*`),
  ];
  roles.putPolicy("store", { name: "store", logicalName: "store", document: document(...statements) });
  roles.setResourcePolicy(QUEUE, guards("sqs:*", QUEUE));
  for (const bucket of ["raw", "quarantine"]) {
    roles.setResourcePolicy(`arn:aws:s3:::${bucket}`, guards("s3:*", `arn:aws:s3:::${bucket}/*`));
  }
  return roles;
}

function allow(Action: string[], Resource: string): object {
  return { Effect: "Allow", Action, Resource };
}

export function guards(Action: string, Resource: string): PolicyDocument {
  const denied = { Effect: "Deny", Principal: "*", Action, Resource };
  return document(
    { ...denied, Condition: { Bool: { "aws:SecureTransport": "false" } } },
    { ...denied, Condition: { StringNotEquals: { "aws:PrincipalAccount": ACCOUNT } } },
  );
}

function document(...statements: object[]): PolicyDocument {
  return { Version: "2012-10-17", Statement: statements };
}

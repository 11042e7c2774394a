import * as pulumi from "@pulumi/pulumi";

/** One statement of an IAM policy. One purpose each, named by its Sid. */
export interface Statement {
  Sid: string;
  Effect: "Allow" | "Deny";
  Principal?: "*" | Record<string, pulumi.Input<string>>;
  Action: string | string[];
  Resource?: pulumi.Input<string> | pulumi.Input<string>[];
  Condition?: Record<string, Record<string, pulumi.Input<string>>>;
}

/** A statement of what a role may do. */
export function allow(Sid: string, Action: string[], Resource: NonNullable<Statement["Resource"]>): Statement {
  return { Sid, Effect: "Allow", Action, Resource };
}

/** Receive, delete and attributes are what an event source mapping needs of its queue; visibility is the back-off. */
export const TAKE_FROM_QUEUE = [
  "sqs:ReceiveMessage",
  "sqs:DeleteMessage",
  "sqs:GetQueueAttributes",
  "sqs:ChangeMessageVisibility",
];

/** The policy as JSON; unknown while any part of it is. */
export function policyDocument(statements: Statement[]): pulumi.Output<string> {
  return pulumi.jsonStringify({ Version: "2012-10-17", Statement: statements });
}

export interface GuardArgs {
  /** What the statements deny, such as `sqs:*`. */
  action: string;
  resources: pulumi.Input<string>[];
  /** The only AWS account whose principals get in, 12 digits. */
  accountId: pulumi.Input<string>;
}

/** The two denials of every resource policy here: nothing without TLS, nobody from outside the account. */
export function guardStatements({ action, resources, accountId }: GuardArgs): Statement[] {
  const denied = { Effect: "Deny", Principal: "*", Action: action, Resource: resources } as const;
  return [
    { Sid: "TlsOnly", ...denied, Condition: { Bool: { "aws:SecureTransport": "false" } } },
    { Sid: "OwnerOnly", ...denied, Condition: { StringNotEquals: { "aws:PrincipalAccount": accountId } } },
  ];
}

/** Trust policy of a role that an AWS service takes on. */
export function trustService(service: string): pulumi.Output<string> {
  return policyDocument([
    { Sid: "TakeOn", Effect: "Allow", Principal: { Service: service }, Action: "sts:AssumeRole" },
  ]);
}

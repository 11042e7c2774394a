import * as pulumi from "@pulumi/pulumi";

/** A text that may be unknown until resources exist, with the most characters that it can have. */
export class BoundedText {
  constructor(
    readonly text: pulumi.Input<string>,
    readonly longest: number,
  ) {}

  /** The same text with an end added. */
  plus(end: string): BoundedText {
    return new BoundedText(pulumi.interpolate`${this.text}${end}`, this.longest + end.length);
  }
}

/** The resource of a statement: an ARN, or a pattern of ARNs. */
export type PolicyResource = pulumi.Input<string> | BoundedText;

/** One statement of an IAM policy. Each has one purpose, which its Sid names. */
export interface Statement {
  Sid: string;
  Effect: "Allow" | "Deny";
  Principal?: "*" | Record<string, pulumi.Input<string>>;
  Action: string | string[];
  Resource?: PolicyResource | readonly PolicyResource[];
  Condition?: Record<string, Record<string, pulumi.Input<string>>>;
}

/** A statement that allows a role something. */
export function allow(Sid: string, Action: string[], Resource: NonNullable<Statement["Resource"]>): Statement {
  return { Sid, Effect: "Allow", Action, Resource };
}

/** An event source mapping needs receive, delete and attributes of its queue; the back-off needs visibility. */
export const TAKE_FROM_QUEUE = [
  "sqs:ReceiveMessage",
  "sqs:DeleteMessage",
  "sqs:GetQueueAttributes",
  "sqs:ChangeMessageVisibility",
];

/** The policy as JSON; unknown while any part of it is unknown. */
export function policyDocument(statements: Statement[]): pulumi.Output<string> {
  return pulumi.jsonStringify({ Version: "2012-10-17", Statement: statements.map(plain) });
}

function plain({ Resource, ...statement }: Statement) {
  return Resource === undefined
    ? statement
    : { ...statement, Resource: isList(Resource) ? Resource.map(textOf) : textOf(Resource) };
}

/** True if a statement's resources are a list. */
export function isList(resource: NonNullable<Statement["Resource"]>): resource is readonly PolicyResource[] {
  return Array.isArray(resource);
}

function textOf(resource: PolicyResource): pulumi.Input<string> {
  return resource instanceof BoundedText ? resource.text : resource;
}

export interface GuardArgs {
  /** The actions that the statements deny, such as `sqs:*`. */
  action: string;
  resources: pulumi.Input<string>[];
  /** The only AWS account whose principals get in, 12 digits. */
  accountId: pulumi.Input<string>;
}

/** The two denials of every resource policy here: requests without TLS, and principals from outside the account. */
export function guardStatements({ action, resources, accountId }: GuardArgs): Statement[] {
  const denied = { Effect: "Deny", Principal: "*", Action: action, Resource: resources } as const;
  return [
    { Sid: "TlsOnly", ...denied, Condition: { Bool: { "aws:SecureTransport": "false" } } },
    { Sid: "OwnerOnly", ...denied, Condition: { StringNotEquals: { "aws:PrincipalAccount": accountId } } },
  ];
}

/** Trust policy of a role that an AWS service assumes. @param Condition on whose behalf. Default: anyone's. */
export function trustService(service: string, Condition?: Statement["Condition"]): pulumi.Output<string> {
  const statement: Statement = {
    Sid: "TakeOn",
    Effect: "Allow",
    Principal: { Service: service },
    Action: "sts:AssumeRole",
    ...(Condition && { Condition }),
  };
  return policyDocument([statement]);
}

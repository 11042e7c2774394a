import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { policyDocument } from "../../shared/infra/policy";
import { protectedIf } from "../../shared/infra/protection";

export interface GuestSenderArgs {
  /** The one queue guests may send to. */
  queueArn: pulumi.Input<string>;
  /**
   * False shuts guests out, including those with credentials. Pool, identities and role stay, so that it can be opened
   * again.
   */
  open: boolean;
  /** True makes `pulumi destroy` stop at pool and role: apps hold the ids of both. */
  deletionProtection: boolean;
  /** Tags of pool and role. Default none. */
  tags?: Record<string, string>;
}

/** Lets an app without accounts send to one queue: a Cognito identity pool for guests and their role. */
export class GuestSender extends pulumi.ComponentResource {
  readonly identityPoolId: pulumi.Output<string>;
  readonly roleArn: pulumi.Output<string>;

  constructor(name: string, args: GuestSenderArgs, options: pulumi.ComponentResourceOptions = {}) {
    super("sluice:infra:GuestSender", name, {}, protectedIf(args.deletionProtection, options));
    const tags = args.tags ?? {};
    const pool = new aws.cognito.IdentityPool(
      `${name}-pool`,
      {
        // Cognito asks for a name and lets several pools share it.
        identityPoolName: `${pulumi.getProject()}-${name}`,
        allowUnauthenticatedIdentities: args.open,
        // The enhanced flow (GetCredentialsForIdentity) narrows guests to a fixed list of services without SQS. The
        // classic one (GetId, GetOpenIdToken, AssumeRoleWithWebIdentity) gives them exactly this role.
        allowClassicFlow: true,
        tags,
      },
      // The pool keeps its first name: another name would make another pool, and apps hold the id of this one.
      { parent: this, ignoreChanges: ["identityPoolName"] },
    );
    const role = new aws.iam.Role(`${name}-role`, { assumeRolePolicy: trustGuests(pool.id), tags }, { parent: this });
    // Denied rather than removed, because the policy is protected, and guests' credentials stay valid for an hour.
    const Effect = args.open ? "Allow" : "Deny";
    const permissions = policyDocument([{ Sid: "Send", Effect, Action: "sqs:SendMessage", Resource: args.queueArn }]);
    new aws.iam.RolePolicy(`${name}-policy`, { role: role.name, policy: permissions }, { parent: this });
    new aws.cognito.IdentityPoolRoleAttachment(
      `${name}-roles`,
      { identityPoolId: pool.id, roles: { unauthenticated: role.arn } },
      { parent: this },
    );
    this.identityPoolId = pool.id;
    this.roleArn = role.arn;
    this.registerOutputs({ identityPoolId: this.identityPoolId, roleArn: this.roleArn });
  }
}

function trustGuests(identityPoolId: pulumi.Input<string>): pulumi.Output<string> {
  return policyDocument([
    {
      Sid: "TakeOnAsGuest",
      Effect: "Allow",
      Principal: { Federated: "cognito-identity.amazonaws.com" },
      Action: "sts:AssumeRoleWithWebIdentity",
      Condition: {
        StringEquals: { "cognito-identity.amazonaws.com:aud": identityPoolId },
        "ForAnyValue:StringLike": { "cognito-identity.amazonaws.com:amr": "unauthenticated" },
      },
    },
  ]);
}

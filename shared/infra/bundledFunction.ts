import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { BUNDLE_FILE, BUNDLE_HANDLER, bundle } from "./bundle";
import { type Statement, trustService } from "./policy";
import { protectedIf } from "./protection";
import { rolePolicies } from "./rolePolicies";

export interface BundledFunctionArgs {
  /** Path of the file that exports `handler`, from the project's folder. Never imported, only bundled. */
  entry: string;
  /** Texts that take the place of files in the bundle, by path from the project's folder. Default none. */
  replaced?: Readonly<Record<string, string>>;
  /** What the function may do besides writing its own log; one statement for each purpose. */
  permissions: Statement[];
  /**
   * The word for the resources that the permissions list, in the plural, for the error if there are too many. Default
   * `resources`.
   */
  listed?: string;
  /** Environment variables. */
  environment: Record<string, pulumi.Input<string>>;
  /** Longest run, in seconds. 1 to 900. */
  timeoutSeconds: number;
  /** Memory in MB. 128 to 10,240. */
  memoryMegabytes: number;
  /** Days for which logs are kept, as CloudWatch Logs allows. 0 keeps them for ever. */
  logRetentionDays: number;
  /** True makes `pulumi destroy` stop at the log group. Function and role hold no data and may go. */
  deletionProtection: boolean;
  /** Tags of function, role and log group. Default none. */
  tags?: Record<string, string>;
}

/** A Lambda function built from one handler file, with a role that has the permissions given and no others. */
export class BundledFunction extends pulumi.ComponentResource {
  readonly function: aws.lambda.Function;
  readonly role: aws.iam.Role;
  readonly logGroup: aws.cloudwatch.LogGroup;

  /** @throws TooManyPermissions if a role cannot hold them. */
  constructor(name: string, args: BundledFunctionArgs, options?: pulumi.ComponentResourceOptions) {
    super("sluice:infra:BundledFunction", name, {}, options);
    const tags = args.tags ?? {};
    this.logGroup = new aws.cloudwatch.LogGroup(
      `${name}-log`,
      { retentionInDays: args.logRetentionDays, tags },
      protectedIf(args.deletionProtection, { parent: this }),
    );
    this.role = new aws.iam.Role(
      `${name}-role`,
      { assumeRolePolicy: trustService("lambda.amazonaws.com"), tags },
      { parent: this },
    );
    const statements = [...args.permissions, writeLog(this.logGroup)];
    const { listed } = args;
    const policies = rolePolicies(name, { role: this.role, statements, listed, tags }, { parent: this });
    this.function = new aws.lambda.Function(
      name,
      {
        runtime: aws.lambda.Runtime.NodeJS24dX,
        architectures: ["arm64"],
        handler: BUNDLE_HANDLER,
        code: bundle(args.entry, args.replaced).then(
          (code) => new pulumi.asset.AssetArchive({ [BUNDLE_FILE]: new pulumi.asset.StringAsset(code) }),
        ),
        role: this.role.arn,
        timeout: args.timeoutSeconds,
        memorySize: args.memoryMegabytes,
        environment: { variables: args.environment },
        // Text leaves lines as they were written. JSON would hide metric lines, which have no level, above INFO.
        loggingConfig: { logFormat: "Text", logGroup: this.logGroup.name },
        tags,
      },
      // Without its permissions the first invocations would fail.
      { parent: this, dependsOn: policies },
    );
    this.registerOutputs({ functionName: this.function.name, logGroupName: this.logGroup.name });
  }
}

function writeLog(logGroup: aws.cloudwatch.LogGroup): Statement {
  return {
    Sid: "WriteLog",
    Effect: "Allow",
    Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
    Resource: pulumi.interpolate`${logGroup.arn}:*`,
  };
}

import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { guardStatements, policyDocument } from "./policy";
import { protectedIf } from "./protection";

/** Days after which the parts of an incomplete upload are removed. */
const INCOMPLETE_UPLOAD_DAYS = 7;

export interface PrivateBucketArgs {
  /** The AWS account that owns the bucket, 12 digits. */
  accountId: pulumi.Input<string>;
  /** Days after which objects are deleted. 0 keeps them. */
  expirationDays: number;
  /**
   * Days for which an overwritten or deleted object can be brought back, 1 or more; "unversioned" for objects that are
   * overwritten all the time or can be made again.
   */
  noncurrentVersionDays: number | "unversioned";
  /** True makes `pulumi destroy` stop at the bucket and its settings; false lets it empty and delete the bucket. */
  deletionProtection: boolean;
  /** Tags of the bucket. Default none. */
  tags?: Record<string, string>;
}

/** A bucket for one team's data: encrypted, closed to the public, to plain HTTP and to other accounts. */
export class PrivateBucket extends pulumi.ComponentResource {
  readonly bucket: aws.s3.Bucket;

  constructor(name: string, args: PrivateBucketArgs, options: pulumi.ComponentResourceOptions = {}) {
    super("sluice:infra:PrivateBucket", name, {}, protectedIf(args.deletionProtection, options));
    this.bucket = new aws.s3.Bucket(
      name,
      { forceDestroy: !args.deletionProtection, tags: args.tags ?? {} },
      { parent: this },
    );
    const bucket = this.bucket.id;
    new aws.s3.BucketOwnershipControls(
      `${name}-ownership`,
      { bucket, rule: { objectOwnership: "BucketOwnerEnforced" } },
      { parent: this },
    );
    new aws.s3.BucketServerSideEncryptionConfiguration(
      `${name}-encryption`,
      { bucket, rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } }] },
      { parent: this },
    );
    const versioning = args.noncurrentVersionDays === "unversioned" ? [] : [this.#keepVersions(name)];
    new aws.s3.BucketLifecycleConfiguration(
      `${name}-lifecycle`,
      { bucket, rules: lifecycleRules(args) },
      { parent: this, dependsOn: versioning },
    );
    this.#closeToOthers(name, args.accountId);
    this.registerOutputs({ bucketName: bucket });
  }

  #keepVersions(name: string): aws.s3.BucketVersioning {
    return new aws.s3.BucketVersioning(
      `${name}-versioning`,
      { bucket: this.bucket.id, versioningConfiguration: { status: "Enabled" } },
      { parent: this },
    );
  }

  #closeToOthers(name: string, accountId: pulumi.Input<string>): void {
    const block = new aws.s3.BucketPublicAccessBlock(
      `${name}-public-access`,
      {
        bucket: this.bucket.id,
        blockPublicAcls: true,
        blockPublicPolicy: true,
        ignorePublicAcls: true,
        restrictPublicBuckets: true,
      },
      { parent: this },
    );
    const resources = [this.bucket.arn, pulumi.interpolate`${this.bucket.arn}/*`];
    new aws.s3.BucketPolicy(
      `${name}-policy`,
      { bucket: this.bucket.id, policy: policyDocument(guardStatements({ action: "s3:*", resources, accountId })) },
      // S3 refuses to set a policy and a public access block at the same moment.
      { parent: this, dependsOn: block },
    );
  }
}

type LifecycleRule = aws.types.input.s3.BucketLifecycleConfigurationRule;

function lifecycleRules({ expirationDays, noncurrentVersionDays }: PrivateBucketArgs): LifecycleRule[] {
  const everything = { status: "Enabled", filter: { prefix: "" } };
  const rules: LifecycleRule[] = [
    {
      ...everything,
      id: "drop-incomplete-uploads",
      abortIncompleteMultipartUpload: { daysAfterInitiation: INCOMPLETE_UPLOAD_DAYS },
    },
  ];
  if (noncurrentVersionDays !== "unversioned") {
    rules.push({
      ...everything,
      id: "drop-old-versions",
      noncurrentVersionExpiration: { noncurrentDays: noncurrentVersionDays },
      expiration: { expiredObjectDeleteMarker: true },
    });
  }
  if (expirationDays > 0) rules.push({ ...everything, id: "expire", expiration: { days: expirationDays } });
  return rules;
}

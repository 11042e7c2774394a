import type * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { jobsTable } from "../../shared/infra/jobsTable";
import { PrivateBucket } from "../../shared/infra/privateBucket";
import type { JobsSettings } from "./config";
import { JobMail } from "./jobMail";

export interface JobRecordsArgs
  extends Pick<
    JobsSettings,
    "resultsExpirationDays" | "pointInTimeRecovery" | "deletionProtection" | "completionEmail"
  > {
  /** The AWS account everything belongs to, 12 digits. */
  accountId: pulumi.Input<string>;
  /** Name of the event bus on which the ends of jobs are published. */
  eventBus: string;
  /** Tags of everything. */
  tags: Record<string, string>;
}

/** The resources that hold jobs of any driver: the jobs table, the bucket for results, the e-mail about their ends. */
export class JobRecords extends pulumi.ComponentResource {
  readonly table: aws.dynamodb.Table;
  readonly results: PrivateBucket;

  constructor(name: string, args: JobRecordsArgs, options?: pulumi.ComponentResourceOptions) {
    super("sluice:jobs:JobRecords", name, {}, options);
    const parent = { parent: this };
    const { pointInTimeRecovery, deletionProtection, tags } = args;
    this.table = jobsTable(`${name}-table`, { pointInTimeRecovery, deletionProtection, tags }, parent);
    this.results = new PrivateBucket(
      `${name}-results`,
      {
        accountId: args.accountId,
        expirationDays: args.resultsExpirationDays,
        // About once a second, an export puts the growing piece of its open object again.
        noncurrentVersionDays: "unversioned",
        deletionProtection,
        tags,
      },
      parent,
    );
    if (args.completionEmail !== "") {
      const { completionEmail: address, eventBus } = args;
      new JobMail(`${name}-mail`, { email: address, eventBus, jobsTableName: this.table.name, tags }, parent);
    }
    this.registerOutputs({ tableName: this.table.name, bucketName: this.results.bucket.bucket });
  }
}

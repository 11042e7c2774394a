/** A program of your own: bulk jobs without the intake, and a component of yours beside them. */
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { BulkJobs } from "../../services/jobs/component";
import { TableScanner } from "../../services/scanner/component";
import { JobEnds } from "./jobEnds";

const region = new pulumi.Config("aws").require("region");
const tables = new pulumi.Config().require("tables").split(",");
const { accountId } = aws.getCallerIdentityOutput();
const reach = { region, accountId, tables };

const jobs = new BulkJobs("jobs", {
  ...reach,
  deletionProtection: false,
  driver: (records) => new TableScanner("scanner", { ...reach, records, deletionProtection: false }),
});
const ends = new JobEnds("ends", { jobsTableName: jobs.records.table.name });

/** What the command line needs: `npm run sluice -- jobs list`. */
export const operator = pulumi.output(jobs.operator);
export const jobEndsQueueUrl = ends.queue.url;

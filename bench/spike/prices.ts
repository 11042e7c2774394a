import type { Documented } from "./documented";

/** Where and when the prices hold. Free tiers and volume discounts are left out. */
export const PRICES_OF = { region: "us-east-1", asOf: "2026-11", currency: "USD" } as const;

const FIGURES = "the page fills its figures in by script; read in";

/** AWS's list prices in dollars. A changed price is changed here and nowhere else. */
export const PRICES = {
  queueRequests: {
    value: 0.4,
    unit: "a million requests, each of up to 64 KB",
    title: "Amazon SQS pricing",
    address: "https://aws.amazon.com/sqs/pricing/",
    note: `${FIGURES} cloudburn.io/blog/amazon-sqs-pricing (March 2026)`,
  },
  invocations: {
    value: 0.2,
    unit: "a million invocations",
    title: "AWS Lambda pricing",
    address: "https://aws.amazon.com/lambda/pricing/",
    note: `${FIGURES} cloudchipr.com/blog/aws-lambda-pricing`,
  },
  functionGigabyteSeconds: {
    value: 0.0000133334,
    unit: "a GB-second on arm64",
    title: "AWS Lambda pricing",
    address: "https://aws.amazon.com/lambda/pricing/",
    note: `${FIGURES} cloudchipr.com/blog/aws-lambda-pricing`,
  },
  objectWrites: {
    value: 0.005,
    unit: "a thousand PUT requests, S3 Standard",
    title: "Amazon S3 pricing",
    address: "https://aws.amazon.com/s3/pricing/",
    note: `${FIGURES} cloudkaramchari.com, "Understanding per 1000 PUT COPY POST or LIST Requests"`,
  },
  objectGigabyteMonths: {
    value: 0.023,
    unit: "a GB and month, S3 Standard, first 50 TB",
    title: "Amazon S3 pricing",
    address: "https://aws.amazon.com/s3/pricing/",
    note: `${FIGURES} gist.github.com/EverettBerry/a37438006529a55f42da6fdbc44a505c`,
  },
  tableWrites: {
    value: 0.625,
    unit: "a million write request units, on-demand",
    title: "Amazon DynamoDB pricing for on-demand capacity",
    address: "https://aws.amazon.com/dynamodb/pricing/on-demand/",
    note: `${FIGURES} airbyte.com/data-engineering-resources/dynamodb-pricing (July 2025)`,
  },
  tableCapacityHours: {
    value: 0.00065,
    unit: "a write capacity unit and hour, provisioned",
    title: "Amazon DynamoDB pricing for provisioned capacity",
    address: "https://aws.amazon.com/dynamodb/pricing/provisioned/",
    note: `${FIGURES} zeonedge.com/en/blog/dynamodb-cost-optimization-on-demand-provisioned-dax-single-table`,
  },
  logGigabytes: {
    value: 0.5,
    unit: "a GB written to CloudWatch Logs",
    title: "Amazon CloudWatch pricing",
    address: "https://aws.amazon.com/cloudwatch/pricing/",
    note: `${FIGURES} factualminds.com/blog/amazon-cloudwatch-pricing-metrics-logs-alarms-dashboards (June 2026)`,
  },
} as const satisfies Record<string, Documented>;

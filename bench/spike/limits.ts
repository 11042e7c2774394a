import type { Documented } from "./documented";

/**
 * AWS's documented limits that a flood of submissions can meet: the default quotas of an account. Read in November 2026 in
 * stored copies of the pages, which may be older. A changed limit is changed here and nowhere else.
 */
export const LIMITS = {
  guestIdentities: {
    value: 25,
    unit: "GetId calls/s",
    title: "Quotas in Amazon Cognito",
    address: "https://docs.aws.amazon.com/cognito/latest/developerguide/quotas.html",
    note: "adjustable; the row is quoted in github.com/aws-amplify/amplify-android/issues/3001",
  },
  inFlight: {
    value: 120_000,
    unit: "messages received and not yet deleted, about",
    title: "Quotas related to queues (Amazon SQS)",
    address: "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-queues.html",
    note: "the backlog itself, messages not yet received, is unlimited (same page)",
  },
  firstBatches: {
    value: 5,
    unit: "batches at once when messages begin to come",
    title: "Configuring scaling behavior for SQS event source mappings",
    address: "https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html",
  },
  moreBatchesPerMinute: {
    value: 300,
    unit: "more batches at once, each minute",
    title: "Configuring scaling behavior for SQS event source mappings",
    address: "https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html",
  },
  mostBatches: {
    value: 1_000,
    unit: "batches at once",
    title: "Configuring scaling behavior for SQS event source mappings",
    address: "https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html",
    note: "1,250 on other pages of AWS; the maximum concurrency setting goes to 1,000",
  },
  concurrentExecutions: {
    value: 1_000,
    unit: "functions at once in an account and region",
    title: "Lambda quotas",
    address: "https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html",
    note: "adjustable; new accounts have less, and AWS raises it with use (same page)",
  },
  objectWrites: {
    value: 3_500,
    unit: "PUT/s for each partitioned prefix, at least",
    title: "Best practices design patterns: optimizing Amazon S3 performance",
    address: "https://docs.aws.amazon.com/AmazonS3/latest/userguide/optimizing-performance.html",
    note: "S3 splits prefixes by itself under sustained load and answers 503 Slow Down until it has",
  },
  newTableWrites: {
    value: 4_000,
    unit: "WCU/s of a new on-demand table",
    title: "DynamoDB on-demand capacity mode",
    address: "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/on-demand-capacity-mode.html",
  },
  tableDoublingMinutes: {
    value: 30,
    unit: "minutes in which an on-demand table may need to take on twice its previous peak",
    title: "DynamoDB on-demand capacity mode",
    address: "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/on-demand-capacity-mode.html",
  },
  tableWrites: {
    value: 40_000,
    unit: "WCU/s of a table",
    title: "Quotas in Amazon DynamoDB",
    address: "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html",
    note: "adjustable",
  },
  partitionWrites: {
    value: 1_000,
    unit: "WCU/s of one partition, and so of one item",
    title: "Understanding DynamoDB warm throughput in different scenarios",
    address: "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/warm-throughput-scenarios.html",
  },
  retentionDays: {
    value: 14,
    unit: "days that SQS keeps a message at most; a dead letter's count from when it was first sent",
    title: "Setting-up dead-letter queue retention in Amazon SQS",
    address:
      "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/setting-up-dead-letter-queue-retention.html",
  },
} as const satisfies Record<string, Documented>;

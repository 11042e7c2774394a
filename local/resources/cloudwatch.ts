import { SluiceError } from "../../shared/errors";
import { dashboardProblems, type NamedMetric } from "../cloudwatch/dashboardProblems";
import type { Parts } from "../parts";
import type { ResourceType } from "./resourceType";

export const dashboard: ResourceType = {
  honours: ["dashboardName", "dashboardBody"],
  async create({ name, inputs }, parts) {
    const { dashboardName } = inputs;
    const problems = await dashboardProblems(String(inputs.dashboardBody), (metric) => isPublished(metric, parts));
    if (!/^[\w-]{1,255}$/.test(String(dashboardName))) {
      problems.unshift(`dashboardName must be 1 to 255 letters, digits, - and _, got ${dashboardName}.`);
    }
    if (problems.length > 0) {
      throw new SluiceError("INVALID_DASHBOARD", `${name}: ${problems.join(" ")}`, { value: problems });
    }
    const dashboardArn = `arn:aws:cloudwatch::${parts.accountId}:dashboard/${dashboardName}`;
    return { id: String(dashboardName), state: { ...inputs, dashboardArn } };
  },
};

const EXECUTIONS = ["Started", "Succeeded", "Failed", "TimedOut", "Aborted"].map((end) => `Executions${end}`);

/**
 * Metrics that AWS publishes about parts of a stack, by namespace: their dimension, their names, and whether the stack has such a
 * part.
 */
const OF_AWS: Readonly<
  Record<
    string,
    { dimension: string; names: readonly string[]; has: (value: string, parts: Parts) => Promise<boolean> }
  >
> = {
  "AWS/SQS": {
    dimension: "QueueName",
    names: [
      ...["ApproximateNumberOfMessagesVisible", "ApproximateNumberOfMessagesNotVisible"],
      "ApproximateAgeOfOldestMessage",
    ],
    has: async (QueueName, { queuesAndBuckets }) =>
      queuesAndBuckets.sqs("GetQueueUrl", { QueueName }).then(
        () => true,
        () => false,
      ),
  },
  "AWS/Lambda": {
    dimension: "FunctionName",
    names: ["Errors", "Throttles", "ConcurrentExecutions"],
    has: async (name, { functions }) => functions.specs().some((spec) => spec.name === name),
  },
  "AWS/States": {
    dimension: "StateMachineArn",
    names: EXECUTIONS,
    has: async (arn, { stateMachines }) => stateMachines.find(arn) !== undefined,
  },
  "AWS/DynamoDB": {
    dimension: "TableName",
    names: ["ConsumedReadCapacityUnits", "ConsumedWriteCapacityUnits", "ReadThrottleEvents", "WriteThrottleEvents"],
    // Jobs may work on tables that others make, perhaps later.
    has: async () => true,
  },
};

async function isPublished({ namespace, name, dimensions }: NamedMetric, parts: Parts): Promise<boolean> {
  const of = Object.hasOwn(OF_AWS, namespace) ? OF_AWS[namespace] : undefined;
  const [[dimension, value] = [], ...more] = Object.entries(dimensions);
  if (value === undefined || more.length > 0) return false;
  if (of !== undefined) return dimension === of.dimension && of.names.includes(name) && of.has(value, parts);
  // A function publishes its own metrics under the names in its environment.
  return (
    dimension === "service" &&
    parts.functions.specs().some(({ environment }) => {
      const { POWERTOOLS_METRICS_NAMESPACE, POWERTOOLS_SERVICE_NAME } = environment;
      return POWERTOOLS_METRICS_NAMESPACE === namespace && POWERTOOLS_SERVICE_NAME === value;
    })
  );
}

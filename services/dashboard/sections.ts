/** What the dashboard shows of a stack, as the operator's page does. Pure. */
import { WORK_METRICS } from "../../shared/worker/workMetrics";
import type { Calculated, Graph, Line, Section } from "./widgets";

/** Names of the stack's parts. */
export interface StackParts {
  /** Namespace of the metrics that functions publish. */
  readonly namespace: string;
  readonly intake: {
    /** The store function's name in its metrics. */
    readonly service: string;
    readonly queue: string;
    readonly deadLetters: string;
    readonly storeFunction: string;
  };
  /** Queues of bulk work, with their dead letters; by what they hold. */
  readonly queues: Readonly<Record<string, { readonly queue: string; readonly deadLetters: string }>>;
  /** Functions of bulk work, by what they do. */
  readonly functions: Readonly<Record<string, string>>;
  /** Names in metrics of the functions that work on units, by what they do. */
  readonly workers: Readonly<Record<string, string>>;
  /** The tables that jobs may work on. */
  readonly tables: readonly string[];
  /** ARN of the state machine. Absent: there is no workflow. */
  readonly stateMachine?: string;
  /** Name in metrics of the function that handles the ends of Glue runs. Absent: there is no Glue job. */
  readonly runEnded?: string;
}

/** Tables in a graph. More lines can't be distinguished, and a dashboard holds 2,500 metrics. */
const TABLES_MAX = 50;

export function sectionsOf(parts: StackParts): Section[] {
  return [
    { heading: "## Intake: `npm run sluice -- intake status`", graphs: intakeGraphs(parts) },
    { heading: "## Bulk jobs: `npm run sluice -- jobs list`", graphs: jobGraphs(parts) },
    { heading: "## Tables that jobs may work on, whoever uses them", graphs: tableGraphs(parts.tables) },
  ];
}

function intakeGraphs({ namespace, intake }: StackParts): Graph[] {
  const { service, queue, deadLetters, storeFunction } = intake;
  const own = (label: string, metricName: string): Line => {
    return { label, namespace, metricName, dimensions: { service } };
  };
  const reasons = `SEARCH('{"${namespace}",reason,service} MetricName="QuarantinedByReason" service="${service}"', 'Sum')`;
  return [
    {
      title: "Submissions a minute",
      stat: "Sum",
      unit: "submissions",
      lines: [
        // There is a value for every submission, whatever becomes of it.
        { ...own("received", "Quarantined"), stat: "SampleCount" },
        own("stored", "Stored"),
        own("quarantined", "Quarantined"),
        own("duplicates", "Duplicates"),
      ],
    },
    {
      title: "Quarantined, by reason",
      stat: "Sum",
      unit: "submissions",
      lines: [{ label: "", expression: reasons }],
      stacked: true,
    },
    {
      title: "Queue",
      stat: "Maximum",
      unit: "submissions",
      lines: [
        ofQueue("waiting", "ApproximateNumberOfMessagesVisible", queue),
        ofQueue("in flight", "ApproximateNumberOfMessagesNotVisible", queue),
      ],
    },
    {
      title: "Age of the oldest submission",
      stat: "Maximum",
      unit: "seconds",
      lines: [ofQueue("oldest", "ApproximateAgeOfOldestMessage", queue)],
    },
    {
      title: "Dead letters",
      stat: "Maximum",
      unit: "submissions",
      lines: [ofQueue("dead letters", "ApproximateNumberOfMessagesVisible", deadLetters)],
    },
    {
      title: "Store function",
      stat: "Sum",
      unit: "a minute",
      lines: [
        own("transient failures", "TransientFailures"),
        ofFunction("errors", "Errors", storeFunction),
        ofFunction("throttles", "Throttles", storeFunction),
      ],
    },
  ];
}

function jobGraphs({ namespace, queues, functions, workers, stateMachine, runEnded }: StackParts): Graph[] {
  const of =
    (metricName: string) =>
    (service: string): Line => {
      return { label: "", namespace, metricName, dimensions: { service } };
    };
  const sum = (label: string, metricName: string) => total(label, Object.values(workers).map(of(metricName)));
  const inQueues = (label: string, part: "queue" | "deadLetters") =>
    Object.entries(queues).map(([what, each]) =>
      ofQueue(`${what}${label}`, "ApproximateNumberOfMessagesVisible", each[part]),
    );
  const failing = Object.entries(functions).flatMap(([what, name]) => [
    ofFunction(`${what}: errors`, "Errors", name),
    ofFunction(`${what}: throttles`, "Throttles", name),
  ]);
  return [
    {
      title: "Items done a minute",
      stat: "Sum",
      unit: "items",
      stacked: true,
      lines: Object.entries(workers).map(([what, service]) => ({ ...of(WORK_METRICS.items)(service), label: what })),
    },
    {
      title: "Read capacity that jobs consume",
      stat: "Sum",
      unit: "RCU/s",
      stacked: true,
      lines: Object.entries(workers).map(([what, service], at) =>
        perSecond(what, `r${at}`, of(WORK_METRICS.readUnits)(service)),
      ),
    },
    {
      title: "Workers' time spent waiting for the limits",
      stat: "Sum",
      unit: "percent",
      lines: Object.entries(workers).map(([what, service], at) => ({
        label: what,
        expression: `100 * waited${at} / work${at}`,
        of: { [`waited${at}`]: of(WORK_METRICS.waited)(service), [`work${at}`]: of(WORK_METRICS.work)(service) },
      })),
    },
    {
      title: "Jobs that ended",
      stat: "Sum",
      unit: "jobs",
      lines: [
        sum("completed", WORK_METRICS.jobsCompleted),
        sum("failed", WORK_METRICS.jobsFailed),
        ...(runEnded === undefined
          ? []
          : [{ label: "bad Glue runs", namespace, metricName: "BadRuns", dimensions: { service: runEnded } }]),
      ],
    },
    {
      title: "Units",
      stat: "Sum",
      unit: "units a minute",
      lines: [
        sum("done", WORK_METRICS.unitsDone),
        sum("retried", WORK_METRICS.unitRetries),
        sum("failed", WORK_METRICS.unitsFailed),
      ],
    },
    {
      title: "Workers at once",
      stat: "Maximum",
      unit: "functions",
      lines: Object.entries(functions).map(([what, name]) => ofFunction(what, "ConcurrentExecutions", name)),
    },
    {
      title: "Messages",
      stat: "Maximum",
      unit: "messages",
      lines: [...inQueues("", "queue"), ...inQueues(": dead letters", "deadLetters")],
    },
    { title: "Functions that fail", stat: "Sum", unit: "a minute", lines: failing },
    ...(stateMachine === undefined ? [] : [executions(stateMachine)]),
  ];
}

function executions(StateMachineArn: string): Graph {
  const ends = ["Started", "Succeeded", "Failed", "TimedOut", "Aborted"];
  return {
    title: "Executions of the workflow",
    stat: "Sum",
    unit: "executions",
    lines: ends.map((end) => {
      const metricName = `Executions${end}`;
      return { label: end, namespace: "AWS/States", metricName, dimensions: { StateMachineArn } };
    }),
  };
}

function tableGraphs(all: readonly string[]): Graph[] {
  const tables = all.slice(0, TABLES_MAX);
  const some = tables.length < all.length ? ` (the first ${TABLES_MAX} of ${all.length} tables)` : "";
  const of = (TableName: string, metricName: string): Line => {
    return { label: "", namespace: "AWS/DynamoDB", metricName, dimensions: { TableName } };
  };
  const consumed = (kind: "Read" | "Write", unit: string): Graph => ({
    title: `Consumed ${kind.toLowerCase()} capacity${some}`,
    stat: "Sum",
    unit,
    lines: tables.map((table, at) => perSecond(table, `c${at}`, of(table, `Consumed${kind}CapacityUnits`))),
  });
  return [
    consumed("Read", "RCU/s"),
    consumed("Write", "WCU/s"),
    {
      title: `Throttled requests${some}`,
      stat: "Sum",
      unit: "requests",
      lines: tables.flatMap((table) =>
        (["Read", "Write"] as const).map((kind) => ({
          ...of(table, `${kind}ThrottleEvents`),
          label: `${table}: ${kind.toLowerCase()}`,
        })),
      ),
    },
  ];
}

function perSecond(label: string, id: string, line: Line): Calculated {
  return { label, expression: `${id} / PERIOD(${id})`, of: { [id]: line } };
}

/** The sum of lines; a line without a value counts as 0. */
function total(label: string, lines: readonly Line[]): Calculated {
  const ids = lines.map((_, at) => `${label}${at}`);
  const of = Object.fromEntries(lines.map((line, at) => [`${label}${at}`, line]));
  return { label, expression: `SUM([${ids.map((id) => `FILL(${id}, 0)`).join(", ")}])`, of };
}

function ofQueue(label: string, metricName: string, QueueName: string): Line {
  return { label, namespace: "AWS/SQS", metricName, dimensions: { QueueName } };
}

function ofFunction(label: string, metricName: string, FunctionName: string): Line {
  return { label, namespace: "AWS/Lambda", metricName, dimensions: { FunctionName } };
}

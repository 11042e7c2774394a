/** A value of a metric, as a function logs it in CloudWatch's embedded metric format (EMF). */
export interface LoggedValue {
  namespace: string;
  name: string;
  /** Name to value. */
  dimensions: Readonly<Record<string, string>>;
  /** Milliseconds since the epoch. */
  at: number;
  values: readonly number[];
}

interface Document {
  _aws?: {
    Timestamp?: number;
    CloudWatchMetrics?: { Namespace: string; Dimensions: string[][]; Metrics: { Name: string }[] }[];
  };
  [member: string]: unknown;
}

/**
 * The values in a log's text. CloudWatch extracts them from every line that is such a document; other lines are only
 * text.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export function loggedValues(text: string): LoggedValue[] {
  return text.split("\n").flatMap((line) => (line.includes('"CloudWatchMetrics"') ? valuesOf(documentIn(line)) : []));
}

function valuesOf(document: Document): LoggedValue[] {
  const { Timestamp: at, CloudWatchMetrics: directives = [] } = document._aws ?? {};
  if (at === undefined) return [];
  return directives.flatMap(({ Namespace: namespace, Dimensions, Metrics }) =>
    Dimensions.flatMap((names) => {
      const dimensions = Object.fromEntries(names.map((name) => [name, String(document[name])]));
      return Metrics.map(({ Name: name }) => ({ namespace, name, dimensions, at, values: numbersIn(document[name]) }));
    }),
  );
}

function numbersIn(value: unknown): number[] {
  return (Array.isArray(value) ? value : [value]).filter((each): each is number => typeof each === "number");
}

function documentIn(line: string): Document {
  try {
    return JSON.parse(line) as Document;
  } catch {
    return {};
  }
}

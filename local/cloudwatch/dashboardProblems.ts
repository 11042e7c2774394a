/**
 * What CloudWatch would refuse in a dashboard's body, or show as an empty graph.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
 */
import * as v from "valibot";

const COLUMNS = 24;
const HEIGHT_MAX = 1_000;
const METRICS_MAX = 500;
const STATISTICS = ["Sum", "Average", "Minimum", "Maximum", "SampleCount"] as const;

const whole = (least: number, most: number) => v.pipe(v.number(), v.integer(), v.minValue(least), v.maxValue(most));
const place = {
  x: whole(0, COLUMNS - 1),
  y: whole(0, 1_000_000),
  width: whole(1, COLUMNS),
  height: whole(1, HEIGHT_MAX),
};
const id = v.pipe(
  v.string(),
  v.regex(/^[a-z]\w*$/, "must begin with a small letter and have letters, digits and _ only"),
);
const statistic = v.picklist(STATISTICS);
const options = v.strictObject({
  label: v.optional(v.string()),
  stat: v.optional(statistic),
  id: v.optional(id),
  visible: v.optional(v.boolean()),
});
const expression = v.strictObject({ expression: v.pipe(v.string(), v.nonEmpty()), label: v.optional(v.string()) });
const axis = v.strictObject({ min: v.number(), label: v.string(), showUnits: v.boolean() });
const Widget = v.variant("type", [
  v.strictObject({
    ...{ type: v.literal("text"), ...place },
    properties: v.strictObject({ markdown: v.string() }),
  }),
  v.strictObject({
    ...{ type: v.literal("metric"), ...place },
    properties: v.strictObject({
      title: v.string(),
      region: v.string(),
      stat: statistic,
      period: v.pipe(whole(60, 86_400), v.multipleOf(60)),
      view: v.picklist(["timeSeries"]),
      stacked: v.boolean(),
      yAxis: v.strictObject({ left: axis }),
      metrics: v.pipe(v.array(v.pipe(v.array(v.unknown()), v.minLength(1))), v.minLength(1), v.maxLength(METRICS_MAX)),
    }),
  }),
]);
const Body = v.strictObject({ widgets: v.array(Widget) });

/** A metric that a graph names. */
export interface NamedMetric {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
}

/**
 * @param known whether a part of the stack publishes such a metric.
 * @returns the problems, a sentence each. None: CloudWatch accepts the body, and each graph shows a metric of some part.
 */
export async function dashboardProblems(
  text: string,
  known: (metric: NamedMetric) => Promise<boolean>,
): Promise<string[]> {
  const body = v.safeParse(v.pipe(v.string(), v.parseJson(), Body), text);
  if (!body.success) return body.issues.map((issue) => `${v.getDotPath(issue) ?? "the body"}: ${issue.message}`);
  const problems: string[] = [];
  for (const [at, { x, width, ...widget }] of body.output.widgets.entries()) {
    const where = `widgets.${at}`;
    if (x + width > COLUMNS) problems.push(`${where}: it ends right of column ${COLUMNS}.`);
    if (widget.type !== "metric") continue;
    const lines = widget.properties.metrics.map(lineOf);
    const ids = lines.flatMap((line) => (typeof line === "object" && "id" in line ? (line.id ?? []) : []));
    if (new Set(ids).size < ids.length) problems.push(`${where}: two metrics have one id.`);
    for (const line of lines) {
      if (typeof line === "string") problems.push(`${where}: ${line}`);
      else if ("expression" in line)
        problems.push(...unknownIds(line.expression, ids).map((name) => `${where}: ${name}`));
      else if (!(await known(line))) problems.push(`${where}: nothing publishes ${JSON.stringify(line)}.`);
    }
  }
  return problems;
}

/** A metric, an expression, or the problem. */
function lineOf(entry: readonly unknown[]): (NamedMetric & { id?: string }) | { expression: string } | string {
  const calculated = v.safeParse(v.strictTuple([expression]), entry);
  if (calculated.success) return { expression: calculated.output[0].expression };
  const names = entry.slice(0, -1);
  const last = v.safeParse(options, entry.at(-1));
  if (!last.success || names.length < 2 || names.length % 2 !== 0 || !names.every((name) => typeof name === "string")) {
    return `no metric and no expression: ${JSON.stringify(entry)}.`;
  }
  const [namespace = "", name = "", ...pairs] = names as string[];
  const dimensions: Record<string, string> = {};
  for (let at = 0; at < pairs.length; at += 2) dimensions[pairs[at]!] = pairs[at + 1]!;
  return { namespace, name, dimensions, ...(last.output.id !== undefined && { id: last.output.id }) };
}

/**
 * The names in an expression that are no metrics of its graph. Functions are in capitals; texts in quotes belong to a
 * search.
 */
function unknownIds(text: string, ids: readonly string[]): string[] {
  const named = text.replaceAll(/'[^']*'/g, "").match(/\b[a-z]\w*/g) ?? [];
  return [...new Set(named)].filter((name) => !ids.includes(name)).map((name) => `no metric has the id ${name}.`);
}

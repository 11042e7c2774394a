/**
 * Widgets of a CloudWatch dashboard, in the form of its body. Pure.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
 */

/** One line of a graph. */
export interface Line {
  readonly label: string;
  readonly namespace: string;
  readonly metricName: string;
  readonly dimensions: Readonly<Record<string, string>>;
  /** Default: the graph's. */
  readonly stat?: Statistic;
}

export type Statistic = "Sum" | "Average" | "Maximum" | "SampleCount";

/** A line that metric math makes, of other lines or of a search. */
export interface Calculated {
  readonly label: string;
  readonly expression: string;
  /** The lines that the expression names by their keys; they are not drawn. Default: none. */
  readonly of?: Readonly<Record<string, Line>>;
}

export interface Graph {
  readonly title: string;
  readonly lines: readonly (Line | Calculated)[];
  readonly stat: Statistic;
  /** What the left axis counts. */
  readonly unit: string;
  readonly stacked?: boolean;
}

/** A heading and the graphs below it. */
export interface Section {
  /** Markdown, one line. */
  readonly heading: string;
  readonly graphs: readonly Graph[];
}

/** Columns of a dashboard, and rows of a graph and of a heading. */
const COLUMNS = 24;
const GRAPHS_A_ROW = 3;
const GRAPH_HEIGHT = 6;
const HEADING_HEIGHT = 1;
/** Seconds that a point is about. */
const PERIOD = 60;

/** The body: section below section, three graphs a row. */
export function bodyOf(sections: readonly Section[], region: string): object {
  const widgets: object[] = [];
  let y = 0;
  for (const { heading, graphs } of sections) {
    const properties = { markdown: heading };
    widgets.push({ type: "text", x: 0, y, width: COLUMNS, height: HEADING_HEIGHT, properties });
    y += HEADING_HEIGHT;
    const width = COLUMNS / GRAPHS_A_ROW;
    graphs.forEach((graph, at) => {
      const place = { x: (at % GRAPHS_A_ROW) * width, y: y + GRAPH_HEIGHT * Math.floor(at / GRAPHS_A_ROW) };
      widgets.push({ type: "metric", ...place, width, height: GRAPH_HEIGHT, properties: graphOf(graph, region) });
    });
    y += GRAPH_HEIGHT * Math.ceil(graphs.length / GRAPHS_A_ROW);
  }
  return { widgets };
}

function graphOf({ title, lines, stat, unit, stacked = false }: Graph, region: string): object {
  return {
    ...{ title, region, stat, period: PERIOD, view: "timeSeries", stacked },
    metrics: lines.flatMap(drawn),
    yAxis: { left: { min: 0, label: unit, showUnits: false } },
  };
}

function drawn(line: Line | Calculated): unknown[] {
  if ("metricName" in line) return [metric(line, {})];
  const { label, expression, of = {} } = line;
  const hidden = Object.entries(of).map(([id, each]) => metric(each, { id, visible: false }));
  return [...hidden, [{ expression, label }]];
}

function metric({ label, namespace, metricName, dimensions, stat }: Line, options: object): unknown[] {
  return [namespace, metricName, ...Object.entries(dimensions).flat(), { label, ...(stat && { stat }), ...options }];
}

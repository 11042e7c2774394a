/** Lines over time. A text beside the plot describes it, because a screen reader can't read a canvas. */
import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import { decimal, timeOfDay } from "../../text/format";
import { colour, useColourScheme } from "./colours";

export interface PlotLine {
  readonly label: string;
  /** Name of a custom property. */
  readonly colour: string;
  readonly dashed?: boolean;
  readonly filled?: boolean;
  readonly values: readonly (number | null)[];
}

export interface TimePlotProps {
  /** Milliseconds since the epoch. */
  readonly times: readonly number[];
  readonly lines: readonly PlotLine[];
  /** A description of the plot, in a sentence. */
  readonly description: string;
  /** Pixels. */
  readonly height?: number;
}

/** The shortest time that a plot shows, seconds, and the distance of its ticks. */
const SHORTEST = 60;
const TICKS = [5, 10, 30, 60, 300, 600, 1_800, 3_600, 10_800, 43_200, 86_400];

/** Width of the axis of values, pixels. */
const AXIS = 56;

export function TimePlot({ times, lines, description, height = 220 }: TimePlotProps) {
  const frame = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(undefined);
  const dark = useColourScheme();
  const shape = JSON.stringify(lines.map(({ label, dashed }) => [label, dashed]));
  const data = [times.map((at) => at / 1000), ...lines.map(({ values }) => values)] as uPlot.AlignedData;
  useEffect(() => {
    const element = frame.current!;
    const made = new uPlot(optionsOf(lines, element.clientWidth, height), data, element);
    plot.current = made;
    const resize = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height }));
    resize.observe(element);
    return () => {
      resize.disconnect();
      made.destroy();
    };
  }, [shape, dark, height]);
  useEffect(() => plot.current?.setData(data), [times, lines]);
  return <div class="plot" ref={frame} role="img" aria-label={description} />;
}

function optionsOf(lines: readonly PlotLine[], width: number, height: number): uPlot.Options {
  const axis = {
    stroke: colour("--muted"),
    font: "12px system-ui, sans-serif",
    grid: { stroke: colour("--line"), width: 1 },
    ticks: { show: false },
  };
  return {
    width,
    height,
    legend: { show: false },
    cursor: { y: false, points: { size: 6 } },
    padding: [8, 18, 0, 0],
    scales: { x: { time: true, range: shownTime }, y: { range: (_plot, _min, max) => [0, Math.max(1, max) * 1.1] } },
    axes: [
      { ...axis, size: 30, space: 76, incrs: TICKS, values: timesOfDay },
      { ...axis, size: AXIS, values: (_plot, ticks) => ticks.map(decimal) },
    ],
    series: [{}, ...lines.map(seriesOf)],
  };
}

/** The newest time is at the right. */
function shownTime(_plot: uPlot, first: number, last: number): [number, number] {
  return [Math.min(first, last - SHORTEST), last];
}

/** In UTC, like all times here. */
function timesOfDay(_plot: uPlot, ticks: number[], _axis: number, _space: number, step: number): string[] {
  return ticks.map((at) => timeOfDay(1000 * at).slice(0, step < 60 ? 8 : 5));
}

function seriesOf({ label, colour: name, dashed = false, filled = false }: PlotLine): uPlot.Series {
  const stroke = colour(name);
  return {
    label,
    stroke,
    width: dashed ? 1.5 : 2,
    points: { show: false },
    ...(dashed ? { dash: [6, 4] } : {}),
    ...(filled ? { fill: `${stroke}22` } : {}),
  };
}

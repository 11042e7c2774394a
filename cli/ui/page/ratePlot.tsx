/** A job's consumption of each limit over time: one plot for reads and one for writes. */
import type { Direction } from "../../../shared/capacity/metering/direction";
import { decimal } from "../../text/format";
import type { Sample, Series } from "../contract";
import { type PlotLine, TimePlot } from "./timePlot";

const COLOURS = ["--series-1", "--series-2", "--series-3", "--series-4"];

export function RatePlots({ series, samples }: { series: readonly Series[]; samples: readonly Sample[] }) {
  const directions = [...new Set(series.map(({ direction }) => direction))];
  if (directions.length === 0) return <p class="empty">This job consumes no capacity.</p>;
  if (samples.length === 0) return <p class="empty">Rates are recorded while this page watches a job that runs.</p>;
  return (
    <div class="plots">
      {directions.map((direction) => (
        <RatePlot
          key={direction}
          direction={direction}
          series={series.filter((each) => each.direction === direction)}
          samples={samples}
        />
      ))}
    </div>
  );
}

interface RatePlotProps {
  direction: Direction;
  series: readonly Series[];
  samples: readonly Sample[];
}

function RatePlot({ direction, series, samples }: RatePlotProps) {
  const unit = direction === "read" ? "RCU/s" : "WCU/s";
  const last = samples.at(-1)!;
  const lines = series.flatMap(({ key, label }, at): PlotLine[] => {
    const colour = COLOURS[at % COLOURS.length]!;
    return [
      { label, colour, values: samples.map(({ consumed }) => consumed[key] ?? null), filled: series.length === 1 },
      { label: `limit: ${label}`, colour, dashed: true, values: samples.map(({ limit }) => limit[key] ?? null) },
    ];
  });
  const words = series.map(({ key, label }) => {
    return { key, label, text: `${decimal(last.consumed[key] ?? 0)} of ${decimal(last.limit[key] ?? 0)} ${unit}` };
  });
  return (
    <figure>
      <TimePlot
        times={samples.map(({ at }) => at)}
        lines={lines}
        description={`Rate against the limit over time. Now: ${words.map(({ label, text }) => `${label} ${text}`).join("; ")}.`}
      />
      <figcaption>
        <ul class="legend lines">
          {words.map(({ key, label, text }, at) => (
            <li key={key}>
              <span class={`swatch ${COLOURS[at % COLOURS.length]!.slice(2)}`} aria-hidden="true" />
              {label}: <strong>{text}</strong>
            </li>
          ))}
          <li class="quiet">dashed: the limit</li>
        </ul>
      </figcaption>
    </figure>
  );
}

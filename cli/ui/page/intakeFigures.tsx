/** The status of the intake: figures, and the last hour minute by minute. */
import { decimal, duration, whole } from "../../text/format";
import type { IntakeOverview } from "../contract";
import { Figure } from "./parts";
import { type PlotLine, TimePlot } from "./timePlot";

/** The newest minutes, over which rates are averaged: metrics come a minute or two late. */
const RECENT = 5;

export function IntakeFigures({ intake }: { intake: IntakeOverview }) {
  const { waiting, inFlight, oldestSeconds, deadLetters, minutes } = intake;
  const recent = minutes.slice(-RECENT);
  const rate = (of: "received" | "stored" | "quarantined") =>
    decimal(recent.reduce((sum, minute) => sum + minute[of], 0) / Math.max(1, recent.length));
  const lines: PlotLine[] = [
    { label: "received", colour: "--series-3", values: minutes.map(({ received }) => received) },
    { label: "stored", colour: "--series-1", values: minutes.map(({ stored }) => stored), filled: true },
    { label: "quarantined", colour: "--series-2", values: minutes.map(({ quarantined }) => quarantined) },
  ];
  const total = (of: "received" | "stored" | "quarantined") => whole(minutes.reduce((sum, each) => sum + each[of], 0));
  return (
    <>
      <dl class="figures">
        <Figure name="Received a minute">{rate("received")}</Figure>
        <Figure name="Stored a minute">{rate("stored")}</Figure>
        <Figure name="Quarantined a minute" {...(rate("quarantined") === "0" ? {} : { tone: "warn" })}>
          {rate("quarantined")}
        </Figure>
        <Figure name="In the queue">{whole(waiting + inFlight)}</Figure>
        <Figure name="Oldest">
          {waiting + inFlight === 0 ? "none" : oldestSeconds === null ? "not known" : duration(oldestSeconds)}
        </Figure>
        <Figure name="Dead letters" {...(deadLetters === 0 ? {} : { tone: "bad" })}>
          {whole(deadLetters)}
        </Figure>
      </dl>
      <TimePlot
        times={minutes.map(({ at }) => at)}
        lines={lines}
        height={150}
        description={`Submissions of the last hour by minute: ${total("received")} received, ${total("stored")} stored, ${total("quarantined")} quarantined.`}
      />
      <ul class="legend lines">
        {lines.map(({ label, colour }) => (
          <li key={label}>
            <span class={`swatch ${colour.slice(2)}`} aria-hidden="true" />
            {label}
          </li>
        ))}
      </ul>
    </>
  );
}

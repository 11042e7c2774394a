import { configOption } from "../../local/configOption";
import { listPrices } from "../../shared/cost/prices";
import { SluiceError } from "../../shared/errors";
import type { Benchmark } from "../benchmark";
import { LIMITS } from "./limits";
import { renderSpikes } from "./render";
import type { Report } from "./report";
import { spike } from "./spike";
import { stackSettings } from "./stackSettings";
import { type Assumptions, concurrencyOf, perParticipant, stagesOf } from "./stages";

export const benchmark: Benchmark<Report> = {
  summary: "Calculate what saturates, how long the backlog lasts and what it costs if all answer in the same minute.",
  options: (command) =>
    command
      .option("--stack <name>", "the stack whose settings are used", "dev")
      .addOption(configOption())
      .option(
        "--submissions <numbers>",
        "submissions in that minute: numbers separated by commas",
        "1000,100000,10000000",
      )
      .option("--seconds <number>", "time that S3 and DynamoDB take for a submission, in seconds", "0.1")
      .option("--item-bytes <number>", "bytes of a participant's item; free text makes it grow", "800")
      .option("--body-bytes <number>", "bytes of a submission", "500"),
  async run(options) {
    const { stack, config } = options as { stack: string; config?: Record<string, string> };
    const settings = await stackSettings(stack, config);
    const assumed: Assumptions = {
      secondsPerSubmission: positive("--seconds", options.seconds),
      bodyBytes: positive("--body-bytes", options.bodyBytes),
      itemBytes: positive("--item-bytes", options.itemBytes),
    };
    const sizes = String(options.submissions).split(",");
    return {
      stack,
      settings,
      concurrency: concurrencyOf(settings),
      assumed,
      stages: stagesOf(settings, assumed).map(({ name, ours, refuses, perSecond, steadyAfter }) => {
        return { name, ours, refuses, atFirst: finite(perSecond(0)), inTheEnd: finite(perSecond(steadyAfter)) };
      }),
      perParticipant: perParticipant(assumed),
      spikes: sizes.map((size) => spike(positive("--submissions", size), settings, assumed)),
      limits: LIMITS,
      prices: listPrices,
    };
  },
  render: renderSpikes,
};

function positive(option: string, value: unknown): number {
  const number = Number(value);
  if (number > 0 && Number.isFinite(number)) return number;
  throw new SluiceError("BAD_OPTION", `${option} must be a number above 0, got ${value}.`, { value });
}

function finite(number: number): number | null {
  return Number.isFinite(number) ? number : null;
}

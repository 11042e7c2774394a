import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { duration } from "../../../bench/spike/duration";
import { LIMITS } from "../../../bench/spike/limits";
import { spike } from "../../../bench/spike/spike";
import { stackSettings } from "../../../bench/spike/stackSettings";
import { ASSUMED } from "./settings";

const text = readFileSync(join(resolve(__dirname, "../../.."), "docs/spikes.md"), "utf8").replaceAll(/ +/g, " ");

/** The cells of a table's row, without its name. */
function row(name: string): string[] {
  const line = text.split("\n").find((one) => one.startsWith(`| ${name} |`)) ?? "";
  return line
    .split(" | ")
    .slice(1)
    .map((cell) => cell.replace(/ ?\|$/, ""));
}

test("docs/spikes.md has the calculator's figures for stack dev", async () => {
  const settings = await stackSettings("dev");
  const spikes = [1_000, 100_000, 10_000_000].map((size) => spike(size, settings, ASSUMED));
  const whole = (value: number) => Math.round(value).toLocaleString("en-US");
  expect(row("sent in one minute")).toEqual(spikes.map(({ submissions }) => whole(submissions)));
  expect(row("saturates first")).toEqual(spikes.map(({ first }) => first));
  const then = spikes.map(({ drain }) => (drain.heldBackBy.at(-1)?.ours ? "our own valve" : "nothing"));
  expect(row("holds messages up after 1 s")).toEqual(then);
  expect(row("most waiting")).toEqual(spikes.map(({ drain }) => whole(drain.backlog)));
  expect(row("all stored after")).toEqual(spikes.map(({ drain }) => duration(drain.seconds)));
  expect(row("the longest anybody waits")).toEqual(spikes.map(({ safety }) => duration(safety.highestAgeSeconds)));
  expect(row("could be slower by a factor of")).toEqual(spikes.map(({ safety }) => whole(safety.margin)));
  const costs = spikes.map(({ cost }) => (cost.total < 0.01 ? "< $0.01" : `$${cost.total.toFixed(2)}`));
  expect(row("cost")).toEqual(costs);
});

test.each(Object.values(LIMITS))("it names the source of: $value $unit", ({ address }) => {
  expect(text).toContain(`]: ${address}\n`);
});

test("its claims about guests and dead letters are the calculator's", async () => {
  const guests = spike(100_000, await stackSettings("dev", { senderAccess: "cognito-guest" }), ASSUMED);
  expect(text).toContain(`gets in after ${duration(guests.arrivalSeconds)}`);
  const refuses = async (concurrency: number) => {
    const settings = await stackSettings("dev", { ingestMaximumConcurrency: String(concurrency) });
    return spike(10_000_000, settings, ASSUMED).safety.remarks.some(({ code }) => code === "REFUSALS");
  };
  expect([await refuses(20), await refuses(21)]).toEqual([false, true]);
});

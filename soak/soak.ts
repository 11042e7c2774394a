import { waiting } from "../cli/progress";
import { ChildCloud } from "../local/childCloud";
import { STARTING, STOPPING, untilStopped } from "../local/lifetime";
import { systemClock } from "../shared/clock";
import { untilAborted } from "./untilAborted";

export interface Soak<R extends { ok: boolean }> {
  /** Of the program that the cloud runs. */
  readonly config: Record<string, string>;
  /** @param now milliseconds since the cloud was up */
  readonly run: (cloud: ChildCloud, now: () => number, interrupt: AbortSignal) => Promise<R>;
  readonly render: (report: R) => string;
  /** Print the report as one JSON document instead. */
  readonly json: true | undefined;
}

/** Soaks a local cloud of its own and prints the report; the process is to exit with 1 where something is wrong. */
export async function soak<R extends { ok: boolean }>({ config, run, render, json }: Soak<R>): Promise<void> {
  const interrupt = new AbortController();
  untilStopped(", and the local cloud with it").catch((error) => interrupt.abort(error));
  const doing = waiting(STARTING, process.stderr, systemClock);
  const cloud = await ChildCloud.start(config, interrupt.signal).finally(() => doing.stop());
  const started = performance.now();
  try {
    const running = run(cloud, () => performance.now() - started, interrupt.signal);
    const report = await untilAborted(running, interrupt.signal);
    process.stdout.write(`${json ? JSON.stringify(report, undefined, 2) : render(report)}\n`);
    if (!report.ok) process.exitCode = 1;
  } finally {
    doing.next(STOPPING);
    await cloud.stop();
    doing.stop();
  }
}

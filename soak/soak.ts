import { ChildCloud } from "../local/childCloud";
import { untilStopped } from "../local/lifetime";
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
  process.stderr.write("Starting the local cloud …\n");
  const cloud = await ChildCloud.start(config, interrupt.signal);
  const started = performance.now();
  try {
    const running = run(cloud, () => performance.now() - started, interrupt.signal);
    const report = await untilAborted(running, interrupt.signal);
    process.stdout.write(`${json ? JSON.stringify(report, undefined, 2) : render(report)}\n`);
    if (!report.ok) process.exitCode = 1;
  } finally {
    await cloud.stop();
  }
}

import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import type { SluiceIo } from "../../cli/session";
import { main } from "../../cli/sluice";
import type { CloudState } from "../../local/childCloud";
import { systemClock } from "../../shared/clock";

/** How a command ended, and what it printed. */
export interface Ended {
  code: number;
  stdout: string;
  stderr: string;
}

/** The document that a command with `--json` printed. Fails with the command's own error if there is one. */
export function documentOf<T = ReturnType<typeof JSON.parse>>({ code, stdout, stderr }: Ended): T {
  if (code !== 0) throw new Error(`the command ended with ${code}: ${stdout}${stderr}`);
  expect(stderr).toBe("");
  return JSON.parse(stdout);
}

/** Runs a command on a local cloud, as an operator types it behind `npm run sluice --`. */
export async function sluiceOn(state: CloudState, args: string[], overrides: Partial<SluiceIo> = {}): Promise<Ended> {
  const root = await mkdtemp(join(tmpdir(), "sluice-root-"));
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  try {
    await mkdir(join(root, ".sluice"));
    await writeFile(join(root, ".sluice/local.json"), JSON.stringify(state));
    const interruptible = () => new AbortController().signal;
    const io = { stdout, stderr, root, clock: systemClock, random: Math.random, interruptible, ...overrides };
    const code = await main(args, io);
    return { code, stdout: String(stdout.read() ?? ""), stderr: String(stderr.read() ?? "") };
  } finally {
    await rm(root, { recursive: true });
  }
}

import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import type { SluiceIo } from "../../cli/session";
import { main } from "../../cli/sluice";
import type { CloudState } from "../../local/childCloud";
import { systemClock } from "../../shared/clock";

/** Runs a command on a local cloud, as an operator types it behind `npm run sluice --`. */
export async function sluiceOn(
  state: CloudState,
  args: string[],
  overrides: Partial<SluiceIo> = {},
): Promise<{ code: number; stdout: string; stderr: string }> {
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

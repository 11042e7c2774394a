/** Faults of storage while submissions arrive: raw objects expire, participants are erased. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { text as textOf } from "node:stream/consumers";
import { main } from "../cli/sluice";
import type { ChildCloud } from "../local/childCloud";
import { systemClock } from "../shared/clock";
import { userOf } from "./kept";

/** Share of expiring objects among raw objects for which no message is still to come. */
const EXPIRING = 0.25;
/** The number of participants that are erased. */
const ERASED = 3;

/**
 * Lets raw objects of counted submissions expire, since others are never days old: all objects for which a message is still
 * to come, and some of the others.
 * @param coming ids of submissions. @returns the keys of the objects.
 */
export async function expireSome(
  cloud: ChildCloud,
  coming: ReadonlySet<string | undefined>,
  random: () => number,
): Promise<string[]> {
  const markers = await cloud.reader.markers();
  const ids = markers.map(({ submission }) => submission).filter((id) => coming.has(id) || random() < EXPIRING);
  const keys = ids.map((id) => `${id}.json`);
  await cloud.reader.expire(keys);
  return keys;
}

/** The first participants that bodies name. */
export function firstParticipants(texts: readonly string[]): string[] {
  return [...new Set(texts.flatMap((text) => userOf(text) ?? []))].slice(0, ERASED);
}

/**
 * Erases participants, as the study's lead does: `intake participant erase`.
 * @param folder in which the command finds the local cloud.
 * @throws Error with the command's output if it failed.
 */
export async function erase(cloud: ChildCloud, users: readonly string[], folder: string): Promise<void> {
  await mkdir(join(folder, ".sluice"), { recursive: true });
  await writeFile(join(folder, ".sluice/local.json"), JSON.stringify(cloud.state));
  await Promise.all(users.map((user) => eraseOne(user, folder)));
}

async function eraseOne(user: string, root: string): Promise<void> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const interruptible = () => new AbortController().signal;
  const io = { stdout, stderr, root, clock: systemClock, random: Math.random, interruptible };
  await main(["intake", "participant", "erase", user, "--yes", "--json"], io);
  const [report, complaint] = await Promise.all([stdout, stderr].map((stream) => textOf(stream.end())));
  // It is no failure if something was left at the command's last look: the final content is compared anyway.
  if (!report) throw new Error(`participant ${user} could not be erased: ${complaint}`);
}

import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { createSender, openOutbox } from "../../sender/index";
import { CREDENTIALS, localSqs, scratchFolder } from "./helpers";

const ROUNDS = 5;
const PROCESSES = 2;
const sqs = localSqs();

/** Lets a process save and flush, and kills it at a random moment. @returns the ids whose `save` had resolved */
async function lifeAndDeath(folder: string, queueUrl: string, life: string): Promise<string[]> {
  const args = ["--import", "./loader.mjs", join(__dirname, "outboxChild.ts"), folder, queueUrl, life];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  const [enough, ms] = [2 + Math.random() * 60, Math.random() * 10];
  let said = "";
  child.stdout.setEncoding("utf8").on("data", (text) => {
    said += text;
    if (said.split("\n").length > enough) setTimeout(() => child.kill("SIGKILL"), ms);
  });
  const [, signal] = await once(child, "close");
  expect(signal).toBe("SIGKILL");
  return said.split("\n").slice(0, -1);
}

test(`${ROUNDS * PROCESSES} processes killed by SIGKILL while saving and flushing, two at a time, lose nothing`, async () => {
  const folder = join(await scratchFolder(), "outbox");
  const queueUrl = await sqs.queue("killed");
  const promised: string[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const lives = Array.from({ length: PROCESSES }, (_, which) => lifeAndDeath(folder, queueUrl, `${round}${which}`));
    promised.push(...(await Promise.all(lives)).flat());
  }
  expect(promised.length).toBeGreaterThan(ROUNDS * PROCESSES);

  const idOf = (text: string): string => JSON.parse(text).user_id; // throws where anything is half-written
  const waiting = (await readdir(folder)).filter((name) => name.endsWith(".json"));
  const texts = await Promise.all(waiting.map((name) => readFile(join(folder, name), "utf8")));
  const safe = new Set([...(await sqs.bodies("killed")), ...texts].map(idOf));
  expect(promised.filter((id) => !safe.has(id))).toEqual([]);

  const report = await openOutbox(folder, createSender({ queueUrl }, { credentials: CREDENTIALS })).flush();
  expect(report).toMatchObject({ refused: [], waiting: [] });
  const sent = new Set((await sqs.bodies("killed")).map(idOf));
  expect(promised.filter((id) => !sent.has(id))).toEqual([]);
});

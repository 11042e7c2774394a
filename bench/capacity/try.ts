import { World } from "./simulation";
import { SluiceWorker } from "./worker";

const K: Record<string, number> = {};
(globalThis as any).K = (k: string) => {
  K[k] = (K[k] ?? 0) + 1;
};
async function main() {
  const [W, rate, cost, T, debug] = process.argv.slice(2);
  const w = Number(W),
    r = Number(rate),
    dur = Number(T ?? 40) * 1000;
  const costs: Record<string, any> = {
    "1": () => ({ table: 1 }),
    "1-4": (x: any) => ({ table: 1 + Math.floor(4 * x()) }),
    "20": () => ({ table: 20 }),
    gsi: () => ({ table: 1, indexes: { g: 2 } }),
  };
  const limits = cost === "gsi" ? { table: r, indexes: { g: 1.5 * r } } : { table: r };
  const t0 = performance.now();
  const world = new World(limits, dur, 7, costs[cost!]);
  await world.createLedger();
  const workers = Array.from(
    { length: w },
    () => new SluiceWorker(world, { concurrency: w >= 400 ? 16 : 64, thinkMs: 0 }),
  );
  for (const x of workers) x.start();
  const end = dur;
  await world.time.runUntil(end);
  const units = workers.map((x) => x.units);
  const meanU = units.reduce((a, b) => a + b, 0) / w;
  console.log(
    `W=${w} r=${r} c=${cost} mean=${(100 * world.record.mean(limits, 1000, Math.floor(world.record.lastAt))).toFixed(2)} worst=${world.record.worst(limits, 0, end - 1000).share.toFixed(3)}@${world.record.worst(limits, 0, end - 1000).at} ledger5s=${((5 * world.ledgerTraffic.worst({ table: 1 }, 0, end, 5000).share) / 5).toFixed(0)} ledgerMean=${world.ledgerTraffic.mean({ table: 1 }, 0, end).toFixed(0)} fair=${(Math.min(...units) / meanU).toFixed(2)} ${(performance.now() - t0).toFixed(0)}ms`,
  );
  if (debug)
    console.log(
      JSON.stringify(K),
      world.ledgerTraffic
        .series({ table: 1 }, 500)
        .slice(0, 24)
        .map((x) => x.toFixed(0))
        .join(" "),
    );
  if (debug)
    console.log(
      world.record
        .series(limits, 1000)
        .map((x) => x.toFixed(2))
        .join(" "),
    );
}
main();

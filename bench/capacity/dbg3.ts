import { allCells } from "./cells";
import { churn, steady } from "./scenarios";

async function main() {
  const cell = allCells().find((c) => c.id === process.argv[2])!;
  if (process.argv[3]) {
    const s = await steady(cell, "sluice", 1);
    const w = s.world.record.worst(cell.limits, 0, s.world.record.lastAt);
    console.log(
      w,
      s.world.record
        .series(cell.limits, 100)
        .slice(Math.max(0, w.at / 100 - 10), w.at / 100 + 20)
        .map((x) => x.toFixed(2))
        .join(" "),
    );
    return;
  }
  const s = await churn(cell, 2);
  console.log(
    s.world.record
      .series(cell.limits, 1000)
      .map((x) => x.toFixed(2))
      .join(" "),
  );
  console.log(
    s.world.ledgerTraffic
      .series({ table: 1 }, 1000)
      .map((x) => x.toFixed(0))
      .join(" "),
  );
}
main();

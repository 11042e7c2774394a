import { allCells } from "./cells";
import { meanShare } from "./figures";
import { steady, uneven } from "./scenarios";

async function main() {
  const cell = allCells().find((c) => c.id === process.argv[2])!;
  if (process.argv[3] === "uneven") {
    const w = await uneven(cell, 3);
    console.log(
      "uneven",
      meanShare(w.record, w),
      w.record
        .series(cell.limits, 1000)
        .map((x) => x.toFixed(2))
        .join(" "),
      w.ledgerTraffic.mean({ table: 1 }, 0, 20000),
    );
    return;
  }
  const s = await steady(cell, "sluice", 1);
  console.log(
    meanShare(s.world.record, s.world),
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

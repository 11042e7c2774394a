/** A process of its own for cells, so that the matrix uses every core: gets cell numbers, answers with reports. */
import { allCells } from "./cells";
import { runCell } from "./runCell";

const cells = allCells();

process.on("message", async ({ index, seed }: { index: number; seed: number }) => {
  process.send?.(await runCell(cells[index]!, seed));
});

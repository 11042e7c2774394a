import { PassThrough } from "node:stream";
import { soakProgress } from "../../soak/progress";

function standing(phase: string, confirmed: number, backlog: number) {
  return { phase, confirmed, backlog };
}

test("without a terminal there is a line at each new phase and every ten seconds", () => {
  const stream = new PassThrough();
  let now = 0;
  const progress = soakProgress(100, stream, () => now);
  for (now = 0; now < 25_000; now += 1_000) {
    progress.show(standing(now < 12_000 ? "before" : "after", now / 1_000, 3));
  }
  progress.stop();
  expect(String(stream.read()).trimEnd().split("\n")).toEqual([
    "   0 s: 0 of 100 done, 0 sent, 3 in the queue; before",
    "  10 s: 7 of 100 done, 10 sent, 3 in the queue; before",
    "  12 s: 9 of 100 done, 12 sent, 3 in the queue; after",
    "  22 s: 19 of 100 done, 22 sent, 3 in the queue; after",
  ]);
});

test("on a terminal there is a bar", () => {
  const stream = Object.assign(new PassThrough(), { isTTY: true, cursorTo() {}, clearLine() {}, moveCursor() {} });
  const progress = soakProgress(100, stream, () => 0);
  progress.show(standing("DynamoDB is down", 50, 20));
  progress.stop();
  expect(String(stream.read())).toMatch(/30\/100 done \| 50 sent, 20 in the queue \| DynamoDB is down/);
});

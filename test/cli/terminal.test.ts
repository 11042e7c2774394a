import { PassThrough } from "node:stream";
import { askLine } from "../../cli/terminal";

/** A terminal: the keys that a person presses, and what it shows. */
function terminal() {
  const keys = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => undefined });
  const screen = Object.assign(new PassThrough(), { isTTY: true, columns: 80 });
  return { keys, screen };
}

const END_OF_INPUT = "\u0004";

test("a question is answered by a line", async () => {
  const { keys, screen } = terminal();
  const answer = askLine("Delete it? ", keys, screen);
  keys.write("yes\r");
  expect(await answer).toBe("yes");
  expect(String(screen.read())).toContain("Delete it? ");
});

test.each([
  ["Ctrl-D", (keys: PassThrough) => void keys.write(END_OF_INPUT)],
  ["the end of the input", (keys: PassThrough) => void keys.end()],
])("%s answers with an empty line, which agrees to nothing", async (_, end) => {
  const { keys, screen } = terminal();
  const answer = askLine("Delete it? ", keys, screen);
  end(keys);
  expect(await answer).toBe("");
  // What follows begins on a line of its own.
  expect(String(screen.read())).toMatch(/\n$/);
});

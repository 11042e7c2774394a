import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { writeFileOf, writeTo } from "../../../cli/intake/exportFile";
import { scratchFolder } from "../../sender/helpers";

async function* lines(count = 3, last?: () => void) {
  for (let n = 0; n < count; n++) yield `line ${n}\n`;
  last?.();
}

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await scratchFolder();
  path = join(folder, "out.csv");
});
const never = new AbortController().signal;

test("the file is complete, and only its owner may read it", async () => {
  await writeFileOf(lines(20_000), path, never);
  expect((await readFile(path, "utf8")).split("\n")).toHaveLength(20_001);
  expect([(await stat(path)).mode & 0o777, await readdir(folder)]).toEqual([0o600, ["out.csv"]]);
});

test("an existing file is replaced only at the end", async () => {
  await writeFile(path, "before");
  let meanwhile: Promise<string> | undefined;
  await writeFileOf(
    lines(3, () => {
      meanwhile = readFile(path, "utf8");
    }),
    path,
    never,
  );
  expect(await meanwhile).toBe("before");
  expect(await readFile(path, "utf8")).toBe("line 0\nline 1\nline 2\n");
});

test("if the rows fail, there is no file, and the error stays unchanged", async () => {
  const cause = Object.assign(new Error("throttled"), { syscall: "connect" });
  const failing = lines(3, () => {
    throw cause;
  });
  await expect(writeFileOf(failing, path, never)).rejects.toBe(cause);
  expect(await readdir(folder)).toEqual([]);
});

test("Ctrl-C leaves no file behind", async () => {
  const stop = new AbortController();
  await expect(
    writeFileOf(
      lines(3, () => stop.abort()),
      path,
      stop.signal,
    ),
  ).rejects.toMatchObject({ code: "INTERRUPTED" });
  expect(await readdir(folder)).toEqual([]);
});

test("a file that can't be written is an error with its path", async () => {
  const nowhere = join(folder, "none", "out.csv");
  await expect(writeFileOf(lines(), nowhere, never)).rejects.toMatchObject({ code: "EXPORT_FILE", value: nowhere });
});

test("a stream gets everything and stays open", async () => {
  const stream = new PassThrough();
  await writeTo(lines(), stream, never);
  expect([String(stream.read()), stream.writableEnded]).toEqual(["line 0\nline 1\nline 2\n", false]);
});

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeFolder } from "../../local/writableFolder";

const folder = mkdtempSync(join(tmpdir(), "sluice-test-"));
afterAll(() => rmSync(folder, { recursive: true }));

test("makes a folder, and those above it, once", () => {
  makeFolder(join(folder, "a/b"));
  expect(() => makeFolder(join(folder, "a/b"))).not.toThrow();
});

test("where there is a file already, one sentence names the folder and the reason", () => {
  writeFileSync(join(folder, "file"), "");
  const message = expect.stringMatching(/^Files are written to the folder \S+\/file\/logs, but .*: ENOTDIR: .*\.$/);
  expect(() => makeFolder(join(folder, "file/logs"))).toThrow(expect.objectContaining({ code: "BAD_OPTION", message }));
});

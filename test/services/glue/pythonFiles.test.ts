import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { unzipSync, zipSync } from "fflate";
import { extraPyFile, fileProblem, gluePackage, glueScript } from "../../../services/glue/pythonFiles";

const SOURCES = "services/glue/python/src/sluice";
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "python-files-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A project with this package. */
function project(files: Record<string, string>): string {
  for (const [path, text] of Object.entries(files)) {
    const file = join(folder, SOURCES, path);
    mkdirSync(resolve(file, ".."), { recursive: true });
    writeFileSync(file, text);
  }
  return folder;
}

const small = { "__init__.py": "", "spark/main.py": "print(1)\n", "aws/item.py": "Item = dict\n", "py.typed": "" };
const contents = (zip: Buffer) => {
  const files = Object.entries(unzipSync(new Uint8Array(zip)));
  return Object.fromEntries(files.map(([name, bytes]) => [name, Buffer.from(bytes).toString()]));
};

test("the package has all its sources under its name, and no file that Python made from them", () => {
  const root = project({ ...small, "aws/__pycache__/item.cpython-311.pyc": "x", "notes.txt": "x" });
  const expected = Object.fromEntries(Object.entries(small).map(([path, text]) => [`sluice/${path}`, text]));
  expect(contents(gluePackage(root).content)).toEqual(expected);
});

test("the same sources give the same bytes and names, at any time and in any folder", () => {
  const root = project(small);
  const elsewhere = join(folder, "elsewhere");
  cpSync(join(root, "services"), join(elsewhere, "services"), { recursive: true });
  const old = new Date("2001-02-03T04:05:06Z");
  for (const path of Object.keys(small)) utimesSync(join(elsewhere, SOURCES, path), old, old);
  expect(gluePackage(elsewhere)).toEqual(gluePackage(root));
  expect(glueScript(elsewhere)).toEqual(glueScript(root));
});

test("another content has another name, and the file's own name stays readable", () => {
  const [script, zip] = [glueScript(project(small)), gluePackage(project(small))];
  expect(script.key).toMatch(/^[0-9a-f]{16}\/main\.py$/);
  expect(zip.key).toMatch(/^[0-9a-f]{16}\/sluice\.zip$/);
  const changed = project({ "spark/main.py": "print(2)\n" });
  expect(glueScript(changed).key).not.toBe(script.key);
  expect(gluePackage(changed).key).not.toBe(zip.key);
});

test("the real package has the script's module and each folder of it", () => {
  const root = resolve(".");
  const names = Object.keys(contents(gluePackage(root).content));
  expect(names).toContain("sluice/spark/main.py");
  const folders = readdirSync(join(root, SOURCES), { withFileTypes: true }).filter(
    (entry) => entry.isDirectory() && entry.name !== "__pycache__",
  );
  for (const { name } of folders) expect(names).toContain(`sluice/${name}/__init__.py`);
  expect(glueScript(root).content.toString()).toContain("__main__");
});

describe("files of a user's own", () => {
  const zip = zipSync({ "surveys/__init__.py": new Uint8Array() });
  const write = (name: string, content: Uint8Array | string) => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };

  test.each([
    ["twins.zip", /^[0-9a-f]{16}\/twins\.zip$/],
    ["twins-1.0-py3-none-any.whl", /^[0-9a-f]{16}\/twins-1\.0-py3-none-any\.zip$/],
  ])("%s is uploaded unchanged, under a name that Spark accepts", (name, key) => {
    const file = extraPyFile(write(name, zip));
    expect(file.key).toMatch(key);
    expect(file.content.equals(Buffer.from(zip))).toBe(true);
  });

  test.each([
    ["no file", () => join(folder, "gone.zip"), "must be paths of files"],
    ["a folder", () => folder, "must be paths of files"],
    ["no zip, whatever its name", () => write("text.zip", "print(1)"), "must be zip files"],
    ["empty", () => write("empty.zip", ""), "must be zip files"],
    ["sound", () => write("sound.zip", zip), undefined],
  ])("a file that is %s is judged", (_, path, problem) => {
    expect(fileProblem(path())).toBe(problem);
  });
});

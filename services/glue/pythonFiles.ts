/**
 * The files of the Glue job: its script, the Python package, and users' own files. Each name contains a hash of the
 * content.
 */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { zipSync } from "fflate";

/** The package, from the project's folder; and the script, from the package's. */
const SOURCES = "services/glue/python/src";
const PACKAGE = "sluice";
const SCRIPT = "spark/main.py";

export interface NamedFile {
  /** Its key in the bucket: keys and contents correspond one to one. */
  readonly key: string;
  readonly content: Buffer;
}

/** The fixed script of all runs. @param root the project's folder. */
export function glueScript(root: string): NamedFile {
  return named("main.py", readFileSync(join(root, SOURCES, PACKAGE, SCRIPT)));
}

/**
 * The package as a zip for `--extra-py-files`. The same sources give the same bytes on any machine: files in the order of their
 * names, with one time.
 * @param root the project's folder.
 */
export function gluePackage(root: string): NamedFile {
  return named(`${PACKAGE}.zip`, Buffer.from(zipOf(join(root, SOURCES), PACKAGE)));
}

/** A user's zip or wheel. Spark takes only files named .zip, and a pure-Python wheel is a zip. */
export function extraPyFile(path: string): NamedFile {
  return named(`${basename(path).replace(/\.(zip|whl)$/, "")}.zip`, readFileSync(path));
}

/** The first bytes of a zip. */
const ZIP = Buffer.from("PK\x03\x04", "latin1");

/** The problem of a user's file, as the end of a sentence. Undefined: none. */
export function fileProblem(path: string): string | undefined {
  if (!(statSync(path, { throwIfNoEntry: false })?.isFile() ?? false)) return "must be paths of files";
  return readFileSync(path).subarray(0, ZIP.length).equals(ZIP) ? undefined : "must be zip files";
}

/** Characters of the hash in the name: enough to distinguish contents. */
const HASH_CHARACTERS = 16;

function named(name: string, content: Buffer): NamedFile {
  const hash = createHash("sha256").update(content).digest("hex").slice(0, HASH_CHARACTERS);
  return { key: `${hash}/${name}`, content };
}

/** The earliest time that a zip can hold; any fixed time would do. */
const MTIME = new Date(1980, 0, 1);

function zipOf(root: string, folder: string): Uint8Array {
  const files = readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.py$|^py\.typed$/.test(entry.name))
    .map(({ parentPath, name }) =>
      join(parentPath, name)
        .slice(root.length + 1)
        .replaceAll("\\", "/"),
    )
    .sort();
  const contents = files.map((file) => [file, new Uint8Array(readFileSync(join(root, file)))]);
  return zipSync(Object.fromEntries(contents), { mtime: MTIME });
}

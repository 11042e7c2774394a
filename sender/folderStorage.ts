import { MAX_BODY_BYTES } from "./bodyRules";
import { type Clock, systemClock } from "./clock";
import { SenderError } from "./errors";
import type { GuestStorage } from "./guestIdentity";
import { isCode, loadNodeFs, type NodeFs, readBytes } from "./nodeFs";
import type { OutboxStorage, RejectReason } from "./outboxStorage";

export interface FolderStorageOptions {
  /** Default: Node's own. */
  fs?: NodeFs | undefined;
  /** Default: the system's clock. */
  clock?: Clock | undefined;
}

/**
 * A half-written file counts as the remains of a crash if its last byte is this old, or this far in the future because a
 * clock was set back: a write takes milliseconds. If its process wakes up after all, it writes once more.
 */
const STALE_MS = 10 * 60_000;

/**
 * An outbox in a folder of a local disk.
 *
 *   <folder>/<name>.json                        waiting to be sent
 *   <folder>/.<name>.json.<n>.tmp               being written; not an entry
 *   <folder>/.<key>.value                       a sender's own value: its guest's identity
 *   <folder>/rejected/<name>.json               can never be sent
 *   <folder>/rejected/<name>.json.reason.json   why
 *
 * A file becomes an entry by one rename after its content is on disk, and leaves by one unlink after SQS's confirmation
 * (or one rename into rejected/, after the reason is on disk). A kill at any moment leaves it in the folder or sent, and
 * never loses it. There is no lock: two processes may both send an entry, which costs a duplicate (the intake counts it
 * once). Any `*.json` that others move into the folder is sent as well; a name must not be used twice.
 */
export function folderStorage(folder: string, options: FolderStorageOptions = {}): OutboxStorage & GuestStorage {
  const clock = options.clock ?? systemClock;
  const nodeFs = async () => options.fs ?? (await loadNodeFs());
  const rejected = `${folder}/rejected`;

  return {
    async names() {
      const files = await filesIn(await nodeFs(), folder);
      return files.filter((name) => name.endsWith(".json") && !name.startsWith(".")).sort();
    },

    async read(name) {
      try {
        return await readBytes(`${folder}/${name}`, MAX_BODY_BYTES, await nodeFs());
      } catch (error) {
        if (error instanceof SenderError && error.code === "FILE_NOT_FOUND") return undefined;
        throw error;
      }
    },

    async save(name, content) {
      const fs = await nodeFs();
      await makeFolder(fs, folder);
      await writeDurably(fs, folder, name, content);
    },

    async remove(name) {
      const fs = await nodeFs();
      await unlinkIfThere(fs, `${folder}/${name}`);
      // Not synced: an unlink lost with the power costs a duplicate, and a sync costs every entry 10 ms.
    },

    async setAside(name, reason) {
      const fs = await nodeFs();
      if (!(await exists(fs, `${folder}/${name}`))) return;
      await makeFolder(fs, rejected);
      await moveAside(fs, folder, rejected, name, reason);
    },

    async getItem(key) {
      const fs = await nodeFs();
      const path = `${folder}/${valueFile(key)}`;
      if (!(await exists(fs, path))) return undefined;
      return new TextDecoder().decode(await readBytes(path, MAX_BODY_BYTES, fs));
    },

    async setItem(key: string, value: string) {
      const fs = await nodeFs();
      await makeFolder(fs, folder);
      await writeDurably(fs, folder, valueFile(key), value);
    },

    async tidy() {
      const fs = await nodeFs();
      for (const place of [folder, rejected]) {
        for (const name of await filesIn(fs, place)) {
          if (isTemporary(name)) await unlinkIfStale(fs, `${place}/${name}`, clock.now());
        }
      }
    },
  };
}

/** First the reason, then the entry itself: an entry in rejected/ always has its reason. */
async function moveAside(fs: NodeFs, folder: string, rejected: string, name: string, reason: RejectReason) {
  const target = await freeName(fs, rejected, name);
  const reasonName = `${target}.reason.json`;
  await writeDurably(fs, rejected, reasonName, `${JSON.stringify(reason, null, 2)}\n`);
  try {
    await fs.rename(`${folder}/${name}`, `${rejected}/${target}`);
  } catch (error) {
    if (!isCode(error, "ENOENT")) throw error;
    // Another process was faster. Its reason stays; ours goes if it took another name.
    if (!(await exists(fs, `${rejected}/${target}`))) await unlinkIfThere(fs, `${rejected}/${reasonName}`);
  }
  await syncFolder(fs, rejected);
}

/** `name`, or `name~2`, `name~3`, … if an earlier reject has that name: rejects never overwrite each other. */
async function freeName(fs: NodeFs, folder: string, name: string): Promise<string> {
  const stem = name.replace(/\.json$/, "");
  for (let n = 1; ; n++) {
    const candidate = n === 1 ? name : `${stem}~${n}.json`;
    if (!(await exists(fs, `${folder}/${candidate}`))) return candidate;
  }
}

/**
 * Content on disk before the name appears, and the name on disk before this resolves. Writes once more if another process
 * mistook the file for the remains of a crash, because this process was suspended while writing.
 */
async function writeDurably(fs: NodeFs, folder: string, name: string, content: string | Uint8Array): Promise<void> {
  try {
    await writeOnce(fs, folder, name, content);
  } catch (error) {
    if (!isCode(error, "ENOENT")) throw error;
    await writeOnce(fs, folder, name, content);
  }
  await syncFolder(fs, folder);
}

async function writeOnce(fs: NodeFs, folder: string, name: string, content: string | Uint8Array): Promise<void> {
  const { file, path } = await openTemporary(fs, `${folder}/.${name}`);
  try {
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await fs.rename(path, `${folder}/${name}`);
  } catch (error) {
    await unlinkIfThere(fs, path).catch(() => {}); // the disk is in trouble already; tidy() gets it later
    throw error;
  }
}

/** Not an entry: it begins with a dot. A pool's id has a colon, which Windows allows in no file's name. */
function valueFile(key: string): string {
  return `.${key.replace(/[^A-Za-z0-9._-]/g, "_")}.value`;
}

/** A temporary file that nobody else is writing to. */
async function openTemporary(fs: NodeFs, stem: string) {
  for (let n = 1; ; n++) {
    const path = `${stem}.${n}.tmp`;
    try {
      return { file: await fs.open(path, "wx"), path };
    } catch (error) {
      if (!isCode(error, "EEXIST")) throw error;
    }
  }
}

function isTemporary(name: string): boolean {
  return name.startsWith(".") && name.endsWith(".tmp");
}

/** Makes a folder and its parents, each durably recorded in its own parent. */
async function makeFolder(fs: NodeFs, folder: string): Promise<void> {
  try {
    await fs.mkdir(folder);
  } catch (error) {
    if (isCode(error, "EEXIST", "EISDIR")) return;
    const parent = folder.replace(/[\\/]+[^\\/]+[\\/]*$/, "");
    if (!isCode(error, "ENOENT") || parent === "" || parent === folder) throw error;
    await makeFolder(fs, parent);
    return makeFolder(fs, folder);
  }
  await syncFolder(fs, `${folder}/..`);
}

/** Syncs a folder's names to disk. Windows and some file systems cannot; there the rename is the best available. */
async function syncFolder(fs: NodeFs, folder: string): Promise<void> {
  try {
    const handle = await fs.open(folder, "r");
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (!isCode(error, "EPERM", "EACCES", "EISDIR", "EINVAL", "ENOTSUP", "ENOSYS")) throw error;
  }
}

async function filesIn(fs: NodeFs, folder: string): Promise<string[]> {
  try {
    const entries = await fs.readdir(folder, { withFileTypes: true });
    return entries.filter((entry) => entry.isFile()).map((entry) => entry.name);
  } catch (error) {
    if (isCode(error, "ENOENT")) return [];
    throw error;
  }
}

async function exists(fs: NodeFs, path: string): Promise<boolean> {
  try {
    await fs.stat(path);
    return true;
  } catch (error) {
    if (isCode(error, "ENOENT")) return false;
    throw error;
  }
}

async function unlinkIfThere(fs: NodeFs, path: string): Promise<void> {
  await fs.unlink(path).catch((error) => {
    if (!isCode(error, "ENOENT")) throw error;
  });
}

async function unlinkIfStale(fs: NodeFs, path: string, now: number): Promise<void> {
  const found = await fs.stat(path).catch(() => undefined);
  if (found === undefined || Math.abs(now - found.mtimeMs) <= STALE_MS) return;
  await unlinkIfThere(fs, path).catch((error) => {
    // Another user's, or open elsewhere: it stays, and delays no entry.
    if (!isCode(error, "EPERM", "EACCES", "EBUSY", "EROFS")) throw error;
  });
}

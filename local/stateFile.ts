import { readFileSync, rmSync } from "node:fs";
import { link, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { SluiceError } from "../shared/errors";
import { isPlainObject, parseJson } from "../shared/json";
import type { LocalCloud } from "./cloud";

/** A local cloud that doesn't answer within this time is busy, not gone. */
const ANSWER_WITHIN_MS = 2_000;

/** The file's content: where the local cloud is, and how to call it. */
type State = Pick<LocalCloud, "endpoint" | "region" | "credentials" | "outputs">;
interface StoredState extends State {
  /** Id of the process that wrote the file. */
  pid: number;
}

/**
 * The file by which commands find the local cloud. It belongs to one local cloud at a time, and is removed when this process ends,
 * at the latest.
 */
export class StateFile {
  readonly path: string;
  #own: string | undefined;
  readonly #removeAtExit = () => this.remove();

  constructor(path: string) {
    this.path = path;
  }

  /** @throws SluiceError ALREADY_RUNNING if the local cloud that wrote the file still runs. */
  async refuseIfTaken(): Promise<void> {
    const other = await this.#read();
    if (other === undefined || !(await isRunning(other))) return;
    const message = `A local cloud already runs at ${other.endpoint} (process ${other.pid}, ${this.path}): stop it first, or give this one another file with --state.`;
    throw new SluiceError("ALREADY_RUNNING", message, { value: other.endpoint });
  }

  /**
   * Writes a file beside it and links it. So a reader never sees half a file, and if two local clouds start at once, only
   * one gets it. Replaces the file of a local cloud that is gone.
   * @throws SluiceError ALREADY_RUNNING.
   */
  async write({ endpoint, region, credentials, outputs }: State): Promise<void> {
    const text = `${JSON.stringify({ endpoint, region, credentials, outputs, pid: process.pid }, null, 2)}\n`;
    const beside = `${this.path}.${process.pid}`;
    await mkdir(dirname(this.path), { recursive: true });
    await writeFile(beside, text, { mode: 0o600 });
    try {
      await link(beside, this.path).catch(async (error: NodeJS.ErrnoException) => {
        if (error.code !== "EEXIST") throw error;
        await this.refuseIfTaken();
        await rename(beside, this.path);
      });
      this.#own = text;
      process.once("exit", this.#removeAtExit);
    } finally {
      await rm(beside, { force: true });
    }
  }

  /** Deletes the file if it is still the one that was written. */
  remove(): void {
    process.off("exit", this.#removeAtExit);
    if (this.#own !== undefined && textOf(this.path) === this.#own) rmSync(this.path, { force: true });
  }

  /** Undefined: there is no file, or no local cloud wrote it. */
  async #read(): Promise<StoredState | undefined> {
    const state = parseJson(await readFile(this.path, "utf8").catch(() => ""));
    return isPlainObject(state) && isPlainObject(state.credentials) ? (state as unknown as StoredState) : undefined;
  }
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

/**
 * The process must live, and the endpoint must know the credentials, because process id and port may belong to others by
 * now.
 */
async function isRunning({ pid, endpoint, credentials }: StoredState): Promise<boolean> {
  if (!isAlive(pid)) return false;
  const login = btoa(`${credentials.accessKeyId}:${credentials.secretAccessKey}`);
  try {
    const headers = { authorization: `Basic ${login}` };
    const signal = AbortSignal.timeout(ANSWER_WITHIN_MS);
    return (await fetch(`${endpoint}/_sluice/faults`, { headers, signal })).ok;
  } catch (error) {
    return error instanceof Error && error.name === "TimeoutError";
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

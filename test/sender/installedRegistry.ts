import { execFile } from "node:child_process";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { basename, dirname, join, resolve } from "node:path";
import { promisify } from "node:util";

const ROOT = resolve(__dirname, "../..");
const LOCK: { packages: Record<string, { link?: boolean }> } = require("../../package-lock.json");

/**
 * A registry on this machine that serves the packages that `npm ci` has installed here. With it a test can install a package
 * like an app does: with just the dependencies that the package states, and without a network.
 */
export class InstalledRegistry {
  readonly #server = createServer((request, response) => {
    this.#answer(decodeURIComponent(String(request.url)).slice(1)).then(
      (body) => response.end(body),
      (error) => response.writeHead(404).end(String(error)),
    );
  });
  /** Folders of installed packages by name; several if there are several versions. */
  readonly #folders = new Map<string, string[]>();

  constructor() {
    for (const [path, { link }] of Object.entries(LOCK.packages)) {
      const name = path.split("node_modules/").slice(1).pop();
      if (name === undefined || link) continue;
      this.#folders.set(name, [...(this.#folders.get(name) ?? []), join(ROOT, path)]);
    }
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async start(): Promise<void> {
    await new Promise<void>((ready) => this.#server.listen(0, "127.0.0.1", ready));
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((done) => this.#server.close(done));
  }

  /** `<name>` is a package's document, `<name>/-/<version>.tgz` its archive. */
  async #answer(path: string): Promise<string | Buffer> {
    const [name, archive] = path.split("/-/") as [string, string?];
    const manifests = this.#manifestsOf(name);
    if (archive !== undefined) return archiveOf(manifests.find(({ version }) => `${version}.tgz` === archive)!.folder);
    const versions = manifests.map(({ folder, ...manifest }) => {
      const { version, dependencies } = manifest;
      return [version, { name, version, dependencies, dist: { tarball: `${this.url}/${name}/-/${version}.tgz` } }];
    });
    const latest = manifests.at(0)?.version;
    return JSON.stringify({ name, "dist-tags": { latest }, versions: Object.fromEntries(versions) });
  }

  #manifestsOf(name: string): { version: string; dependencies?: object; folder: string }[] {
    const folders = this.#folders.get(name);
    if (folders === undefined) throw new Error(`${name} is not in package-lock.json`);
    return folders.map((folder) => ({ ...require(join(folder, "package.json")), folder }));
  }
}

async function archiveOf(folder: string): Promise<Buffer> {
  const args = ["-cz", "--exclude", "node_modules", "-C", dirname(folder), basename(folder)];
  const { stdout } = await promisify(execFile)("tar", args, { encoding: "buffer", maxBuffer: 256 * 1024 * 1024 });
  return stdout;
}

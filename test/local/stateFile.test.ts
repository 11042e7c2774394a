import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { StateFile } from "../../local/stateFile";

const LOGIN = `Basic ${btoa("AKIA:secret")}`;

let folder: string;
let files: StateFile[];
let path: string;
let server: Server;
let endpoint: string;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "state-file-"));
  files = [];
  path = join(folder, ".sluice", "local.json");
  server = createServer(({ headers }, answer) =>
    answer.writeHead(headers.authorization === LOGIN ? 200 : 403).end("{}"),
  );
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => {
  for (const file of files) file.remove();
  server.close();
  rmSync(folder, { recursive: true });
});

/** A file of a local cloud of its own. */
function fileOf(): StateFile {
  const file = new StateFile(path);
  files.push(file);
  return file;
}

const state = (secretAccessKey = "secret") => ({
  ...{ endpoint, region: "eu-west-1", outputs: { queueUrl: "q" } },
  credentials: { accessKeyId: "AKIA", secretAccessKey },
});
const stored = () => JSON.parse(readFileSync(path, "utf8"));
/** The id of a process that has ended. */
const deadProcess = () => spawnSync("true").pid;

test("is written as a whole, readable only by its owner, and deleted again", async () => {
  const file = fileOf();
  await file.refuseIfTaken();
  await file.write(state());
  expect(stored()).toEqual({ ...state(), pid: process.pid });
  expect(readdirSync(join(folder, ".sluice"))).toEqual(["local.json"]);
  file.remove();
  expect(existsSync(path)).toBe(false);
});

test("belongs to the first local cloud while that runs: from its start, and even when a second one is ready", async () => {
  await fileOf().write(state());
  const second = fileOf();
  const refusal = {
    code: "ALREADY_RUNNING",
    message: expect.stringContaining(`${endpoint} (process ${process.pid}, ${path})`),
  };
  await expect(second.refuseIfTaken()).rejects.toMatchObject(refusal);
  await expect(second.write({ ...state("other"), endpoint: "http://127.0.0.1:1" })).rejects.toMatchObject(refusal);
  expect(stored()).toMatchObject({ endpoint });
  expect(readdirSync(join(folder, ".sluice"))).toEqual(["local.json"]);
});

test.each<[string, () => object | string]>([
  ["a process that has ended", () => ({ ...state(), pid: deadProcess() })],
  [
    "a process whose id another process has now",
    () => ({ ...state(), pid: process.pid, endpoint: "http://127.0.0.1:1" }),
  ],
  ["an endpoint that another process has now", () => ({ ...state("another"), pid: process.pid })],
  ["nobody: it has no JSON", () => "{"],
  ["nobody: it has no credentials", () => ({ endpoint, pid: process.pid })],
])("the file of %s is replaced", async (_, before) => {
  await fileOf().write(state());
  const given = before();
  writeFileSync(path, typeof given === "string" ? given : JSON.stringify(given));
  const file = fileOf();
  await file.refuseIfTaken();
  await file.write(state());
  expect(stored()).toEqual({ ...state(), pid: process.pid });
});

test("another's file is not deleted", async () => {
  const file = fileOf();
  await file.write(state());
  writeFileSync(path, "another's");
  file.remove();
  expect(readFileSync(path, "utf8")).toBe("another's");
});

import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { StateFile } from "../../local/stateFile";

const LOGIN = `Basic ${btoa("AKIA:secret")}`;

let folder: string;
let path: string;
let server: Server;
let endpoint: string;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "state-file-"));
  path = join(folder, ".sluice", "local.json");
  server = createServer(({ headers }, answer) =>
    answer.writeHead(headers.authorization === LOGIN ? 200 : 403).end("{}"),
  );
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => {
  server.close();
  rmSync(folder, { recursive: true });
});

const state = (secretAccessKey = "secret") => ({
  ...{ endpoint, region: "eu-west-1", outputs: { queueUrl: "q" } },
  credentials: { accessKeyId: "AKIA", secretAccessKey },
});
const stored = () => JSON.parse(readFileSync(path, "utf8"));
/** The id of a process that has ended. */
const deadProcess = () => spawnSync("true").pid;

test("is written as a whole, readable only by its owner, and deleted again", async () => {
  const file = new StateFile(path);
  await file.refuseIfTaken();
  await file.write(state());
  expect(stored()).toEqual({ ...state(), pid: process.pid });
  expect(readdirSync(join(folder, ".sluice"))).toEqual(["local.json"]);
  await file.remove();
  expect(existsSync(path)).toBe(false);
});

test("belongs to the first local cloud while that runs: from its start, and even when a second one is ready", async () => {
  await new StateFile(path).write(state());
  const second = new StateFile(path);
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
  await new StateFile(path).write(state());
  const given = before();
  writeFileSync(path, typeof given === "string" ? given : JSON.stringify(given));
  const file = new StateFile(path);
  await file.refuseIfTaken();
  await file.write(state());
  expect(stored()).toEqual({ ...state(), pid: process.pid });
});

test("another's file is not deleted", async () => {
  const file = new StateFile(path);
  await file.write(state());
  writeFileSync(path, "another's");
  await file.remove();
  expect(readFileSync(path, "utf8")).toBe("another's");
});

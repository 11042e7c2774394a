import { request } from "node:http";
import { PutItemCommand } from "@aws-sdk/client-dynamodb";
import { createTable } from "../../../local/fillTable";
import { listKey, toAttributes } from "../../../shared/jobs/storage/jobsTable";
import { type JobsTableLocal, startJobsTable } from "../../support/jobsTableLocal";
import { type ServedPage, servePage } from "../../support/page";
import { CREATED, job } from "../jobs/jobs";
import { LambdaApi, OPERATOR } from "../operatorStack";

const REFUSAL = { code: "INVALID_REQUEST", problems: ["readRate must be at most 50, got 100.", "Something else."] };
const credentials = { accessKeyId: "local", secretAccessKey: "local" };

let local: JobsTableLocal;
let api: LambdaApi;
let served: ServedPage;
let origin: string;
let token: string;
let answer: (payload: Record<string, unknown>) => unknown;

beforeAll(async () => {
  local = await startJobsTable();
  await createTable(local.client, "surveys");
  await add("nightly", CREATED);
  api = await LambdaApi.start(async ({ payload }) => ({ body: await answer(payload) }), local.endpoint);
  const region = OPERATOR.region;
  served = await servePage({ endpoint: api.endpoint, region, credentials, outputs: { operator: OPERATOR } });
  const url = new URL(served.address);
  [origin, token] = [url.origin, url.hash.replace("#token=", "")];
});

beforeEach(() => {
  answer = () => REFUSAL;
});

afterAll(async () => {
  await served.close();
  await api.stop();
  await local.stop();
});

async function add(id: string, createdAt: number): Promise<void> {
  await local.put(job({ id, createdAt }));
  const Item = { ...listKey(id, createdAt), ...toAttributes({ id }) };
  await local.client.send(new PutItemCommand({ TableName: OPERATOR.jobsTable, Item }));
}

interface Answer {
  status: number;
  headers: Record<string, unknown>;
  body: string;
}

/** As a browser on the page, unless headers say otherwise; `undefined` leaves one out. */
function ask(
  method: string,
  path: string,
  headers: Record<string, string | undefined> = {},
  body?: object,
): Promise<Answer> {
  const all = { authorization: `Bearer ${token}`, "content-type": "application/json", origin, ...headers };
  const given = Object.entries(all).filter((each): each is [string, string] => each[1] !== undefined);
  return new Promise((resolve, reject) => {
    const sent = request(`${origin}${path}`, { method, headers: Object.fromEntries(given) }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () => {
        const text = Buffer.concat(chunks).toString("latin1");
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text });
      });
    });
    sent.on("error", reject);
    sent.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

describe("who may ask", () => {
  const own = { origin: undefined };

  test("anybody who has the token", async () => {
    expect(await ask("GET", "/api/stack", own)).toMatchObject({
      status: 200,
      body: JSON.stringify({ stack: "local", region: OPERATOR.region }),
    });
  });

  test.each([
    ["no token", "GET", { ...own, authorization: undefined }, 401],
    ["another token", "GET", { ...own, authorization: "Bearer abcdefghijklmnopqrstuvwxyz123456" }, 401],
    ["a foreign name for this machine", "GET", { ...own, host: "evil.example:80" }, 403],
    ["this machine without the port", "GET", { ...own, host: "127.0.0.1" }, 403],
    ["a foreign page", "GET", { origin: "https://evil.example" }, 403],
    ["a page of another port", "GET", { origin: "http://127.0.0.1:1" }, 403],
    ["a page without an origin", "GET", { origin: "null" }, 403],
    ["a change without an origin", "POST", own, 403],
    ["a change by a foreign page", "POST", { origin: "https://evil.example" }, 403],
  ])("not %s", async (_name, method, headers, status) => {
    const path = method === "GET" ? "/api/stack" : "/api/jobs/nightly/pause";
    expect((await ask(method, path, headers)).status).toBe(status);
  });

  test.each(["pause", "resume", "cancel", "rate", "redrive", "undo"])("no GET can %s", async (verb) => {
    expect((await ask("GET", `/api/jobs/nightly/${verb}`, own)).status).toBe(404);
  });

  test("the page itself needs no token, runs its own script only, and stays in no cache", async () => {
    const { status, headers } = await ask("GET", "/", { authorization: undefined, origin: undefined });
    expect([status, headers["cache-control"], headers["x-frame-options"]]).toEqual([200, "no-store", "DENY"]);
    expect(headers["content-security-policy"]).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; " +
        "form-action 'none'; frame-ancestors 'none'",
    );
  });
});

test("page, script and styles have 100 kB at most, compressed", async () => {
  const sizes = await Promise.all(
    ["/", "/main.js", "/main.css", "/icon.svg"].map(async (path) => {
      const { status, headers, body } = await ask("GET", path, { "accept-encoding": "gzip" });
      expect([path, status, headers["content-encoding"]]).toEqual([path, 200, "gzip"]);
      return body.length;
    }),
  );
  expect(sizes.reduce((sum, size) => sum + size)).toBeLessThanOrEqual(100_000);
});

describe("refusals", () => {
  const documentOf = async (given: Promise<Answer>) => {
    const { status, body } = await given;
    return { status, ...JSON.parse(body) };
  };

  test("an unknown job", async () => {
    expect(await documentOf(ask("POST", "/api/jobs/nobody/pause"))).toMatchObject({
      status: 404,
      error: { code: "NO_SUCH_JOB", message: "There is no job nobody." },
    });
  });

  test("a job in a wrong state", async () => {
    await local.put(job({ id: "over", state: "completed" }));
    expect(await documentOf(ask("POST", "/api/jobs/over/pause"))).toMatchObject({
      status: 409,
      error: { code: "WRONG_STATE", problems: ["Job over is completed; it cannot be paused."] },
    });
  });

  test("reports all problems of a form at once, beside their fields", async () => {
    const values = { operation: "count", table: "x", readRate: "fast", segments: "0" };
    expect(await documentOf(ask("POST", "/api/estimate", {}, { values, jobId: "new" }))).toMatchObject({
      status: 400,
      error: {
        code: "INVALID_REQUEST",
        problems: [],
        fields: {
          table: ['table must be 3 to 255 letters, digits, _ - and ., got "x".'],
          readRate: ["readRate must be capacity units per second or a percentage such as 50%, got fast."],
          segments: ['segments must be "auto" or a whole number from 1 to 100000, got 0.'],
        },
      },
    });
    expect(api.invocations).toEqual([]);
  });

  test("problems that the start function finds stand beside their fields, too", async () => {
    const values = { operation: "count", table: "surveys", readRate: "100" };
    expect(await documentOf(ask("POST", "/api/start", {}, { values, jobId: "new" }))).toMatchObject({
      status: 400,
      error: { problems: ["Something else."], fields: { readRate: ["readRate must be at most 50, got 100."] } },
    });
  });

  test.each([undefined, "order"])("a job that changes a table that was not named, but %p", async (confirm) => {
    const values = { operation: "delete", table: "orders", writeRate: "5" };
    const body = { values, jobId: "new", ...(confirm && { confirm }) };
    const before = api.invocations.length;
    expect(await documentOf(ask("POST", "/api/start", {}, body))).toMatchObject({
      status: 409,
      error: { code: "NOT_CONFIRMED" },
    });
    expect(api.invocations).toHaveLength(before);
  });

  test.each([
    ["no JSON", "/api/start", undefined, "The body"],
    ["no record", "/api/quarantine/resend", { keys: [] }, "keys: must name a record"],
    ["an empty note", "/api/quarantine/resolve", { keys: ["a"], note: " " }, "note: must give a reason"],
  ])("a body with %s", async (_name, path, body, message) => {
    const refused = await documentOf(ask("POST", path, {}, body));
    expect([refused.status, refused.error.message]).toEqual([400, expect.stringContaining(message)]);
  });

  test.each(["quarantine", "dead-letters", "participants", "submissions"])(
    "a download of %s that can't be read, and no stack on the terminal",
    async (name) => {
      const printed = jest.spyOn(console, "error").mockImplementation();
      const { status, body } = await ask("GET", `/api/files/${name}.csv`);
      expect([status, JSON.parse(body).error.code]).toEqual([404, "NO_SUCH_OUTPUT"]);
      expect(printed).not.toHaveBeenCalled();
      printed.mockRestore();
    },
  );

  test("an unexpected error comes without its stack", async () => {
    answer = () => "no object";
    const values = { operation: "count", table: "surveys", readRate: "1" };
    const { body } = await ask("POST", "/api/estimate", {}, { values, jobId: "new" });
    expect(body).not.toMatch(/ {4}at |node_modules|\.ts/);
  });
});

test("the list comes page by page, and filtered", async () => {
  for (let n = 0; n < 60; n++) await add(`job-${String(n).padStart(2, "0")}`, CREATED + 1000 + n);
  const page = async (query: string) => JSON.parse((await ask("GET", `/api/jobs${query}`, { origin: undefined })).body);
  const first = await page("");
  const second = await page(`?from=${encodeURIComponent(first.next)}`);
  const ids = [...first.jobs, ...second.jobs].map(({ id }: { id: string }) => id);
  expect(first.jobs).toHaveLength(50);
  expect(ids).toEqual([...Array.from({ length: 60 }, (_, n) => `job-${59 - n}`.replace(/-(\d)$/, "-0$1")), "nightly"]);
  expect(second.next).toBeUndefined();
  expect((await page("?state=paused")).jobs).toEqual([]);
});

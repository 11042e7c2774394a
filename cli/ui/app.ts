/** The page's server as a hono app: wiring only. Reads are GET, changes are POST with a JSON body. */
import { Readable } from "node:stream";
import { type Context, Hono } from "hono";
import { HTTPException } from "hono/http-exception";
import { streamSSE } from "hono/streaming";
import * as v from "valibot";
import { RequestProblems, reportOf } from "../errors";
import { readFlags } from "../requestFlags";
import * as controls from "./api/controls";
import { csvFiles } from "./api/csvFiles";
import { failureGroups } from "./api/failures";
import * as intake from "./api/intake";
import { listedJobs } from "./api/overview";
import * as start from "./api/start";
import type { StackDocument } from "./contract";
import type { Desk } from "./desk";
import type { PageFile } from "./pageFiles";
import { ownHost, strictHeaders, withToken } from "./security";
import { type Send, streamIntake, streamJob, streamOverview } from "./streams";

export interface AppOptions {
  readonly desk: Desk;
  readonly token: string;
  /** Files of the page by path. */
  readonly files: ReadonlyMap<string, PageFile>;
  /** Where the server listens. */
  readonly port: () => number;
  /** Ends all streams. */
  readonly signal: AbortSignal;
}

const text = v.pipe(v.string(), v.nonEmpty());
const confirm = v.exactOptional(v.string());
const Rates = v.object({ readRate: v.exactOptional(v.string()), writeRate: v.exactOptional(v.string()), confirm });
const values = v.record(v.string(), v.union([v.string(), v.boolean()]));
const Estimate = v.object({ values, jobId: text });
const Start = v.object({ values, jobId: text, confirm });
const keys = v.pipe(v.array(text), v.minLength(1, "must name a record"));
const Resend = v.object({ keys, prove: v.exactOptional(v.boolean()) });
const Resolve = v.object({ keys, note: v.pipe(v.string(), v.trim(), v.nonEmpty("must give a reason")) });

export function appOf({ desk, token, files, port, signal }: AppOptions): Hono {
  const app = new Hono();
  app.use(...strictHeaders, ownHost(port));
  app.use("/api/*", withToken(token));
  app.onError((error, context) => {
    if (error instanceof HTTPException) return error.getResponse();
    const { document, status } = reportOf(error);
    return context.json(document, status);
  });
  for (const [path, file] of files) app.get(path, (context) => fileAnswer(context, file));
  reads(app, desk, signal);
  changes(app, desk);
  return app;
}

function fileAnswer(context: Context, { type, plain, gzip }: PageFile): Response {
  const zipped = /\bgzip\b/.test(context.req.header("accept-encoding") ?? "");
  const encoding = zipped ? { "content-encoding": "gzip" } : {};
  return context.body(new Uint8Array(zipped ? gzip : plain), 200, { "content-type": type, ...encoding });
}

function reads(app: Hono, desk: Desk, signal: AbortSignal): void {
  app.get("/api/stack", (context) => {
    const { stack, operator } = desk;
    return context.json({ stack, region: operator.region } satisfies StackDocument);
  });
  app.get("/api/jobs", async (context) => {
    const { heads: _heads, ...page } = await listedJobs(desk, context.req.query());
    return context.json(page);
  });
  app.get("/api/jobs/:id/failures", async (context) =>
    context.json(await failureGroups(desk, context.req.param("id"))),
  );
  app.get("/api/form", async (context) => context.json(await start.formDocument(desk, context.req.query("clone"))));
  app.get("/api/quarantine", async (context) => {
    const { reason, participant, all } = context.req.query();
    return context.json(await intake.quarantine(desk, { reason, participant, all: all === "true" }));
  });
  app.get("/api/quarantine/record", async (context) =>
    context.json(await intake.quarantineRecord(desk, context.req.query("key") ?? "")),
  );
  app.get("/api/dead", async (context) => context.json(await intake.deadLetters(desk)));
  for (const [name, lines] of Object.entries(csvFiles)) {
    app.get(`/api/files/${name}`, async (context) => {
      const body = Readable.toWeb(Readable.from(await begun(lines(desk)))) as ReadableStream;
      return context.body(body, 200, { "content-type": "text/csv; charset=utf-8" });
    });
  }
  app.get("/api/live/overview", (context) => live(context, signal, (send, end) => streamOverview(desk, send, end)));
  app.get("/api/live/intake", (context) => live(context, signal, (send, end) => streamIntake(desk, send, end)));
  app.get("/api/live/jobs/:id", (context) => {
    const id = context.req.param("id");
    return live(context, signal, (send, end) => streamJob(desk, id, send, end));
  });
}

/** The same chunks. @throws what reading the first one throws */
async function begun(chunks: AsyncGenerator<string>): Promise<AsyncGenerator<string>> {
  const first = await chunks.next();
  return (async function* () {
    try {
      if (first.done !== true) yield first.value;
      yield* chunks;
    } finally {
      await chunks.return(undefined);
    }
  })();
}

/** Server-sent events until the page is gone, the server stops, or reading fails for good. */
function live<Event>(
  context: Context,
  stop: AbortSignal,
  work: (send: Send<Event>, end: AbortSignal) => Promise<void>,
): Response {
  return streamSSE(context, async (stream) => {
    const gone = new AbortController();
    stream.onAbort(() => gone.abort());
    const end = AbortSignal.any([gone.signal, stop]);
    try {
      await work((event) => stream.writeSSE({ data: JSON.stringify(event) }), end);
    } catch (error) {
      // One part of the work failed: the others end with it.
      gone.abort();
      await stream.writeSSE({ event: "failed", data: JSON.stringify(reportOf(error).document) });
    }
  });
}

function changes(app: Hono, desk: Desk): void {
  const { rate, pause, resume, cancel } = controls;
  app.post("/api/jobs/:id/pause", async (context) => context.json(await pause(desk, context.req.param("id"))));
  app.post("/api/jobs/:id/resume", async (context) => context.json(await resume(desk, context.req.param("id"))));
  app.post("/api/jobs/:id/cancel", async (context) => context.json(await cancel(desk, context.req.param("id"))));
  app.post("/api/jobs/:id/rate", async (context) => {
    const { confirm: _confirm, ...rates } = await bodyOf(context, Rates);
    return context.json(await rate(desk, context.req.param("id"), rates));
  });
  app.post("/api/jobs/:id/redrive", async (context) =>
    context.json(await start.redrive(desk, context.req.param("id"), await ratesOf(context))),
  );
  app.post("/api/jobs/:id/undo", async (context) =>
    context.json(await start.undo(desk, context.req.param("id"), await ratesOf(context))),
  );
  app.post("/api/estimate", async (context) => {
    const { values, jobId } = await bodyOf(context, Estimate);
    return context.json(await start.estimateDocument(desk, values, jobId));
  });
  app.post("/api/start", async (context) =>
    context.json(await start.startFromForm(desk, await bodyOf(context, Start))),
  );
  app.post("/api/quarantine/resend", async (context) =>
    context.json(await intake.resendRecords(desk, await bodyOf(context, Resend))),
  );
  app.post("/api/quarantine/resolve", async (context) =>
    context.json(await intake.resolveRecords(desk, await bodyOf(context, Resolve))),
  );
  app.post("/api/dead/redrive", async (context) => context.json(await intake.redriveDeadLetters(desk)));
}

/** Rates as they were typed. @throws SluiceError USAGE if they can't be read */
async function ratesOf(context: Context): Promise<start.Rates & start.Confirmed> {
  const { confirm, ...rates } = await bodyOf(context, Rates);
  return { ...readFlags(rates, ["readRate", "writeRate"]), confirm };
}

/** @throws RequestProblems */
async function bodyOf<Body>(context: Context, schema: v.GenericSchema<unknown, Body>): Promise<Body> {
  const parsed = v.safeParse(schema, await context.req.json().catch(() => undefined));
  if (parsed.success) return parsed.output;
  throw new RequestProblems(parsed.issues.map((issue) => `${v.getDotPath(issue) ?? "The body"}: ${issue.message}.`));
}

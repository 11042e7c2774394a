import { mkdir, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import type { SluiceIo } from "../../cli/session";
import { main } from "../../cli/sluice";
import { CREDENTIALS, FakeClock, scratchFolder } from "../sender/helpers";
import { NOW } from "./jobs/jobs";

export const OPERATOR = {
  region: "eu-central-1",
  jobsTable: "jobs",
  startFunction: "jobs-start",
  resultsBucket: "results",
};

/** A project's folder in which the local cloud seems to run, with all of AWS at `endpoint`. */
export async function stackAt(
  endpoint: string,
  outputs: Record<string, unknown> = { operator: OPERATOR },
): Promise<string> {
  const root = await scratchFolder();
  await mkdir(join(root, ".sluice"));
  const local = { endpoint, region: OPERATOR.region, credentials: CREDENTIALS, outputs };
  await writeFile(join(root, ".sluice/local.json"), JSON.stringify(local));
  return root;
}

export interface Ran {
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs a command at NOW, on a clock that moves on whenever the command sleeps. */
export async function sluice(root: string, args: string[], overrides: Partial<SluiceIo> = {}): Promise<Ran> {
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const clock = new FakeClock(NOW);
  const interruptible = () => new AbortController().signal;
  const io = { stdout, stderr, root, clock, random: () => 0.5, interruptible, ...overrides };
  const code = await clock.run(main(args, io));
  return { code, stdout: String(stdout.read() ?? ""), stderr: String(stderr.read() ?? "") };
}

export interface LambdaAnswer {
  status?: number;
  /** It is sent as JSON, or unchanged if it is a string. */
  body: unknown;
  headers?: Record<string, string>;
}

/** Who the operator is. */
export const OPERATOR_ARN = "arn:aws:iam::123456789012:user/operator";

function identity(arn: string): string {
  const result = `<GetCallerIdentityResult><Arn>${arn}</Arn></GetCallerIdentityResult>`;
  return `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">${result}</GetCallerIdentityResponse>`;
}

/** What was invoked: the function's name and the payload. */
export interface Invocation {
  name: string;
  payload: Record<string, unknown>;
  /** The client context that came with it. */
  context?: unknown;
}

type Answering = (call: Invocation) => LambdaAnswer | "hang up" | Promise<LambdaAnswer>;

/** Stands in for the APIs of Lambda and STS, on a port of this machine. It passes all other requests on to `others`. */
export class LambdaApi {
  readonly invocations: Invocation[] = [];

  private constructor(private readonly server: Server) {}

  static async start(answer: Answering, others?: string): Promise<LambdaApi> {
    const server = createServer(async (request, response) => {
      const body = await bodyOf(request);
      const name = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/.exec(request.url ?? "")?.[1];
      if (body.includes("Action=GetCallerIdentity")) {
        response.writeHead(200, { "content-type": "text/xml" });
        return response.end(identity(OPERATOR_ARN));
      }
      if (name === undefined) {
        const headers = { ...(request.headers as Record<string, string>) };
        for (const hop of ["connection", "content-length", "host", "expect"]) delete headers[hop];
        const passed = await fetch(`${others}${request.url}`, { method: "POST", headers, body });
        response.writeHead(passed.status, { "content-type": "application/x-amz-json-1.0" });
        return response.end(await passed.text());
      }
      const encoded = request.headers["x-amz-client-context"];
      const context = encoded && JSON.parse(Buffer.from(String(encoded), "base64").toString());
      const call = { name: decodeURIComponent(name), payload: JSON.parse(body), ...(context && { context }) };
      api.invocations.push(call);
      const given = await answer(call);
      if (given === "hang up") return request.socket.destroy();
      response.writeHead(given.status ?? 200, { "content-type": "application/json", ...given.headers });
      return response.end(typeof given.body === "string" ? given.body : JSON.stringify(given.body));
    });
    const api = new LambdaApi(server);
    await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
    return api;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  stop(): Promise<void> {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(() => resolve()));
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

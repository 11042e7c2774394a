/** Python workers in processes of their own, on a jobs table in DynamoDB Local, with a unit queue that a test reads. */
import { createHash } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { ChainTurn } from "../../../shared/drivers/driver";
import { PythonProcess } from "./pythonProcess";

/** A line that a worker printed: how a unit ended, or how the worker ended. */
export interface Line {
  readonly unit?: number;
  readonly end?: string;
  readonly reason?: string | null;
  readonly outcome?: string;
  readonly error?: string;
}

/** An SQS queue as far as a Python worker sees it. */
export class UnitQueue {
  /** All messages that were sent. */
  readonly turns: ChainTurn[] = [];
  private waiting: ((turn: ChainTurn) => void)[] = [];

  private constructor(private readonly server: Server) {}

  static async start(): Promise<UnitQueue> {
    const server = createServer();
    const queue = new UnitQueue(server);
    server.on("request", async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const { MessageBody } = JSON.parse(Buffer.concat(chunks).toString());
      queue.add(JSON.parse(MessageBody));
      const MD5OfMessageBody = createHash("md5").update(MessageBody).digest("hex");
      response.setHeader("content-type", "application/x-amz-json-1.0");
      response.end(JSON.stringify({ MessageId: "1", MD5OfMessageBody }));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return queue;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  add(turn: ChainTurn): void {
    this.turns.push(turn);
    for (const resolve of this.waiting.splice(0)) resolve(turn);
  }

  /** The next message. */
  next(): Promise<ChainTurn> {
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

export interface PythonWorkerOptions {
  readonly job: string;
  readonly jobsTable: string;
  /** Endpoint of DynamoDB. */
  readonly dynamodb: string;
  readonly queue: UnitQueue;
  /** Further keyword arguments of `work_on_job`. */
  readonly more?: Readonly<Record<string, unknown>>;
  /** Further environment variables. */
  readonly environment?: Readonly<Record<string, string>>;
}

export class PythonWorker {
  readonly lines: Line[] = [];
  private readonly python: PythonProcess;
  private seen: (() => void)[] = [];

  constructor({ job, jobsTable, dynamodb, queue, more = {}, environment = {} }: PythonWorkerOptions) {
    const names = { job_id: job, jobs_table: jobsTable, region: "eu-central-1", results_bucket: "none" };
    const queues = { unit_queue_url: `${queue.endpoint}/1/units`, writing_queue_url: `${queue.endpoint}/1/writing` };
    const all = { ...names, ...queues, ...more };
    this.python = new PythonProcess("work_on_job", [JSON.stringify(all)], {
      AWS_ACCESS_KEY_ID: "local",
      AWS_SECRET_ACCESS_KEY: "local",
      AWS_ENDPOINT_URL_DYNAMODB: dynamodb,
      AWS_ENDPOINT_URL_SQS: queue.endpoint,
      ...environment,
    });
    this.python.lines.on("line", (line) => {
      this.lines.push(JSON.parse(line));
      for (const look of [...this.seen]) look();
    });
  }

  /** Resolves once the worker has printed so many lines about units. */
  async hasEnded(units: number): Promise<void> {
    const enough = () => this.lines.filter(({ unit }) => unit !== undefined).length >= units;
    if (enough()) return;
    const seen = new Promise<void>((resolve) => this.seen.push(() => enough() && resolve()));
    await Promise.race([seen, this.python.ended]);
    if (!enough())
      throw new Error(`The Python worker ended early: ${JSON.stringify(this.lines)} ${this.python.errors}`);
  }

  /** The worker's outcome. */
  async outcome(): Promise<Line> {
    await this.python.ended;
    const last = this.lines.at(-1);
    if (last?.outcome === undefined && last?.error === undefined) throw new Error(`It died: ${this.python.errors}`);
    return last;
  }

  /** Ends the process at once, as the loss of an executor does. */
  async kill(): Promise<void> {
    this.python.child.kill("SIGKILL");
    await this.python.ended;
  }
}

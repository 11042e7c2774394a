import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { type Assembled, assemble } from "../../local/assemble";
import { BorrowedDatabase } from "../../local/backends/borrowedDatabase";
import { QueuesAndBuckets } from "../../local/backends/queuesAndBuckets";
import type { PermissionReport } from "../../local/gateway/permissions/usage/report";
import type { Principal } from "../../local/gateway/principals";
import type { Parts } from "../../local/parts";
import { pauseMs } from "../../local/pauseMs";
import { resourceTypes } from "../../local/resources/index";
import { checkInputs, type Inputs } from "../../local/resources/resourceType";

export const REGION = "eu-west-1";
export const ACCOUNT = "000000000000";

/** The local cloud's own parts, with resources made one by one instead of by the Pulumi program. */
export class SmallCloud {
  readonly parts: Parts;
  readonly errors: unknown[] = [];
  logs = "";
  endpoint = "";
  readonly #assembled: Assembled;
  readonly #folder: string;
  readonly #backends: { stop(): Promise<void> }[];

  private constructor(folder: string, queuesAndBuckets: QueuesAndBuckets, dynamodb: BorrowedDatabase | undefined) {
    this.#folder = folder;
    this.#backends = [queuesAndBuckets, ...(dynamodb ? [dynamodb] : [])];
    this.#assembled = assemble({
      dynamodb: dynamodb as BorrowedDatabase,
      queuesAndBuckets,
      region: REGION,
      folder,
      options: {
        onLog: (_, text) => {
          this.logs += text;
        },
        onError: (error) => this.errors.push(error),
      },
    });
    this.parts = this.#assembled.parts;
  }

  /** @param database whether it has a DynamoDB Local. Default false. */
  static async start({ database = false } = {}): Promise<SmallCloud> {
    const folder = await mkdtemp(join(tmpdir(), "small-cloud-"));
    const queues = await QueuesAndBuckets.start(REGION);
    // The database is borrowed last, so no failure of another part can leave it borrowed.
    const dynamodb = database ? await BorrowedDatabase.borrow() : undefined;
    const cloud = new SmallCloud(folder, queues, dynamodb);
    cloud.endpoint = `http://127.0.0.1:${await cloud.parts.gateway.listen(0)}`;
    cloud.parts.endpoint = cloud.endpoint;
    return cloud;
  }

  /** Makes a resource as the program would. @returns id and outputs. */
  async make<T = Record<string, string>>(type: string, name: string, inputs: Inputs): Promise<T & { id: string }> {
    const known = resourceTypes[type];
    if (!known) throw new Error(`there is no ${type}`);
    checkInputs(type, name, known, inputs);
    const { id, state } = await known.create({ name, inputs }, this.parts);
    return { ...state, id } as T & { id: string };
  }

  /** A role that a service may take on, by default Lambda, with one policy. @returns its ARN. */
  async role(name: string, statements: object[], service = "lambda"): Promise<string> {
    const assumeRolePolicy = policy([
      { Effect: "Allow", Principal: { Service: `${service}.amazonaws.com` }, Action: "sts:AssumeRole" },
    ]);
    const role = await this.make("aws:iam/role:Role", name, { assumeRolePolicy });
    if (statements.length > 0) {
      await this.make("aws:iam/rolePolicy:RolePolicy", name, { role: role.id, policy: policy(statements) });
    }
    return role.arn as string;
  }

  /** A function of one file, with a role of its own. */
  async function(
    name: string,
    source: string,
    { statements = [], ...inputs }: { statements?: object[] } & Inputs = {},
  ): Promise<{ name: string; arn: string }> {
    const writeLog = { Effect: "Allow", Action: "logs:*", Resource: "*" };
    const role = await this.role(`${name}-role`, [writeLog, ...statements]);
    const code = new pulumi.asset.AssetArchive({ "index.mjs": new pulumi.asset.StringAsset(source) });
    const made = await this.make("aws:lambda/function:Function", name, {
      name,
      role,
      code,
      handler: "index.handler",
      timeout: 5,
      memorySize: 256,
      ...inputs,
    });
    return made as unknown as { name: string; arn: string };
  }

  /** Settings of an SDK client that calls as the administrator, or as the role of that ARN. */
  as(roleArn?: string) {
    const principal: Principal =
      roleArn === undefined ? { kind: "administrator" } : { kind: "role", roleArn, sessionName: "session" };
    const credentials = this.parts.principals.issue(principal);
    return { endpoint: this.endpoint, region: REGION, credentials, maxAttempts: 1 };
  }

  /** Asks the administrative endpoint; by default it reads. */
  async administer<T>(path: string, request: { method?: string; body?: string } = {}): Promise<T> {
    const { accessKeyId, secretAccessKey } = this.#assembled.credentials;
    const headers = { authorization: `Basic ${btoa(`${accessKeyId}:${secretAccessKey}`)}` };
    return (await (await fetch(`${this.endpoint}/_sluice/${path}`, { ...request, headers })).json()) as T;
  }

  report(): PermissionReport {
    return this.parts.permissions.report();
  }

  async stop(): Promise<void> {
    for (const mapping of this.parts.eventSourceMappings) mapping.stop();
    this.#assembled.asyncInvocations.stop();
    await this.parts.stateMachines.stop();
    await this.parts.glueJobs.stop();
    await this.parts.functions.stop();
    await this.parts.gateway.close();
    await this.#assembled.backups.ended();
    await this.#assembled.moveTasks.stop();
    for (const backend of this.#backends) await backend.stop();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** A policy document as JSON. */
export function policy(statements: object[]): string {
  return JSON.stringify({ Version: "2012-10-17", Statement: statements });
}

/** Resolves once the condition holds. Fails after a time, by default a minute. */
export async function until(holds: () => boolean | Promise<boolean>, withinMs = 60_000): Promise<void> {
  const started = performance.now();
  while (!(await holds())) {
    const waitedMs = performance.now() - started;
    if (waitedMs > withinMs) throw new Error(`it has not happened within ${withinMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, pauseMs(waitedMs, 10)));
  }
}

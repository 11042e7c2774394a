/** Runs the pages of a writing job against scripted answers. */
import { gunzipSync } from "node:zlib";
import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import { DeleteObjectCommand, type S3Client, S3ServiceException } from "@aws-sdk/client-s3";
import { revived } from "../../shared/aws/dynamoJson";
import type { Item } from "../../shared/aws/itemSize";
import type { Page, Tools } from "../../shared/operations/operation";
import { writingOperations } from "../../shared/operations/writing";
import { exception, retrying, type Sent, StubClient } from "../shared/writing/stubClient";
import { type Answer, type JsonItem, type PageOf, type Scenario, target } from "./writingScenarios";

const PREFIX = "job/";

export interface Ran {
  /** Operation and input, in the order in which they were sent. */
  readonly requests: readonly object[];
  /** The unit's result after each page, flushed if the page says so. */
  readonly results: readonly unknown[];
  /** Content of the objects in the end, by key. */
  readonly objects: Readonly<Record<string, string>>;
}

export async function runScenario({ operation: name, params, pages, ...given }: Scenario): Promise<Ran> {
  const { answers, found, there } = given;
  const table = new Table(answers, there);
  const objects = new Map(Object.entries(found ?? {}).map(([key, text]) => [key, Buffer.from(text)]));
  const tools = toolsOf(table, objects);
  const operation = writingOperations.named(name)!;
  const results: unknown[] = [];
  for (const [number, page] of pages.entries()) {
    let result = await operation.page(pageOf(page, number, params), results.at(-1), tools);
    if (page.flush) result = await operation.flush!(result, tools);
    results.push(result);
  }
  const requests = table.stub.sent.map((sent) => ({ operation: sent.name.replace("Command", ""), input: sent.input }));
  return {
    requests,
    results,
    objects: Object.fromEntries([...objects].sort().map(([key, body]) => [key, textOf(body)])),
  };
}

function pageOf({ items, missing = [], unreadable = [], last = false }: PageOf, page: number, params: object): Page {
  return {
    ...{ items: items.map(itemOf), missing: missing.map(itemOf), unreadable, last },
    ...{ scannedItems: items.length, scannedBytes: 0, rcu: 0, position: { job: "job-1", unit: 3, page } },
    ...{ table: target.name, keys: target.keys, target, params: params as Page["params"] },
  };
}

function toolsOf(table: Table, objects: Map<string, Buffer>): Tools {
  return {
    dynamodb: table.stub.client,
    s3: { send: async (command: object) => answerOfS3(command, objects) } as unknown as S3Client,
    ...{ bucket: "results", prefix: PREFIX, retry: retrying(), signal: new AbortController().signal },
    limits: (purpose) => (purpose === "lookup" && table.there !== undefined ? { table: 1_000 } : undefined),
    requestMs: () => undefined,
    consumed: (purpose) => ({ table: table.consumed[purpose] }),
    entries: { put: async () => undefined, list: async function* () {} },
  };
}

function itemOf(item: JsonItem): Item {
  return revived(structuredClone(item) as Parameters<typeof revived>[0]);
}

/** A table that answers each write as its script says. A write that succeeds consumes a unit, and so does a lookup. */
class Table {
  readonly consumed = { read: 0, write: 0, lookup: 0 };
  readonly stub = new StubClient((sent) => this.answer(sent));
  private readonly script: Map<string, Answer[]>;

  constructor(
    answers: Scenario["answers"] = {},
    readonly there?: readonly JsonItem[],
  ) {
    this.script = new Map(Object.entries(answers).map(([id, list]) => [id, [...list]]));
  }

  private next(id: string | undefined): Answer {
    return this.script.get(id ?? "")?.shift() ?? {};
  }

  private answer({ name, input }: Sent): object {
    if (name === "BatchExecuteStatementCommand") return this.statements(input.Statements);
    if (name === "BatchGetItemCommand") return this.gets(input.RequestItems[target.name].Keys);
    if (name === "BatchWriteItemCommand") return this.puts(input.RequestItems[target.name]);
    const answer = this.next((input.Key ?? input.Item).id.S);
    fail(answer);
    return this.reported({ ...(answer.deleted && { Attributes: itemOf(answer.deleted) }) }, 1);
  }

  private statements(statements: readonly { Statement: string; Parameters: { S?: string }[] }[]): object {
    const answers = statements.map(({ Statement, Parameters }) => {
      const place = Statement.split("=?").findIndex((part) => part.endsWith('"id"'));
      return this.next(Parameters[place]?.S);
    });
    const Responses = answers.map(({ code, met, deleted }) => {
      if (code !== undefined) return { Error: { Code: code, Message: "No.", ...(met && { Item: itemOf(met) }) } };
      return deleted === undefined ? {} : { Item: itemOf(deleted) };
    });
    return this.reported({ Responses }, answers.filter(({ code }) => code === undefined).length);
  }

  private puts(requests: readonly { PutRequest: { Item: Item } }[]): object {
    const answers = requests.map(({ PutRequest }) => this.next(PutRequest.Item.id?.S));
    for (const each of answers) fail(each);
    const left = requests.filter((_, at) => answers[at]!.unprocessed);
    const undone = left.length === 0 ? {} : { [target.name]: left };
    return this.reported({ UnprocessedItems: undone }, requests.length - left.length);
  }

  private gets(keys: readonly Item[]): object {
    const left = keys.filter(({ id }) => this.next(id?.S).unprocessed);
    const read = keys.filter((key) => !left.includes(key));
    const items = this.there!.filter(({ id }) => read.some((key) => key.id!.S === id!.S));
    const undone = left.length === 0 ? {} : { [target.name]: { Keys: left } };
    return this.reported(
      { Responses: { [target.name]: items.map(itemOf) }, UnprocessedKeys: undone },
      read.length,
      "lookup",
    );
  }

  private reported(output: object, units: number, purpose: "write" | "lookup" = "write"): object {
    this.consumed[purpose] += units;
    return { ...output, ConsumedCapacity: [{ TableName: target.name, CapacityUnits: units }] };
  }
}

function fail({ exception: name, met }: Answer): void {
  if (name === undefined) return;
  if (name !== "ConditionalCheckFailedException") throw exception(name, "No.");
  throw new ConditionalCheckFailedException({
    message: "No.",
    $metadata: { httpStatusCode: 400 },
    ...(met && { Item: itemOf(met) }),
  });
}

function answerOfS3(command: object, objects: Map<string, Buffer>): object {
  const { input } = command as { input: { Key: string; Body?: Buffer } };
  if (command instanceof DeleteObjectCommand) objects.delete(input.Key);
  else if (input.Body !== undefined) objects.set(input.Key, input.Body);
  else if (!objects.has(input.Key)) throw NO_SUCH_KEY;
  return { Body: { transformToByteArray: async () => objects.get(input.Key) } };
}

const NO_SUCH_KEY = new S3ServiceException({
  ...{ name: "NoSuchKey", message: "No.", $fault: "client" as const },
  $metadata: { httpStatusCode: 404 },
});

/** Objects that a run put are packed. Objects that existed before are not. */
function textOf(body: Buffer): string {
  return body[0] === 0x1f ? gunzipSync(body).toString() : body.toString();
}

import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { DynamoDbLocal } from "../../local/backends/dynamodbLocal";
import { askDynamoDb } from "../../local/gateway/askDynamoDb";

/**
 * Lends DynamoDB Local to the suites of a run and to the local clouds that they start. Each borrower has a database to itself,
 * and the next one gets it empty. Starting a database and compiling its code costs more CPU than most suites' own requests. A
 * database starts when somebody asks for one and none is free, so there are about as many databases as suites that run at
 * once. If a borrower ends without returning its database, or if a database can't be emptied, nobody else gets it until the
 * run ends.
 *
 * `POST /borrow` returns an endpoint; `POST /return` takes it back.
 */
export class DatabasePool {
  readonly #server: Server;
  readonly #all = new Map<string, DynamoDbLocal>();
  readonly #free: DynamoDbLocal[] = [];

  private constructor() {
    this.#server = createServer((request, response) => {
      // A borrower asks twice, minutes apart. A connection kept open between them could close under its second request.
      response.shouldKeepAlive = false;
      this.#answer(request).then(
        (answer) => response.end(answer),
        (error: unknown) => response.writeHead(500).end(String(error)),
      );
    });
  }

  static async open(): Promise<DatabasePool> {
    const pool = new DatabasePool();
    await new Promise<void>((listening) => pool.#server.listen(0, "127.0.0.1", listening));
    return pool;
  }

  get address(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await Promise.all([...this.#all.values()].map((database) => database.stop()));
  }

  async #answer(request: IncomingMessage): Promise<string> {
    if (request.url === "/borrow") return (this.#free.pop() ?? (await this.#start())).endpoint;
    const database = this.#all.get(await text(request));
    if (database === undefined) throw new Error("There is no such database.");
    await empty(database);
    this.#free.push(database);
    return "";
  }

  async #start(): Promise<DynamoDbLocal> {
    const database = await DynamoDbLocal.start();
    this.#all.set(database.endpoint, database);
    return database;
  }
}

/** Deletes all tables. @throws Error if one remains. */
async function empty(database: DynamoDbLocal): Promise<void> {
  for (;;) {
    const { TableNames } = await ask<{ TableNames: string[] }>(database, "ListTables", {});
    if (TableNames.length === 0) return;
    for (const TableName of TableNames) await ask(database, "DeleteTable", { TableName });
  }
}

async function ask<T>(database: DynamoDbLocal, action: string, input: object): Promise<T> {
  const { status, body } = await askDynamoDb((request) => database.send(request), "us-east-1", action, input);
  if (status !== 200) throw new Error(`${action}: ${body}`);
  return JSON.parse(body.toString()) as T;
}

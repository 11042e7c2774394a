/** A client that answers from a list, for answers that DynamoDB Local never gives. */
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { isTransient } from "../../../shared/aws/transient";

export interface Sent {
  readonly name: string;
  // biome-ignore lint/suspicious/noExplicitAny: the input of whatever command it is.
  readonly input: any;
}

export class StubClient {
  readonly sent: Sent[] = [];
  underWay = 0;
  mostUnderWay = 0;

  constructor(private readonly answer: (sent: Sent, number: number) => object | Promise<object>) {}

  get client(): DynamoDBClient {
    return { send: (command: object) => this.send(command) } as unknown as DynamoDBClient;
  }

  private async send(command: object): Promise<object> {
    const { input } = command as { input: object };
    const sent = { name: command.constructor.name, input };
    this.sent.push(sent);
    this.mostUnderWay = Math.max(this.mostUnderWay, ++this.underWay);
    try {
      await new Promise((resolve) => setImmediate(resolve));
      return await this.answer(sent, this.sent.length - 1);
    } finally {
      this.underWay--;
    }
  }
}

/** Repeats at once, and records the passing errors. */
export function retrying(passed: unknown[] = []) {
  return async <T>(call: () => Promise<T>): Promise<T> => {
    for (;;) {
      try {
        return await call();
      } catch (error) {
        if (!isTransient(error)) throw error;
        passed.push(error);
      }
    }
  };
}

export function exception(name: string, message = name, $metadata = { httpStatusCode: 400 }): Error {
  return Object.assign(new Error(message), { name, $metadata });
}

/** A results bucket in memory: put, get and list, with a hook around each. */
import type { S3Client } from "@aws-sdk/client-s3";
import { S3ServiceException } from "@aws-sdk/client-s3";
import type { ResultsStore } from "../../../../shared/results/resultsStore";

interface Input {
  readonly Key: string;
  readonly Body?: Buffer | string;
  readonly Prefix?: string;
}

export class MemoryResults {
  readonly objects = new Map<string, Buffer>();
  puts = 0;

  /** @param moment called before and after each put; it may throw. */
  constructor(private readonly moment: () => void = () => undefined) {}

  get store(): ResultsStore {
    const send = (command: { constructor: { name: string }; input: Input }) => this.send(command);
    return {
      s3: { send } as unknown as S3Client,
      bucket: "results",
      signal: new AbortController().signal,
      retry: (call) => call(),
    };
  }

  private async send(command: { constructor: { name: string }; input: Input }) {
    const { input } = command;
    const { name } = command.constructor;
    if (name === "ListObjectsV2Command") {
      const keys = [...this.objects.keys()].filter((key) => key.startsWith(input.Prefix!)).sort();
      return { Contents: keys.map((Key) => ({ Key })) };
    }
    if (name === "PutObjectCommand") {
      this.moment();
      this.puts += 1;
      this.objects.set(input.Key, Buffer.from(input.Body!));
      this.moment();
      return { ETag: '"etag"' };
    }
    const content = this.objects.get(input.Key);
    if (content === undefined) {
      throw new S3ServiceException({ name: "NoSuchKey", $fault: "client", $metadata: { httpStatusCode: 404 } });
    }
    return { Body: { transformToByteArray: async () => content } };
  }
}

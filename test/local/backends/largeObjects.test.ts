import { createHash } from "node:crypto";
import { QueuesAndBuckets } from "../../../local/backends/queuesAndBuckets";

test("an object may be as large as the worker of an export puts it at once", async () => {
  const storage = await QueuesAndBuckets.start("eu-central-1");
  const send = (method: string, url: string, body = Buffer.alloc(0), headers = {}) =>
    storage.send({
      method,
      url,
      headers: { host: "127.0.0.1", "content-length": String(body.length), ...headers },
      body,
    });
  try {
    await send("PUT", "/results");
    const body = Buffer.alloc(40 * 1_048_576, "line\n");
    const put = await send("PUT", "/results/large.json.gz", body, { "content-type": "application/gzip" });
    expect(put.status).toBe(200);
    expect(put.headers.etag).toBe(`"${createHash("md5").update(body).digest("hex")}"`);
    expect((await send("GET", "/results/large.json.gz")).body.equals(body)).toBe(true);
  } finally {
    await storage.stop();
  }
});

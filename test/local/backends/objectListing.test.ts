import { QueuesAndBuckets } from "../../../local/backends/queuesAndBuckets";

/** Keys that languages sort in another order than that of their bytes. The last two sort differently in UTF-16 as well. */
const KEYS = ["A", "B-1", "B_1", "_", "a", "b-1.json", "b-2.json", "b_1.json", "z", "é", "\uff5e", "😀"];

let backend: QueuesAndBuckets;
beforeAll(async () => {
  backend = await QueuesAndBuckets.start("us-east-1");
  await send("PUT", "/bucket");
  for (const key of [...KEYS].reverse()) await send("PUT", `/bucket/${encodeURIComponent(key)}`, "x");
});
afterAll(() => backend?.stop());

async function send(method: string, url: string, body = "") {
  const authorization =
    "AWS4-HMAC-SHA256 Credential=A/20200101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0";
  const headers = { host: "127.0.0.1", authorization };
  const answer = await backend.send({ method, url, headers, body: Buffer.from(body) });
  expect(answer.status).toBe(200);
  return answer.body.toString();
}

/** All names in the listing, page by page. */
async function listed(query: string): Promise<string[]> {
  const found: string[] = [];
  for (let token: string | undefined = ""; token !== undefined; ) {
    const next: string = token && `&continuation-token=${encodeURIComponent(token)}`;
    const page = await send("GET", `/bucket?list-type=2${query}${next}`);
    for (const [, name] of page.matchAll(/<(?:Key|CommonPrefixes><Prefix)>([^<]+)</g)) found.push(name as string);
    token = /<NextContinuationToken>([^<]+)</.exec(page)?.[1];
  }
  return found;
}

test.each([1, 2, 5, 1_000])("a listing in pages of %i has every key once, in the order of its bytes", async (size) => {
  expect(await listed(`&max-keys=${size}`)).toEqual(KEYS);
});

test("a prefix and a key to start after narrow it", async () => {
  expect(await listed("&prefix=b")).toEqual(["b-1.json", "b-2.json", "b_1.json"]);
  expect(await listed("&prefix=b&start-after=b-2.json")).toEqual(["b_1.json"]);
});

test("a delimiter rolls up keys that contain it after the prefix, once", async () => {
  for (const key of ["c/1", "c/2", "c-0"]) await send("PUT", `/bucket/${key}`, "x");
  expect(await listed("&delimiter=/&prefix=c")).toEqual(["c-0", "c/"]);
  expect(await listed("&prefix=c")).toEqual(["c-0", "c/1", "c/2"]);
});

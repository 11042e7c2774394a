import { ConditionalPut } from "../../../local/gateway/conditionalPut";
import type { BackendRequest } from "../../../local/gateway/message";
import { answer, request } from "./requests";

/** Buckets in memory that know no conditions, as fauxqs. Takes a moment for each request. */
function objects() {
  const held = new Map<string, string>();
  const heads: string[] = [];
  const send = async ({ method, url, body }: BackendRequest) => {
    await new Promise((resolve) => setImmediate(resolve));
    const [key = ""] = url.split("?");
    if (method === "HEAD") {
      heads.push(key);
      return answer(held.has(key) ? 200 : 404);
    }
    held.set(key, body.toString());
    return answer();
  };
  return { held, heads, conditionalPut: new ConditionalPut(send) };
}

const put = (url: string, body: string, headers: Record<string, string> = { "if-none-match": "*" }) =>
  request({ method: "PUT", url, body, headers: { host: "127.0.0.1", ...headers } });

test("If-None-Match: * creates an object where there is none", async () => {
  const { held, conditionalPut } = objects();
  expect((await conditionalPut.put(put("/raw/a", "first"))).status).toBe(200);
  expect(held).toEqual(new Map([["/raw/a", "first"]]));
});

test("If-None-Match: * replaces nothing, and says so as S3 does", async () => {
  const { held, conditionalPut } = objects();
  await conditionalPut.put(put("/raw/a", "first"));
  const refused = await conditionalPut.put(put("/raw/a?x-id=PutObject", "second"));
  expect([refused.status, refused.body.toString()]).toEqual([412, expect.stringContaining("PreconditionFailed")]);
  expect(held.get("/raw/a")).toBe("first");
});

test("of a hundred at once for one key exactly one succeeds, and its body stays", async () => {
  const { held, conditionalPut } = objects();
  const answers = await Promise.all(Array.from({ length: 100 }, (_, n) => conditionalPut.put(put("/raw/a", `${n}`))));
  const created = answers.flatMap(({ status }, index) => (status === 200 ? [`${index}`] : []));
  expect(created).toEqual([held.get("/raw/a")]);
});

test("different keys do not wait for each other", async () => {
  const send = ({ url }: BackendRequest) =>
    url.startsWith("/raw/slow") ? new Promise<never>(() => undefined) : Promise.resolve(answer(404));
  const conditionalPut = new ConditionalPut(send);
  void conditionalPut.put(put("/raw/slow", ""));
  expect((await conditionalPut.put(put("/raw/quick", ""))).status).toBe(404);
});

test("a write without a condition replaces, and waits for one that is being made", async () => {
  const { held, conditionalPut } = objects();
  await Promise.all([conditionalPut.put(put("/raw/a", "first")), conditionalPut.put(put("/raw/a", "second", {}))]);
  expect(held.get("/raw/a")).toBe("second");
});

test("a write that fails does not block the next one", async () => {
  let failed = false;
  const conditionalPut = new ConditionalPut(async () => {
    if (failed) return answer(404);
    failed = true;
    throw new Error("down");
  });
  await expect(conditionalPut.put(put("/raw/a", ""))).rejects.toThrow("down");
  expect((await conditionalPut.put(put("/raw/a", ""))).status).toBe(404);
});

test("whatever else S3 says of the key is not taken for its being there", async () => {
  const conditionalPut = new ConditionalPut(async ({ method }) => answer(method === "HEAD" ? 503 : 200));
  expect((await conditionalPut.put(put("/raw/a", ""))).status).toBe(503);
});

test.each([
  ["If-Match", { "if-match": '"etag"' }],
  ["If-None-Match with a tag", { "if-none-match": '"etag"' }],
])("%s is refused, not ignored", async (_, headers) => {
  const { held, conditionalPut } = objects();
  expect((await conditionalPut.put(put("/raw/a", "", headers))).status).toBe(501);
  expect(held.size).toBe(0);
});

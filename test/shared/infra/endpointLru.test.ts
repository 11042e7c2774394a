import EndpointLru from "../../../shared/infra/endpointLru";

function filled(): EndpointLru<number> {
  const cache = new EndpointLru<number>(2);
  cache.set("a", 1);
  cache.set("b", 2);
  return cache;
}

const kept = (cache: EndpointLru<number>) => ["a", "b", "c"].filter((key) => cache.has(key));

test.each<[string, (cache: EndpointLru<number>) => unknown, string[]]>([
  ["nothing", () => undefined, ["b", "c"]],
  ["get", (cache) => cache.get("a"), ["a", "c"]],
  ["set", (cache) => cache.set("a", 3), ["a", "c"]],
  ["peek, which is no use,", (cache) => cache.peek("a"), ["b", "c"]],
])("after %s of the oldest, a third entry leaves these", (_, use, left) => {
  const cache = filled();
  use(cache);
  cache.set("c", 9);
  expect(kept(cache)).toEqual(left);
});

test("it gives what was set last, and nothing after clear", () => {
  const cache = filled();
  cache.set("a", 3);
  expect([cache.get("a"), cache.peek("b"), cache.get("c")]).toEqual([3, 2, undefined]);
  cache.clear();
  expect(kept(cache)).toEqual([]);
});

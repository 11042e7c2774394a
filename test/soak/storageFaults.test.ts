import type { ChildCloud } from "../../local/childCloud";
import { expireSome, firstParticipants } from "../../soak/storageFaults";

test("counted submissions expire if something is still to come for them, and so do some of the others", async () => {
  const deleted: string[] = [];
  const reader = {
    markers: async () => ["a", "b", "c", "d"].map((submission) => ({ submission, sha256: "", messageId: "" })),
    expire: async (keys: string[]) => void deleted.push(...keys),
  };
  const draws = [0.9, 0.1, 0.3];
  const coming = new Set(["b", "not counted", undefined]);
  const keys = await expireSome({ reader } as unknown as ChildCloud, coming, () => draws.shift() as number);
  expect(keys).toEqual(["b.json", "c.json"]);
  expect(deleted).toEqual(keys);
});

test("the first participants are those that bodies name with a valid id", () => {
  const texts = [
    "{",
    "null",
    "7",
    '{"user_id":"a/b"}',
    ...["a", "b", "a", "c", "d"].map((user_id) => `{"user_id":"${user_id}"}`),
  ];
  expect(firstParticipants(texts)).toEqual(["a", "b", "c"]);
});

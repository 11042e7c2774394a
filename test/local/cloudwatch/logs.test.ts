import { Logs } from "../../../local/cloudwatch/logs";

const text = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => `line ${from + i}\n`).join("");

test("the newest lines of a group are kept, with their positions", () => {
  const logs = new Logs(() => 1);
  logs.write("talk", "talks", text(0, 40_000));
  expect(logs.find("talk")?.events).toHaveLength(40_000);
  logs.write("talk", "talks", text(40_000, 40_001));
  const { events } = logs.find("talk") ?? { events: [] };
  expect(events).toHaveLength(20_000);
  expect(events[0]).toEqual({ position: 20_001, timestamp: 1, stream: "talks", message: "line 20001" });
  expect(events.at(-1)?.message).toBe("line 40000");
});

test("a group that is made after its first line keeps the line", () => {
  const logs = new Logs(() => 1);
  logs.write("talk", "talks", "hello\n");
  logs.create("talk", 30);
  expect(logs.list()).toMatchObject([{ name: "talk", retentionDays: 30, events: [{ message: "hello" }] }]);
});

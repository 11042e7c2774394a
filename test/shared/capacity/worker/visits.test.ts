import { Visits } from "../../../../shared/capacity/worker/visits";
import { MachineClock, VirtualTime } from "../../../support/virtualTime";

/** Visits that take `ms` and resolve to the times in `nexts`, in milliseconds from now. Also a log of what happened when. */
function world(nexts: number[] = [], ms = 0) {
  const time = new VirtualTime();
  const clock = new MachineClock(time, 0);
  const start = clock.now();
  const events: string[] = [];
  const visit = async () => {
    events.push(`visit ${time.now}`);
    if (ms > 0) await time.sleep(ms);
    return clock.now() + (nexts.shift() ?? Number.POSITIVE_INFINITY);
  };
  const visits: Visits = new Visits(clock, visit, () => void events.push(`after ${time.now} ${visits.dormant}`));
  return { time, start, visits, events };
}

test("nothing happens before a visit is planned", async () => {
  const { time, visits, events } = world();
  await time.runUntil(1000);
  expect([events, visits.dormant, visits.stopped, visits.beganAt]).toEqual([[], true, false, Number.NEGATIVE_INFINITY]);
});

test("a visit comes when it is planned, and the next one at the time that the visit returned", async () => {
  const { time, start, visits, events } = world([200, 300], 10);
  visits.plan(start + 100);
  expect(visits.dormant).toBe(false);
  await time.runUntil(105);
  expect([visits.beganAt, visits.dormant]).toEqual([start + 100, false]);
  await time.runUntil(5000);
  expect(events).toEqual([
    "visit 100",
    "after 110 false",
    "visit 310",
    "after 320 false",
    "visit 620",
    "after 630 true",
  ]);
});

test("an earlier plan replaces a later one, and no other", async () => {
  const { time, start, visits, events } = world();
  visits.plan(start + 300);
  visits.plan(start + 100);
  visits.plan(start + 100);
  visits.plan(start + 200);
  await time.runUntil(1000);
  expect(events).toEqual(["visit 100", "after 100 true"]);
});

test("an overdue visit comes at once", async () => {
  const { time, start, visits, events } = world();
  await time.runUntil(50);
  visits.plan(start + 10);
  await time.runUntil(60);
  expect(events).toEqual(["visit 51", "after 51 true"]);
});

test("while a visit is under way no other is planned; the callback after it may plan an earlier one", async () => {
  const { time, start, visits, events } = world([500], 20);
  visits.plan(start + 10);
  await time.runUntil(15);
  visits.plan(start + 16);
  visits.plan(start + 5);
  await time.runUntil(40);
  expect(events).toEqual(["visit 10", "after 30 false"]);
  visits.plan(start + 60);
  await time.runUntil(1000);
  expect(events.slice(2)).toEqual(["visit 60", "after 80 true"]);
});

test("stopping waits for the visit under way, and no further visit comes", async () => {
  const { time, start, visits, events } = world([100], 20);
  visits.plan(start + 10);
  await time.runUntil(15);
  let stopped = false;
  void visits.stop().then(() => {
    stopped = true;
  });
  expect(visits.stopped).toBe(true);
  await time.runUntil(25);
  expect(stopped).toBe(false);
  await time.runUntil(35);
  expect(stopped).toBe(true);
  visits.plan(start + 50);
  await time.runUntil(1000);
  expect(events).toEqual(["visit 10", "after 30 true"]);
});

test("stopping cancels the visit that is planned", async () => {
  const { time, start, visits, events } = world();
  visits.plan(start + 10);
  await visits.stop();
  await time.runUntil(1000);
  expect(events).toEqual([]);
});

test("sleeps until the planned visit, and not at all for an overdue one", async () => {
  const slept: number[] = [];
  const clock = {
    now: () => 1000,
    sleep: async (ms: number) => void slept.push(ms),
  };
  for (const at of [1250, 1000, 400]) {
    new Visits(
      clock,
      async () => Number.POSITIVE_INFINITY,
      () => undefined,
    ).plan(at);
  }
  expect(slept).toEqual([250, 0, 0]);
});

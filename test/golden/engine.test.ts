/** The engine's decisions without any store. The Python workers must decide the same. */

import { isTransient } from "../../shared/aws/transient";
import type { Purpose } from "../../shared/capacity/metering/direction";
import { divideTime, firstStopAt, unitBackoffMs } from "../../shared/drivers/invocationTime";
import { shuffledUnits } from "../../shared/drivers/shuffle";
import { Budget } from "../../shared/engine/budget";
import { fittingChains } from "../../shared/engine/crew";
import { movingRate } from "../../shared/engine/movingRate";
import { standingOf, tallyOf } from "../../shared/engine/tally";
import { firstTurn, lastTurn } from "../../shared/engine/turns";
import { SluiceError } from "../../shared/errors";
import type { UnitSummary } from "../../shared/jobs/stores";
import { readingOperations } from "../../shared/operations/reading";
import { identityProblem } from "../../shared/tables/identity";
import { verdictOf } from "../../shared/worker/verdict";
import { expectGolden } from "../support/golden";
import { sampleJob } from "../support/sampleJob";

const NOW = 1_800_000_000_000;

test("the order of units", () => {
  const seeds = ["a", "job", "2026-11-26-count-answers", "Z_9-", "x".repeat(64)];
  const counts = [0, 1, 2, 3, 7, 64, 1_000];
  expectGolden(
    "shuffled-units",
    seeds.flatMap((seed) => counts.map((count) => ({ seed, count, units: shuffledUnits(count, seed) }))),
  );
});

test("turns, times and back-offs", () => {
  const epochs = [0, 1, 2, 999].map((epoch) => ({ epoch, first: firstTurn(epoch), last: lastTurn(epoch) }));
  const times = [1_000, 3_000, 20_000, 60_000, 900_000, 12_345.5].map((ms) => {
    const time = divideTime(NOW, ms);
    return { ms, ...time, first: firstStopAt(time, () => 0.3) };
  });
  const backoffs = [0, 1, 2, 3, 6, 7, 20].flatMap((attempts) =>
    [0, 0.033, 0.5, 0.999].map((random) => ({ attempts, random, ms: unitBackoffMs(attempts, () => random) })),
  );
  expectGolden("engine-times", { epochs, times, backoffs });
});

test("moving rates", () => {
  const cases = [0, 0.000_001, 0.5, 100, 4_000].flatMap((rate) =>
    [0, 0.5, 128, 1e6].flatMap((units) =>
      [0, 0.0001, 0.3, 1, 5, 61].map((seconds) => ({ rate, units, seconds, next: movingRate(rate, units, seconds) })),
    ),
  );
  expectGolden("moving-rates", cases);
});

test("page budgets", () => {
  const rates = [undefined, 5, 200, 40_000, undefined, 200, 200];
  const observed: [items: number, ms: number][] = [
    [25, 300],
    [0, 5_000],
    [400, 900],
    [1, 0],
    [3, 60_000],
  ];
  const lookups = [undefined, undefined, undefined, undefined, 200, 100, 400];
  const cases = rates.map((write, at) => {
    let now = NOW;
    const lookup = lookups[at];
    const perSecond = (purpose: Purpose) => ({ read: 100, write, lookup })[purpose];
    const budget = new Budget({
      clock: { now: () => now, sleep: async () => undefined },
      deadline: NOW + 52_000,
      perSecond,
    });
    const most = [budget.mostItems() ?? null];
    for (const [items, ms] of observed) {
      budget.observe(items, ms);
      now += 9_000;
      most.push(budget.mostItems() ?? null);
    }
    return { write: write ?? null, lookup: lookup ?? null, observed, most };
  });
  expectGolden("page-budgets", cases);
});

test("the number of workers that fits", () => {
  const cases = [1, 2, 7, 16].flatMap((chains) =>
    [0, 0.3, 0.7, 0.75, 0.96, 1].flatMap((busy) =>
      [0, 0.01, 0.06, 0.2, 0.5, 1].flatMap((used) =>
        [1, 4, 0.25].flatMap((factor) =>
          [3, 64].map((most) => ({
            chains,
            busy,
            used,
            factor,
            most,
            fits: fittingChains(chains, { busy, used, factor }, most),
          })),
        ),
      ),
    ),
  );
  expectGolden("fitting-chains", cases);
});

test("the standing of units", () => {
  const turns = [0, firstTurn(1), lastTurn(1), firstTurn(2)];
  const units: UnitSummary[] = (["active", "done", "failed"] as const).flatMap((state) =>
    turns.flatMap((turn) =>
      [undefined, NOW - 1, NOW, NOW + 5].flatMap((leaseUntil) =>
        [undefined, NOW, NOW + 7].map((retryAt) => ({
          number: 0,
          ...{ state, turn },
          ...(leaseUntil === undefined ? {} : { owner: "request/1", leaseUntil }),
          ...(retryAt === undefined ? {} : { retryAt }),
        })),
      ),
    ),
  );
  const numbered = units.map((unit, index) => ({ ...unit, number: 2 * index }));
  const job = { units: 2 * units.length, epoch: 1 };
  const { dueAt = null, ...tally } = tallyOf(numbered, job, NOW);
  const standings = numbered.map((unit) => ({ ...unit, standing: { ...standingOf(unit, job, NOW) } }));
  expectGolden("unit-standings", { now: NOW, ...job, standings, tally: { ...tally, dueAt } } as never);
});

test("whether a source is the one that the job began with", () => {
  const identities = [
    {},
    { id: "a" },
    { id: "b", createdAt: 5 },
    { createdAt: 5 },
    { id: "a", createdAt: 6 },
    { id: "a", index: '{"keys":[]}' },
    { id: "a", index: '{"keys":[["HASH","é"]]}' },
  ];
  const cases = identities.flatMap((before) =>
    identities.map((now) => ({ before, now, problem: identityProblem(before, now, "answers") ?? null })),
  );
  expectGolden("identity-problems", cases);
});

test("which errors no unit can get past", () => {
  const codes = [
    "ResourceNotFoundException",
    "AccessDeniedException",
    "NoSuchBucket",
    "AccessDenied",
    "ValidationException",
  ];
  const own = ["NO_SUCH_OPERATION", "UPDATE_NOT_IDEMPOTENT", "UPDATE_READS_UNDECLARED", "KEY_MISSING", "LEASE_LOST"];
  const target = { name: "copies", keys: ["id"], keyTypes: { id: "S" }, indexes: [] };
  const cases = [...codes, ...own].flatMap((code) =>
    [undefined, target].flatMap((changed) =>
      ["count", "mine"].map((operation) => {
        const error = codes.includes(code) ? Object.assign(new Error("m"), { name: code }) : new SluiceError(code, "m");
        const job = sampleJob({
          operation: { name: operation, params: {} },
          ...(changed && { target: changed as never }),
        });
        const verdict = verdictOf(error, job, false, readingOperations) ?? null;
        return { code, aws: codes.includes(code), target: changed?.name ?? null, operation, verdict };
      }),
    ),
  );
  expectGolden("verdicts", cases);
});

test("which errors of AWS pass", () => {
  const names = [
    ...["ThrottlingException", "ProvisionedThroughputExceededException", "SlowDown", "RequestLimitExceeded"],
    ...["LimitExceededException", "TooManyRequestsException", "TransactionInProgressException"],
    ...["TransactionConflictException", "ConditionalRequestConflict", "OperationAborted", "RequestTimeout"],
    ...["InternalServerError", "ServiceUnavailable", "ValidationException", "AccessDeniedException"],
    ...["ResourceNotFoundException", "ConditionalCheckFailedException", "NoSuchKey", "ExpiredTokenException"],
  ];
  const of = (code: string, status: number, more: { message?: string; reasons?: (string | null)[] } = {}) => {
    const { message = "m", reasons } = more;
    const CancellationReasons = reasons?.map((Code) => (Code === null ? {} : { Code }));
    const error = Object.assign(new Error(message), {
      name: code,
      $metadata: { httpStatusCode: status },
      CancellationReasons,
    });
    return { code, status, message, reasons: reasons ?? null, passes: isTransient(error) };
  };
  expectGolden("transient-errors", [
    ...names.flatMap((name) => [400, 429, 500, 503, 507].map((status) => of(name, status))),
    of("InvalidSignatureException", 400, { message: "Signature expired: 1 is now earlier than 2" }),
    of("InvalidSignatureException", 400, { message: "The request signature does not match" }),
    of("TransactionCanceledException", 400, { reasons: ["None", "TransactionConflict"] }),
    of("TransactionCanceledException", 400, { reasons: ["ThrottlingError", null] }),
    of("TransactionCanceledException", 400, { reasons: ["ConditionalCheckFailed", "None"] }),
    of("TransactionCanceledException", 400, { reasons: [] }),
  ]);
});

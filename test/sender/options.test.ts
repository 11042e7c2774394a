import type { SQSClient } from "@aws-sdk/client-sqs";
import { systemClock } from "../../sender/clock";
import type { SenderError } from "../../sender/errors";
import { resolveOptions, type SenderOptions } from "../../sender/options";
import { DEFAULT_RETRY } from "../../sender/retry";
import { CREDENTIALS, FakeClock } from "./helpers";

const client = {} as SQSClient;
const guest = { identityPoolId: "eu-central-1:0a1b-2c", guestRoleArn: "arn:aws:iam::123456789012:role/guest" };
const DAY_MS = 86_400_000;

/** The sentence in which options are refused. */
function refusal(options: SenderOptions): string {
  try {
    resolveOptions(options);
  } catch (error) {
    const { code, message, value, retryable } = error as SenderError;
    expect([code, value, retryable]).toEqual(["BAD_OPTION", options.retry, false]);
    return message;
  }
  throw new Error("not refused");
}

test("the defaults are in place", () => {
  expect(resolveOptions()).toEqual({ policy: DEFAULT_RETRY, clock: systemClock, random: Math.random });
});

test("given values stay, and missing ones get their defaults", () => {
  const [clock, random] = [new FakeClock(), () => 0.5];
  const retry = { attempts: 2, maxDelayMs: undefined } as unknown as SenderOptions["retry"];
  const resolved = resolveOptions({ clock, random, retry, region: "eu-west-1", guest });
  expect(resolved).toEqual({
    clock,
    random,
    retry,
    region: "eu-west-1",
    guest,
    policy: { ...DEFAULT_RETRY, attempts: 2 },
  });
});

describe("retry", () => {
  const bounds = [
    ["attempts", 1, 100],
    ["baseDelayMs", 0, DAY_MS],
    ["maxDelayMs", 0, DAY_MS],
    ["attemptTimeoutMs", 1, DAY_MS],
    ["totalTimeoutMs", 1, DAY_MS],
  ] as const;

  test.each(bounds)("%s is from %d to %d", (name, lowest, highest) => {
    for (const value of [lowest, highest])
      expect(resolveOptions({ retry: { [name]: value } }).policy[name]).toBe(value);
    const kind = name === "attempts" ? "a whole number" : "a number";
    for (const value of [lowest - 1, highest + 1, Number.NaN, "5", null]) {
      expect(refusal({ retry: { [name]: value } as object })).toBe(
        `retry.${name} must be ${kind} from ${lowest} to ${highest}, got ${value}.`,
      );
    }
  });

  test("half an attempt is refused, half a millisecond is accepted", () => {
    expect(refusal({ retry: { attempts: 1.5 } })).toContain("retry.attempts must be a whole number");
    expect(resolveOptions({ retry: { maxDelayMs: 1.5 } }).policy.maxDelayMs).toBe(1.5);
  });
});

describe("access", () => {
  test.each<[string, SenderOptions]>([
    ["endpoint", { endpoint: "http://127.0.0.1" }],
    ["credentials", { credentials: CREDENTIALS }],
    ["guest", { guest }],
    ["endpoint, credentials, guest", { endpoint: "http://127.0.0.1", credentials: CREDENTIALS, guest }],
  ])("a client of the caller's excludes %s", (names, options) => {
    expect(refusal({ client, ...options })).toBe(`client excludes ${names}.`);
    expect(resolveOptions(options)).toMatchObject(options);
  });

  test("a client of the caller's can be combined with a region and a policy", () => {
    expect(resolveOptions({ client, region: "eu-west-1", retry: { attempts: 1 } })).toMatchObject({ client });
  });

  test.each([
    "eu-central-1",
    ":0a1b",
    "eu-central-1:",
    "EU:0a1b",
    "x eu-central-1:0a1b",
    "eu-central-1:0a1b x",
    undefined,
  ])("%p is no identity pool", (identityPoolId) => {
    expect(refusal({ guest: { ...guest, identityPoolId: identityPoolId as string } })).toBe(
      `identityPoolId must be <region>:<uuid>, got ${identityPoolId}.`,
    );
  });

  test.each([
    "arn:aws:iam::123456789012:role/",
    "arn:aws:iam::12345678901:role/guest",
    "arn:aws:iam::1234567890123:role/guest",
    "arn:aws:iam::123456789012:user/guest",
    "arn::iam::123456789012:role/guest",
    "x arn:aws:iam::123456789012:role/guest",
    undefined,
  ])("%p is no role", (guestRoleArn) => {
    expect(refusal({ guest: { ...guest, guestRoleArn: guestRoleArn as string } })).toBe(
      `guestRoleArn must be the ARN of a role, got ${guestRoleArn}.`,
    );
  });

  test.each(["arn:aws-cn:iam::123456789012:role/path/guest", "arn:aws-us-gov:iam::123456789012:role/g"])(
    "%s is a role",
    (guestRoleArn) => {
      expect(resolveOptions({ guest: { ...guest, guestRoleArn } })).toMatchObject({ guest: { guestRoleArn } });
    },
  );
});

test("all problems are in one sentence", () => {
  expect(refusal({ client, guest: { identityPoolId: "a", guestRoleArn: "b" }, retry: { attempts: 0 } })).toBe(
    "retry.attempts must be a whole number from 1 to 100, got 0; client excludes guest; " +
      "identityPoolId must be <region>:<uuid>, got a; guestRoleArn must be the ARN of a role, got b.",
  );
});

test.each<[string, unknown, string | undefined]>([
  ["both functions", { getItem: () => null, setItem: () => {} }, undefined],
  ["one of them", { getItem: () => null }, "guestStorage must have a function setItem."],
  ["none", {}, "guestStorage must have a function getItem; guestStorage must have a function setItem."],
  ["nothing", null, "guestStorage must have a function getItem; guestStorage must have a function setItem."],
])("a guest's storage with %s", (_, guestStorage, message) => {
  const resolve = () => resolveOptions({ guestStorage: guestStorage as never });
  if (message === undefined) expect(resolve()).toMatchObject({ guestStorage });
  else expect(resolve).toThrow(message);
});

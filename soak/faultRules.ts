/** The fault rules of a soak; see docs/local-cloud.md for their form. */

interface Rule {
  service: "dynamodb" | "s3" | "sqs" | "lambda" | "eventSourceMapping";
  action?: string;
  /** Default: functions and pollers only. */
  caller?: "everybody";
  probability?: number;
  fault: { kind: string; [option: string]: unknown };
}

/** Share of calls for each kind of fault. */
const SHARE = 0.02;
const THROTTLES = { dynamodb: "ThrottlingException", s3: "SlowDown", sqs: "ThrottlingException" } as const;

/**
 * The faults during the whole run: of calls to every service, answers, deliveries, functions, and the sender's own calls.
 * The answers that the sender gets are lost elsewhere (sending/proxy.ts), after the receipts in them were kept.
 */
export function everydayFaults(): Rule[] {
  const services = (["dynamodb", "s3", "sqs"] as const).flatMap((service) => callFaults(service, {}));
  const sending = ["SendMessage", "SendMessageBatch"].flatMap((action) =>
    callFaults("sqs", { action, caller: "everybody" }).filter(({ fault }) => fault.kind !== "lost"),
  );
  return [
    ...services,
    ...sending,
    { service: "lambda", probability: SHARE, fault: { kind: "kill", ms: { uniform: [0, 60] } } },
    { service: "eventSourceMapping", probability: 0.05, fault: { kind: "duplicate" } },
  ];
}

/** No call reaches DynamoDB. */
export const OUTAGE: Rule = { service: "dynamodb", caller: "everybody", fault: { kind: "reset" } };

function callFaults(service: keyof typeof THROTTLES, which: Pick<Rule, "action" | "caller">): Rule[] {
  const faults: Rule["fault"][] = [
    { kind: "latency", ms: { uniform: [100, 1_000] } },
    { kind: "error", code: "InternalServerError", status: 500 },
    { kind: "error", code: THROTTLES[service], status: service === "s3" ? 503 : 400 },
    { kind: "reset" },
    { kind: "lost" },
  ];
  return faults.map((fault) => ({ service, ...which, probability: SHARE, fault }));
}

import * as v from "valibot";
import { SluiceError } from "../../shared/errors";

const milliseconds = v.pipe(v.number(), v.minValue(0), v.maxValue(900_000));

/** How long something takes: always the same, uniform between two, or exponential with a mean. Milliseconds. */
const duration = v.union([
  v.strictObject({ fixed: milliseconds }),
  v.strictObject({ uniform: v.tuple([milliseconds, milliseconds]) }),
  v.strictObject({ exponential: milliseconds }),
]);

const kinds = {
  /** Answers with an error instead of doing anything. */
  error: v.strictObject({
    kind: v.literal("error"),
    code: v.pipe(v.string(), v.minLength(1)),
    status: v.optional(v.pipe(v.number(), v.integer(), v.minValue(400), v.maxValue(599)), 500),
    message: v.optional(v.string(), "injected by a fault rule"),
  }),
  /** Waits before anything is done. */
  latency: v.strictObject({ kind: v.literal("latency"), ms: duration }),
  /** Does it, and breaks the connection instead of answering. */
  lost: v.strictObject({ kind: v.literal("lost") }),
  /** Breaks the connection before anything is done. */
  reset: v.strictObject({ kind: v.literal("reset") }),
  /** Kills the function that calls, or an executor of the Glue run, before or after its request takes effect. */
  killCaller: v.strictObject({
    kind: v.literal("killCaller"),
    when: v.optional(v.picklist(["before", "after"]), "before"),
  }),
  /** Lambda: kills the instance at some moment of an invocation. */
  kill: v.strictObject({ kind: v.literal("kill"), ms: duration }),
  /** Lambda: the handler never answers. */
  hang: v.strictObject({ kind: v.literal("hang") }),
  /** Lambda: loading the handler fails. */
  failToLoad: v.strictObject({ kind: v.literal("failToLoad") }),
  /** Event source mapping, Step Functions: the message or task is delivered to a second invocation at the same time. */
  duplicate: v.strictObject({ kind: v.literal("duplicate") }),
  /** Event source mapping: the batch is shuffled. */
  reorder: v.strictObject({ kind: v.literal("reorder") }),
  /** Event source mapping: the message is delivered later, on its own. */
  late: v.strictObject({ kind: v.literal("late"), ms: duration }),
  /** EventBridge: an event that one of AWS's services publishes gets lost. */
  drop: v.strictObject({ kind: v.literal("drop") }),
} as const;

const SERVICES = ["dynamodb", "sqs", "s3", "lambda", "events", "sns", "states", "glue", "eventSourceMapping"] as const;
/** The faults that a call through the gateway can meet. */
const OF_CALLS: readonly string[] = ["error", "latency", "lost", "reset", "killCaller"];
/** The kinds of fault each service can have. */
const BY_SERVICE: Record<(typeof SERVICES)[number], readonly string[]> = {
  dynamodb: OF_CALLS,
  sqs: OF_CALLS,
  s3: OF_CALLS,
  events: [...OF_CALLS, "drop"],
  sns: OF_CALLS,
  glue: OF_CALLS,
  lambda: [...OF_CALLS, "kill", "hang", "failToLoad"],
  states: [...OF_CALLS, "duplicate"],
  eventSourceMapping: ["duplicate", "reorder", "late"],
};

const ruleSchema = v.pipe(
  v.strictObject({
    service: v.picklist(SERVICES),
    /** API action such as `PutObject`. Default: every action. */
    action: v.optional(v.string()),
    /**
     * Text that the resource (table, queue URL, bucket and key, function name, ARN, source and type of an event) must contain. Default:
     * every resource.
     */
    resource: v.optional(v.string()),
    /** Whose calls: those of functions and pollers (`roles`, the default), or everybody's. */
    caller: v.optional(v.picklist(["roles", "everybody"]), "roles"),
    /** Share of the matching calls, 0 to 1. Default 1. */
    probability: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(1)), 1),
    /** Number of times that it strikes. Default: whenever it matches. */
    count: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1))),
    fault: v.variant("kind", Object.values(kinds) as unknown as [typeof kinds.error, typeof kinds.latency]),
  }),
  v.check(
    ({ service, fault }) => BY_SERVICE[service].includes(fault.kind),
    "the service does not have this kind of fault",
  ),
);

const planSchema = v.strictObject({
  /** Makes a run repeatable. Default 1. */
  seed: v.optional(v.pipe(v.number(), v.integer()), 1),
  rules: v.array(ruleSchema),
});

type Kinds = typeof kinds;
export type Fault = { [K in keyof Kinds]: v.InferOutput<Kinds[K]> }[keyof Kinds];
export type Duration = v.InferOutput<typeof duration>;
export type FaultRule = Omit<v.InferOutput<typeof ruleSchema>, "fault"> & { fault: Fault };
export interface FaultPlan {
  seed: number;
  rules: FaultRule[];
}
export type FaultService = (typeof SERVICES)[number];

/** @throws SluiceError BAD_FAULT_PLAN that lists every problem. */
export function parseFaultPlan(plan: unknown): FaultPlan {
  const result = v.safeParse(planSchema, plan);
  if (result.success) return result.output as FaultPlan;
  const problems = result.issues.map((issue) => `${v.getDotPath(issue) ?? "the plan"}: ${issue.message}`);
  throw new SluiceError("BAD_FAULT_PLAN", `The fault rules are wrong: ${problems.join("; ")}.`, { value: problems });
}

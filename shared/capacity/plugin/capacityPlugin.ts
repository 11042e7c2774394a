/**
 * Lets every attempt of every request to one table pass through a capacity limiter:
 *
 * ```ts
 * const client = new DynamoDBClient({});
 * client.middlewareStack.use(capacityPlugin(limiter, { table: "results", direction: "write" }));
 * ```
 *
 * Two middlewares. The outer one (step `initialize`) asks for the figures that metering needs and takes them out of the
 * answer again, so that callers get exactly what they asked for. The gate stands right below the SDK's retry middleware
 * (step `finalizeRequest`) and above signing: each attempt waits for its turn and is charged by itself, and a long wait
 * does not age a signature. Requests to other tables, of the other direction, or of operations that consume nothing pass
 * untouched.
 *
 * Every request that may use the table is gated. A PartiQL statement of unknown form counts as both a read and a write of
 * the table, and so does an unknown operation that names the table. If a response doesn't report the consumption, the
 * limiter's estimate is charged. `StartBulkPutItems` is refused: the service writes at a rate of its own.
 */
import type { ServiceInputTypes, ServiceOutputTypes } from "@aws-sdk/client-dynamodb";
import type { FinalizeRequestMiddleware, Pluggable } from "@smithy/types";
import { SluiceError } from "../../errors";
import type { Direction } from "../metering/direction";
import type { CapacityLimiter, Permit } from "../worker/limiter";
import { errorAsAsked, metered, outputAsAsked } from "./asAsked";
import { type Input, useOf } from "./operations";
import { type Outcome, type Output, outcomeOf, outcomeOfError, unreported } from "./outcome";

export interface CapacityPluginOptions {
  /** Name of the table whose capacity is limited. */
  readonly table: string;
  /** Which of its capacities. Use the plug-in twice, with two limiters, for both. */
  readonly direction: Direction;
}

/** The part of the limiter that the plug-in needs. */
export type Gate = Pick<CapacityLimiter, "acquire" | "throttled">;

type Plugin = Pluggable<ServiceInputTypes, ServiceOutputTypes>;
type GateMiddleware = FinalizeRequestMiddleware<ServiceInputTypes, ServiceOutputTypes>;

export function capacityPlugin(gate: Gate, { table, direction }: CapacityPluginOptions): Plugin {
  const name = `${table}_${direction}`;
  return {
    applyToStack: (stack) => {
      stack.add(
        (next, context) => async (args) => {
          const asked = args.input as Input;
          const use = useOf(context.commandName, asked, table, direction);
          if (use === "unlimited") throw unlimitedError(context.commandName, table);
          if (use !== "metered") return next(args);
          return asAsked(asked, () => next({ ...args, input: metered(asked) as ServiceInputTypes }));
        },
        { step: "initialize", name: `capacityAsk_${name}`, override: true },
      );
      const gateMiddleware: GateMiddleware = (next, context) => async (args) => {
        const input = args.input as Input;
        const use = useOf(context.commandName, input, table, direction);
        if (use === "none") return next(args);
        const after = use === "metered" ? (output: Output) => outcomeOf(output, input, table) : () => unreported;
        const afterError = (error: unknown) => outcomeOfError(error, input, table);
        return attempt(gate, abortSignalOf(context), () => next(args), after, afterError);
      };
      const belowRetries = { relation: "after", toMiddleware: "retryMiddleware", override: true } as const;
      stack.addRelativeTo(gateMiddleware, { ...belowRetries, name: `capacityGate_${name}` });
    },
  };
}

/** Sends a request that asks for more than the caller did, and removes the additions from the answer. */
async function asAsked<Result extends { output: object }>(asked: Input, send: () => Promise<Result>): Promise<Result> {
  try {
    const result = await send();
    outputAsAsked(result.output as Output, asked);
    return result;
  } catch (error) {
    errorAsAsked(error, asked);
    throw error;
  }
}

/** One attempt: waits for capacity, sends, and charges the consumption that `after` or `afterError` finds. */
async function attempt<Result extends { output: object }>(
  gate: Gate,
  signal: AbortSignal | undefined,
  send: () => Promise<Result>,
  after: (output: Output) => Outcome,
  afterError: (error: unknown) => Outcome,
): Promise<Result> {
  const permit = await gate.acquire(signal === undefined ? {} : { signal });
  try {
    const result = await send();
    settle(gate, permit, after(result.output as Output));
    return result;
  } catch (error) {
    settle(gate, permit, afterError(error));
    throw error;
  }
}

function settle(gate: Gate, permit: Permit, { consumed, throttled }: Outcome): void {
  if (throttled) gate.throttled();
  if (consumed === undefined) permit.keep();
  else if (consumed.table === 0 && consumed.indexes === undefined) permit.release();
  else permit.charge(consumed);
}

function unlimitedError(command: string | undefined, table: string): SluiceError {
  const message =
    `capacity plug-in: requests to table ${table} must share its limit, which ${command} cannot; ` +
    "send it through a client without the limit";
  return new SluiceError("capacity.unlimited-operation", message, { value: command });
}

/** The signal of `client.send(command, { abortSignal })`, where the SDK keeps it for its own retry middleware. */
function abortSignalOf(context: object): AbortSignal | undefined {
  const smithy = (context as { __smithy_context?: { abortSignal?: AbortSignal } }).__smithy_context;
  return smithy?.abortSignal;
}

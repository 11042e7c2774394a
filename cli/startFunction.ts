import { InvokeCommand, type LambdaClient, ResourceNotFoundException } from "@aws-sdk/client-lambda";
import * as v from "valibot";
import { namedReason } from "../shared/describeError";
import { SluiceError } from "../shared/errors";
import type { Initiator, Origin } from "../shared/jobs/audit";
import { clientContextOf, type PlanAnswer, type StartAnswer, type StartRefusal } from "../shared/jobs/startFunction";
import type { EstimateRequest, ResumeRequest, StartRequest } from "../shared/jobs/startRequest";
import { awsSentence } from "./awsError";
import type { Operator } from "./operator";
import { withNearestTables } from "./start/nearestTables";

type Client = Pick<LambdaClient, "send">;

const limits = v.array(
  v.object({
    direction: v.picklist(["read", "write"]),
    purpose: v.exactOptional(v.literal("lookup")),
    table: v.string(),
    limits: v.object({ table: v.number(), indexes: v.exactOptional(v.record(v.string(), v.number())) }),
  }),
);
const Answer = v.object({
  job: v.string(),
  state: v.string(),
  units: v.number(),
  limits,
  startedBefore: v.exactOptional(v.literal(true)),
  warnings: v.exactOptional(v.array(v.string())),
});
const Plan = v.object({
  plan: v.object({
    changes: v.exactOptional(v.object({ table: v.string(), dryRun: v.boolean() })),
    work: v.object({ operation: v.string(), table: v.string(), index: v.exactOptional(v.string()) }),
    driver: v.exactOptional(v.picklist(["workflow", "spark"])),
    source: v.exactOptional(v.string()),
    filtered: v.boolean(),
    consistentRead: v.boolean(),
    items: v.number(),
    bytes: v.number(),
    onePassRcu: v.number(),
    units: v.number(),
    limits,
    capacity: v.exactOptional(v.object({ perSecond: v.number(), paidBy: v.picklist(["request", "hour"]) })),
    workers: v.object({ memoryMegabytes: v.number(), timeoutSeconds: v.number(), maximumConcurrency: v.number() }),
    spark: v.exactOptional(
      v.object({ workers: v.number(), dpusPerWorker: v.number(), flex: v.boolean(), timeoutMinutes: v.number() }),
    ),
    warnings: v.array(v.string()),
  }),
});
const Refusal = v.object({
  code: v.string(),
  problems: v.array(v.string()),
  tables: v.exactOptional(
    v.array(
      v.object({
        option: v.picklist(["table", "to"]),
        among: v.picklist(["readable", "changeable"]),
        problem: v.string(),
      }),
    ),
  ),
});

/**
 * Starts or resumes a job in the operator's name, which audit lists show.
 *
 * @param origin the job whose redrive or undo is started; its own audit list shows that too. @throws as invokeStart
 */
export async function startAsOperator(
  { control, caller, lambda, startFunction, tables }: Operator,
  request: StartRequest | ResumeRequest,
  origin?: Origin,
): Promise<StartAnswer | StartRefusal> {
  const initiator = { caller: await caller(), ...(origin !== undefined && { origin }) };
  const answer = await invokeStart(lambda, startFunction, request, initiator);
  if (isRefusal(answer)) return "table" in request ? withNearestTables(answer, request, tables) : answer;
  if (origin === undefined || answer.startedBefore) return answer;
  try {
    await control.note(origin.job, origin.action, answer.job);
    return answer;
  } catch (error) {
    const why = error instanceof SluiceError ? error.message : awsSentence(error);
    if (why === undefined) throw error;
    const warning = `The audit list of job ${origin.job} lacks this ${origin.action} (${why.replace(/\.$/, "")}).`;
    return { ...answer, warnings: [...(answer.warnings ?? []), warning] };
  }
}

/**
 * Invokes the start function and waits for its answer.
 *
 * @param initiator who asks, for the audit list. Default: nobody is named.
 * @throws SluiceError `NO_START_FUNCTION`, `START_FAILED` (it ended with an error), `START_ANSWER_INVALID`, or the
 *   SDK's error
 */
export function invokeStart(
  client: Client,
  name: string,
  request: StartRequest | ResumeRequest,
  initiator?: Initiator,
): Promise<StartAnswer | StartRefusal> {
  return invoke(client, name, request, Answer, initiator);
}

/** Asks the start function for the plan of a request; starts nothing. @throws as invokeStart */
export async function invokePlan(
  { lambda, startFunction, tables }: Pick<Operator, "lambda" | "startFunction" | "tables">,
  request: StartRequest,
): Promise<PlanAnswer | StartRefusal> {
  const answer = await invoke<PlanAnswer>(lambda, startFunction, { estimate: request }, Plan);
  return isRefusal(answer) ? withNearestTables(answer, request, tables) : answer;
}

async function invoke<Accepted>(
  client: Client,
  name: string,
  request: StartRequest | ResumeRequest | EstimateRequest,
  schema: v.GenericSchema<unknown, Accepted>,
  initiator?: Initiator,
): Promise<Accepted | StartRefusal> {
  const context = initiator === undefined ? {} : { ClientContext: clientContextOf(initiator) };
  const command = new InvokeCommand({ FunctionName: name, Payload: JSON.stringify(request), ...context });
  const { FunctionError, Payload } = await client.send(command).catch((cause) => {
    if (!(cause instanceof ResourceNotFoundException)) throw cause;
    const message = `There is no function ${name}, though the stack's outputs name it: run \`pulumi up\` again.`;
    throw new SluiceError("NO_START_FUNCTION", message, { value: name, cause });
  });
  const answer = parse(Buffer.from(Payload ?? []).toString());
  if (FunctionError !== undefined) throw failure(name, answer);
  const accepted = v.safeParse(schema, answer);
  if (accepted.success) return accepted.output;
  const refused = v.safeParse(Refusal, answer);
  if (refused.success) return refused.output;
  const message = `Function ${name} must return a start function's answer, got ${JSON.stringify(answer)}.`;
  throw new SluiceError("START_ANSWER_INVALID", message, { value: answer });
}

export function isRefusal(answer: StartAnswer | PlanAnswer | StartRefusal): answer is StartRefusal {
  return "problems" in answer;
}

/** The function may have done part of its work, so the sentence points to the list of jobs. */
function failure(name: string, answer: unknown): SluiceError {
  const { errorType, errorMessage } = (answer ?? {}) as { errorType?: string; errorMessage?: string };
  const reason = namedReason(errorType, errorMessage).replaceAll(/\s+/g, " ") || "no reason given";
  const message = `Function ${name} failed (${reason}). Its log has more; \`jobs list\` shows whether the job exists.`;
  return new SluiceError("START_FAILED", message, { value: answer });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

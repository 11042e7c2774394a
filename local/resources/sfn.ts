import { randomUUID } from "node:crypto";
import { SluiceError } from "../../shared/errors";
import { trustsService } from "../gateway/permissions/evaluation/trust";
import type { Parts } from "../parts";
import { parseDefinition } from "../stepfunctions/definition/parseDefinition";
import { FORBIDDEN_CHARACTERS } from "../stepfunctions/definition/ranges";
import type { LoggingConfiguration } from "../stepfunctions/executionLog";
import { autoName, type ResourceType } from "./resourceType";

const NAME_CHARACTERS_MAX = 80;

/**
 * The actions that Step Functions takes with the state machine's role when it sets up logging.
 * https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html
 */
const LOGGING_ACTIONS = [
  ...["CreateLogDelivery", "GetLogDelivery", "UpdateLogDelivery", "DeleteLogDelivery", "ListLogDeliveries"],
  ...["PutResourcePolicy", "DescribeResourcePolicies", "DescribeLogGroups"],
];

export const stateMachine: ResourceType = {
  honours: ["name", "definition", "roleArn", "type", "loggingConfiguration", "tracingConfiguration"],
  excuses: { tags: "nothing reads tags locally" },
  async create({ name, inputs }, parts) {
    const { type = "STANDARD" } = inputs;
    if (type !== "STANDARD") {
      const message = `${name}: the local cloud has state machines of type STANDARD, not ${type}.`;
      throw new SluiceError("INPUT_NOT_HONOURED", message, { value: type });
    }
    const physical = String(inputs.name ?? autoName(name));
    checkName(physical);
    const roleArn = String(inputs.roleArn);
    const definitionText = String(inputs.definition);
    const definition = parseDefinition(name, definitionText);
    await checkRole(name, roleArn, parts);
    const logging = loggingOf(name, inputs.loggingConfiguration);
    if (logging.level !== "OFF") await checkLogging(name, physical, roleArn, parts);
    const tracing = (inputs.tracingConfiguration as { enabled?: boolean } | undefined)?.enabled === true;
    const { region, accountId } = parts;
    const arn = `arn:aws:states:${region}:${accountId}:stateMachine:${physical}`;
    const createdAt = Date.now();
    parts.stateMachines.deploy({
      ...{ arn, name: physical, roleArn, definition, definitionText, logging, tracing, createdAt },
    });
    const creationDate = new Date(createdAt).toISOString();
    const outputs = { arn, name: physical, type, creationDate, status: "ACTIVE", revisionId: randomUUID() };
    return { id: arn, state: { ...inputs, ...outputs } };
  },
};

function checkName(name: string): void {
  if (name.length > NAME_CHARACTERS_MAX) {
    const message = `AWS allows at most ${NAME_CHARACTERS_MAX} characters in the name of a state machine, got ${name}.`;
    throw new SluiceError("LIMIT_EXCEEDED", message, { value: name });
  }
  if (!FORBIDDEN_CHARACTERS.test(name)) return;
  throw new SluiceError("INVALID_NAME", `Invalid Name: '${name}'`, { value: name });
}

/** Step Functions assumes the state machine's role: a role that does not trust it is refused at once. */
async function checkRole(name: string, roleArn: string, { roles }: Parts): Promise<void> {
  const role = roles.byArn(roleArn);
  if (role && (await trustsService(role, "states.amazonaws.com"))) return;
  throw new SluiceError(
    "ROLE_NOT_ASSUMABLE",
    `${name}: Neither the global service principal states.amazonaws.com, nor the regional one is authorized to assume the provided role: ${roleArn}.`,
    { value: roleArn },
  );
}

function loggingOf(name: string, given: unknown): LoggingConfiguration {
  const {
    level = "OFF",
    includeExecutionData = false,
    logDestination,
  } = (given ?? {}) as Partial<LoggingConfiguration>;
  if (level !== "OFF" && !/^arn:aws:logs:.*:log-group:.+:\*$/.test(logDestination ?? "")) {
    const message = `${name}: logDestination must be the ARN of a log group with :* at its end, got ${logDestination}.`;
    throw new SluiceError("INVALID_LOGGING_CONFIGURATION", message, { value: logDestination });
  }
  return { level, includeExecutionData, logDestination };
}

async function checkLogging(name: string, sessionName: string, roleArn: string, { permissions }: Parts): Promise<void> {
  const refusals: string[] = [];
  for (const action of LOGGING_ACTIONS) {
    const need = { action: `logs:${action}`, resource: "*", context: {} };
    const refusal = await permissions.refusalOf({ kind: "role", roleArn, sessionName }, need);
    if (refusal !== undefined) refusals.push(action);
  }
  if (refusals.length === 0) return;
  throw new SluiceError(
    "ACCESS_DENIED",
    `${name}: The state machine IAM Role is not authorized to access the Log Destination: it lacks ${refusals.join(", ")}.`,
    { value: refusals },
  );
}

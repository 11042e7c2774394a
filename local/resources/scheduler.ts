import { SluiceError } from "../../shared/errors";
import { isJson } from "../../shared/json";
import { trustsService } from "../gateway/permissions/evaluation/trust";
import type { Parts } from "../parts";
import { autoName, type Inputs, type ResourceType } from "./resourceType";

const BY_HAND = "schedules fire by hand only";
const STATES: readonly unknown[] = ["ENABLED", "DISABLED"];
/** https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html */
const EXPRESSION =
  /^(rate\([1-9]\d* (minutes?|hours?|days?)\)|cron\(\S+( \S+){5}\)|at\(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\))$/;
const TARGET_INPUTS = ["arn", "roleArn", "input", "retryPolicy"];

export const scheduleGroup: ResourceType = {
  honours: ["name"],
  excuses: { tags: "nothing reads tags locally" },
  create({ name, inputs }, parts) {
    const physical = String(inputs.name ?? autoName(name));
    const arn = `arn:aws:scheduler:${parts.region}:${parts.accountId}:schedule-group/${physical}`;
    return { id: physical, state: { ...inputs, name: physical, arn, state: "ACTIVE" } };
  },
};

export const schedule: ResourceType = {
  honours: ["name", "groupName", "scheduleExpression", "state", "target"],
  excuses: {
    description: "nothing reads descriptions locally",
    flexibleTimeWindow: BY_HAND,
    scheduleExpressionTimezone: BY_HAND,
  },
  async create({ name, inputs }, parts) {
    const { groupName = "default", scheduleExpression, state = "ENABLED" } = inputs;
    const expression = String(scheduleExpression);
    if (!EXPRESSION.test(expression)) throw invalid(name, "Invalid Schedule Expression", expression);
    if (!STATES.includes(state)) throw invalid(name, "state must be ENABLED or DISABLED", state);
    const { region, accountId } = parts;
    const target = targetOf(name, inputs.target as Inputs, parts);
    await checkRole(name, target.roleArn, String(groupName), parts);
    const physical = String(inputs.name ?? autoName(name));
    const arn = `arn:aws:scheduler:${region}:${accountId}:schedule/${groupName}/${physical}`;
    parts.schedules.add({ name: physical, arn, expression, enabled: state === "ENABLED", ...target });
    return { id: `${groupName}/${physical}`, state: { ...inputs, name: physical, groupName, state, arn } };
  },
};

function targetOf(name: string, target: Inputs, { stateMachines, functions }: Parts) {
  const lost = Object.keys(target).filter((key) => target[key] !== undefined && !TARGET_INPUTS.includes(key));
  if (lost.length > 0) throw invalid(name, "the local cloud does not honour these inputs of a target", lost.join(", "));
  const { arn, roleArn, input = "{}" } = target;
  const targetArn = String(arn);
  if (stateMachines.find(targetArn) === undefined && functions.find(targetArn) === undefined) {
    throw invalid(name, "the target of a schedule must be a state machine or a function of the program", arn);
  }
  const text = String(input);
  if (/<aws\.scheduler\./.test(text)) throw invalid(name, "the local cloud has no context attributes", text);
  if (!isJson(text)) throw invalid(name, "the input of a target must be JSON", text);
  return { targetArn, roleArn: String(roleArn), input: text };
}

/** EventBridge Scheduler assumes the role for a group of schedules: a role that does not trust it is refused at once. */
async function checkRole(name: string, roleArn: string, group: string, parts: Parts): Promise<void> {
  const { roles, region, accountId } = parts;
  const context = {
    "aws:SourceArn": `arn:aws:scheduler:${region}:${accountId}:schedule-group/${group}`,
    "aws:SourceAccount": accountId,
  };
  const role = roles.byArn(roleArn);
  if (role && (await trustsService(role, "scheduler.amazonaws.com", context))) return;
  throw new SluiceError(
    "ROLE_NOT_ASSUMABLE",
    `${name}: The execution role you provide must allow AWS EventBridge Scheduler to assume the role: ${roleArn}.`,
    { value: roleArn },
  );
}

function invalid(name: string, rule: string, value: unknown): SluiceError {
  return new SluiceError("INPUT_NOT_HONOURED", `${name}: ${rule}, got ${value}.`, { value });
}

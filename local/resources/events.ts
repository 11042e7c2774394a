import { SluiceError } from "../../shared/errors";
import { eventPattern } from "../events/eventPattern";
import { type TargetInput, transformOf } from "../events/targetInput";
import { checkTarget } from "../events/targets";
import { autoName, type ResourceType } from "./resourceType";

const TAGS = "nothing reads tags locally";
const DESCRIPTION = "nothing reads descriptions locally";
const STATES: readonly unknown[] = ["ENABLED", "DISABLED"];

export const eventBus: ResourceType = {
  honours: ["name"],
  excuses: { description: DESCRIPTION, tags: TAGS },
  create({ name, inputs }, { eventBuses }) {
    const physical = String(inputs.name ?? autoName(name));
    return { id: physical, state: { ...inputs, name: physical, arn: eventBuses.addBus(physical) } };
  },
};

export const eventRule: ResourceType = {
  honours: ["name", "eventBusName", "eventPattern", "state"],
  excuses: { description: DESCRIPTION, forceDestroy: "stopping the local cloud removes everything", tags: TAGS },
  create({ name, inputs }, { eventBuses }) {
    const { eventBusName = "default", eventPattern: pattern, state = "ENABLED" } = inputs;
    if (pattern === undefined || !STATES.includes(state)) {
      const message = `${name}: the local cloud has rules with an event pattern, ENABLED or DISABLED.`;
      throw new SluiceError("INPUT_NOT_HONOURED", message, { value: state });
    }
    const physical = String(inputs.name ?? autoName(name));
    const rule = { name: physical, matches: eventPattern(String(pattern)), enabled: state === "ENABLED" };
    const arn = eventBuses.addRule(String(eventBusName), rule);
    const id = eventBusName === "default" ? physical : `${eventBusName}/${physical}`;
    return { id, state: { ...inputs, name: physical, eventBusName, arn } };
  },
};

export const eventTarget: ResourceType = {
  honours: ["rule", "eventBusName", "arn", "targetId", "input", "inputPath", "inputTransformer"],
  excuses: { forceDestroy: "stopping the local cloud removes everything" },
  create({ name, inputs }, { eventBuses }) {
    const { eventBusName = "default", rule, arn, targetId = autoName(name), ...rest } = inputs;
    checkTarget(String(arn));
    const target = { id: String(targetId), arn: String(arn), transform: transformOf(rest as TargetInput) };
    eventBuses.addTarget(String(eventBusName), String(rule), target);
    return { id: `${eventBusName}-${rule}-${targetId}`, state: { ...inputs, eventBusName, targetId } };
  },
};

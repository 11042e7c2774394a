import { type ChoiceRule, isOperator, operatorOf } from "../language/choice";
import { problemOfIntrinsic } from "../language/intrinsics";
import { GET_OBJECT, LAMBDA_INVOKE } from "./definition";
import { FIELDS, REASONS, STATE_FIELDS } from "./fields";

type Raw = Record<string, unknown>;

const FUNCTION_ARN = /^arn:aws:lambda:[\w-]+:\d{12}:function:[\w-]+(:\$LATEST)?$/;

/** The unsupported parts, each as one sentence that names it. The validator reports wrong types. */
export function refusals(machine: unknown): string[] {
  if (!isObject(machine)) return [];
  return [...unknownFields("The state machine", machine, FIELDS.machine), ...ofStates(machine)];
}

function ofStates(machine: Raw): string[] {
  const language = languageRefusal("The state machine", machine);
  const states = isObject(machine.States) ? Object.entries(machine.States) : [];
  return [...language, ...states.flatMap(([name, state]) => (isObject(state) ? ofState(name, state) : []))];
}

function ofState(name: string, state: Raw): string[] {
  const where = `State "${name}"`;
  const processor = isObject(state.ItemProcessor) ? state.ItemProcessor : {};
  const config = isObject(processor.ProcessorConfig) ? processor.ProcessorConfig : {};
  const type = state.Type === "Map" && config.Mode === "DISTRIBUTED" ? "Distributed Map" : String(state.Type);
  const known = STATE_FIELDS[type];
  if (!known) return [`${where}: the local cloud has no states of type "${type}".`];
  return [
    ...languageRefusal(where, state),
    ...unknownFields(where, state, known),
    ...ofErrors(where, state),
    ...templateRefusals(where, state),
    ...(type === "Task" ? ofTask(where, state) : []),
    ...(type === "Choice" ? ofChoice(where, state) : []),
    ...(state.Type === "Map" ? [...ofProcessor(where, processor, config), ...ofReader(where, state)] : []),
  ];
}

function languageRefusal(where: string, { QueryLanguage = "JSONPath" }: Raw): string[] {
  return QueryLanguage === "JSONPath"
    ? []
    : [`${where}: the local cloud does not run QueryLanguage "${QueryLanguage}".`];
}

function ofTask(where: string, { Resource, Parameters }: Raw): string[] {
  const resource = String(Resource);
  if (resource === LAMBDA_INVOKE) return unknownFields(`${where}, Parameters`, Parameters, FIELDS.invokeParameters);
  if (FUNCTION_ARN.test(resource)) return [];
  return [
    `${where}: the local cloud has no task "${resource}"; it invokes functions, by their ARN or ${LAMBDA_INVOKE}.`,
  ];
}

function ofProcessor(where: string, processor: Raw, config: Raw): string[] {
  const inside = [
    ...unknownFields(`${where}, ItemProcessor`, processor, FIELDS.processor),
    ...unknownFields(`${where}, ProcessorConfig`, config, FIELDS.processorConfig),
    ...ofStates(processor),
  ];
  const { ExecutionType } = config;
  if (ExecutionType === undefined || ExecutionType === "STANDARD") return inside;
  return [...inside, `${where}: the local cloud has no child executions of ExecutionType "${ExecutionType}".`];
}

function ofReader(where: string, { ItemReader }: Raw): string[] {
  if (!isObject(ItemReader)) return [];
  const { Resource, ReaderConfig, Parameters } = ItemReader;
  const config = isObject(ReaderConfig) ? ReaderConfig : {};
  const there = `${where}, ItemReader`;
  return [
    ...unknownFields(there, ItemReader, FIELDS.itemReader),
    ...unknownFields(`${there}, ReaderConfig`, config, FIELDS.readerConfig),
    ...unknownFields(`${there}, Parameters`, Parameters, FIELDS.itemReaderParameters),
    ...(Resource === GET_OBJECT
      ? []
      : [`${there}: the local cloud reads no items by "${Resource}"; use ${GET_OBJECT}.`]),
    ...(config.InputType === "JSON"
      ? []
      : [`${there}: the local cloud reads no items of InputType "${config.InputType}".`]),
  ];
}

function ofErrors(where: string, { Retry, Catch }: Raw): string[] {
  return [
    ...objects(Retry).flatMap((retrier) => unknownFields(`${where}, Retry`, retrier, FIELDS.retrier)),
    ...objects(Catch).flatMap((catcher) => unknownFields(`${where}, Catch`, catcher, FIELDS.catcher)),
  ];
}

function ofChoice(where: string, { Choices }: Raw): string[] {
  return objects(Choices).flatMap((rule) => ruleRefusals(where, rule));
}

function ruleRefusals(where: string, rule: Raw): string[] {
  if (rule.Assign !== undefined) return unknownFields(where, { Assign: rule.Assign }, []);
  const nested = [...objects(rule.And), ...objects(rule.Or), ...objects(rule.Not === undefined ? [] : [rule.Not])];
  const operator = operatorOf(rule as ChoiceRule) ?? "";
  const own = isOperator(operator) ? [] : [`${where}: the local cloud does not compare by "${operator}".`];
  return [...own, ...nested.flatMap((each) => ruleRefusals(where, each))];
}

/** Calls of intrinsic functions in the state's own templates. */
function templateRefusals(where: string, state: Raw): string[] {
  const reader = isObject(state.ItemReader) ? state.ItemReader.Parameters : undefined;
  const templates = [state.Parameters, state.ItemSelector, state.ResultSelector, reader];
  const paths = ["ErrorPath", "CausePath"].map((field) => [`${field}.$`, state[field]] as const);
  return [...templates.flatMap(expressions), ...paths.filter(([, value]) => typeof value === "string")]
    .filter(([, value]) => !String(value).startsWith("$"))
    .flatMap(([field, value]) => {
      const problem = problemOfIntrinsic(String(value));
      return problem === undefined ? [] : [`${where}: "${field}" cannot be evaluated: ${problem}.`];
    });
}

function expressions(template: unknown): (readonly [field: string, value: unknown])[] {
  if (Array.isArray(template)) return template.flatMap(expressions);
  if (!isObject(template)) return [];
  return Object.entries(template).flatMap(([field, value]) =>
    field.endsWith(".$") ? [[field, value] as const] : expressions(value),
  );
}

function unknownFields(where: string, value: unknown, known: readonly string[]): string[] {
  const unknown = isObject(value) ? Object.keys(value).filter((field) => !known.includes(field)) : [];
  return unknown.map((field) => {
    const reason = REASONS[field];
    return `${where}: the local cloud does not run the field "${field}"${reason === undefined ? "" : `: ${reason}`}.`;
  });
}

function objects(value: unknown): Raw[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

function isObject(value: unknown): value is Raw {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

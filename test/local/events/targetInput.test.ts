import type { BusEvent } from "../../../local/events/event";
import { type TargetInput, transformOf } from "../../../local/events/targetInput";

const event: BusEvent = {
  version: "0",
  id: "1",
  "detail-type": "Job completed",
  source: "sluice",
  account: "000000000000",
  time: "2026-01-01T00:00:00Z",
  region: "eu-west-1",
  resources: ["arn:job"],
  detail: { job: 'scan "1"', items: 300, units: [{ state: "done" }] },
};
const { detail, ...envelope } = event;
const rule = { ruleArn: "arn:rule", ruleName: "completed" };
const inputPaths = { job: "$.detail.job", items: "$.detail.items", units: "$.detail.units", none: "$.detail.none.x" };
const template = (inputTemplate: string) => ({ inputTransformer: { inputPaths, inputTemplate } });

test.each<[string, TargetInput, string]>([
  ["the whole event", {}, JSON.stringify(event)],
  ["a constant", { input: '{"go":1}' }, '{"go":1}'],
  ["a part", { inputPath: "$.detail" }, JSON.stringify(detail)],
  ["an element of an array", { inputPath: "$.detail.units[0].state" }, '"done"'],
  ["a part that is not there", { inputPath: "$.detail.none.x" }, "null"],
  ["a text", template('"Job <job> has <items> items."'), '"Job scan \\"1\\" has 300 items."'],
  ["several lines", template('"Job <job>"\n"Items: <items>"'), '"Job scan \\"1\\""\n"Items: 300"'],
  [
    "JSON",
    template('{"job": <job>, "of": "<items> items", "units": <units>}'),
    '{"job": "scan \\"1\\"", "of": "300 items", "units": [{"state":"done"}]}',
  ],
  ["what is not there", template('"none: <none>."'), '"none: ."'],
  ["the rule", template('"<aws.events.rule-name> <aws.events.rule-arn>"'), '"completed arn:rule"'],
  ["the time", template('"<aws.events.event.ingestion-time>"'), '"2026-01-01T00:00:00Z"'],
  ["the event in JSON", template('{"e": <aws.events.event.json>}'), `{"e": ${JSON.stringify(event)}}`],
  ["the event without its detail", template('{"e": <aws.events.event>}'), `{"e": ${JSON.stringify(envelope)}}`],
])("a target gets %s", (_, input, expected) => {
  expect(transformOf(input)(event, rule)).toBe(expected);
});

test.each<[string, TargetInput]>([
  ["two at once", { input: "{}", inputPath: "$.detail" }],
  ["a constant that is no JSON", { input: "go" }],
  ["a path with a wildcard", { inputPath: "$.detail.units[*]" }],
  ["a malformed path", { inputPath: "detail" }],
  ["a template that is neither JSON nor quoted", template("Job <job>")],
  ["a template with an unknown name", template('"<nobody>"')],
  ["a variable with a malformed path", { inputTransformer: { inputPaths: { a: "x" }, inputTemplate: '"<a>"' } }],
])("an input is refused for %s", (_, input) => {
  expect(() => transformOf(input)).toThrow(expect.objectContaining({ code: "INVALID_TARGET_INPUT" }));
});

test("an array in quotes makes no JSON: the delivery fails", () => {
  const transform = transformOf(template('"units: <units>"'));
  expect(() => transform(event, rule)).toThrow(expect.objectContaining({ code: "INVALID_TARGET_INPUT" }));
});

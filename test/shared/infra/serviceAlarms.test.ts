import { ServiceAlarms, type ServiceAlarmsArgs } from "../../../shared/infra/serviceAlarms";
import { deploy } from "./deploy";

const args: ServiceAlarmsArgs = {
  queueName: "segments",
  deadLetterQueueName: "segments-dead",
  functionName: "worker",
  wording: { deadLetters: "Segments are dead.", function: "worker function" },
  runbook: "scanner-alarm",
  notify: "",
};
const alarms = async (changes: Partial<ServiceAlarmsArgs> = {}) => {
  const deployment = await deploy(() => new ServiceAlarms("alarm", { ...args, ...changes }));
  return deployment.ofType("cloudwatch/metricAlarm:MetricAlarm");
};
const said = (found: Record<string, { alarmDescription: string }>) =>
  Object.fromEntries(Object.entries(found).map(([name, { alarmDescription }]) => [name, alarmDescription]));
const section = (name: string) => `What to do: docs/runbook.md#scanner-alarm-${name}`;

test("alarms use the service's names for its parts, and link their sections of the runbook", async () => {
  expect(said(await alarms())).toEqual({
    "alarm-dead-letters": `Segments are dead. ${section("dead-letters")}`,
    "alarm-errors": `The worker function crashed or timed out. ${section("errors")}`,
    "alarm-throttles": `Lambda throttled the worker function. ${section("throttles")}`,
  });
});

test("if waiting is a sign of trouble, it raises an alarm as well, with the time in minutes", async () => {
  const found = await alarms({ oldest: { what: "submission", minutes: 60 } });
  expect(found["alarm-oldest"]).toMatchObject({
    alarmDescription: `The oldest submission has waited for more than 60 minutes. ${section("oldest")}`,
    metricName: "ApproximateAgeOfOldestMessage",
    dimensions: { QueueName: "segments" },
    threshold: 3_600,
  });
  expect(Object.keys(found)).toHaveLength(4);
});

import { ExecutionAlreadyExists, type SFNClient, type StartExecutionCommand } from "@aws-sdk/client-sfn";
import { Executions } from "../../../../shared/drivers/workflow/executions";

const stateMachineArn = "arn:aws:states:us-east-1:123456789012:stateMachine:shuffle";
const arnOf = (name: string) => `arn:aws:states:us-east-1:123456789012:execution:shuffle:${name}`;
const NOW = 1_800_000_000_000;
const LATER = `nightly-2-${NOW.toString(36)}`;
const task = { job: "nightly", epoch: 2 };

/** @param ended names of executions that have ended. */
function executions(ended: readonly string[] = [], inputs: unknown[] = []) {
  const send = async ({ input }: StartExecutionCommand) => {
    inputs.push(input);
    if (ended.includes(input.name!)) throw new ExecutionAlreadyExists({ message: "it exists", $metadata: {} });
    return { executionArn: arnOf(input.name!) };
  };
  return new Executions({ sfn: { send } as unknown as SFNClient, stateMachineArn, retry: (call) => call() });
}

test("an epoch is an execution of its name, whose input is the epoch", async () => {
  const inputs: unknown[] = [];
  expect(await executions([], inputs).begin(task, { createdAt: NOW })).toBe(arnOf("nightly-2"));
  expect(inputs).toEqual([{ stateMachineArn, name: "nightly-2", input: '{"job":"nightly","epoch":2}' }]);
});

test("if an earlier job of the same id had the name, the epoch gets another name, the same each time", async () => {
  expect(await executions(["nightly-2"]).begin(task, { createdAt: NOW })).toBe(arnOf(LATER));
  expect(await executions(["nightly-2", LATER]).begin(task, { createdAt: NOW })).toBe(arnOf(LATER));
});

test("any other error reaches the caller", async () => {
  const send = async () => {
    throw new Error("no such state machine");
  };
  const driver = new Executions({ sfn: { send } as unknown as SFNClient, stateMachineArn, retry: (call) => call() });
  await expect(driver.begin(task, { createdAt: NOW })).rejects.toThrow("no such state machine");
});

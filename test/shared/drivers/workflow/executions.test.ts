import { ExecutionAlreadyExists, type SFNClient, type StartExecutionCommand } from "@aws-sdk/client-sfn";
import { Executions } from "../../../../shared/drivers/workflow/executions";

const stateMachineArn = "arn:aws:states:us-east-1:123456789012:stateMachine:shuffle";
const executionArn = "arn:aws:states:us-east-1:123456789012:execution:shuffle:nightly-2";

function executions(send: (command: StartExecutionCommand) => unknown) {
  const sfn = { send: async (command: StartExecutionCommand) => send(command) } as unknown as SFNClient;
  return new Executions({ sfn, stateMachineArn, retry: (call) => call() });
}

test("an epoch is an execution of its name, whose input is the epoch", async () => {
  const inputs: unknown[] = [];
  const driver = executions(({ input }) => {
    inputs.push(input);
    return { executionArn };
  });
  expect(await driver.begin({ job: "nightly", epoch: 2 })).toBe(executionArn);
  expect(inputs).toEqual([{ stateMachineArn, name: "nightly-2", input: '{"job":"nightly","epoch":2}' }]);
});

test("an epoch that was begun before is not begun again", async () => {
  const driver = executions(() => {
    throw new ExecutionAlreadyExists({ message: "it exists", $metadata: {} });
  });
  expect(await driver.begin({ job: "nightly", epoch: 2 })).toBe(executionArn);
});

test("any other error is the caller's", async () => {
  const driver = executions(() => {
    throw new Error("no such state machine");
  });
  await expect(driver.begin({ job: "nightly", epoch: 2 })).rejects.toThrow("no such state machine");
});

import { ExecutionDoesNotExist, type ListMapRunsCommand, UpdateMapRunCommand } from "@aws-sdk/client-sfn";
import { setMapConcurrency } from "../../../../shared/drivers/workflow/mapConcurrency";

const EXECUTION = "arn:aws:states:us-east-1:111122223333:execution:s:nightly-0";

interface MapRun {
  readonly mapRunArn: string;
  readonly stopDate?: Date;
}

/** Step Functions with these answers, one for each look. */
function stepFunctions(looks: (readonly MapRun[] | Error)[], update: Error | undefined = undefined) {
  const updates: object[] = [];
  const send = async (command: unknown) => {
    if (command instanceof UpdateMapRunCommand) {
      updates.push(command.input);
      if (update !== undefined) throw update;
      return {};
    }
    expect((command as ListMapRunsCommand).input).toMatchObject({ executionArn: EXECUTION });
    const look = looks.shift();
    if (look === undefined || look instanceof Error) throw look ?? new Error("one look too many");
    return { mapRuns: look };
  };
  return { sfn: { send } as never, updates };
}

const ended = { mapRunArn: "first", stopDate: new Date(0) };
const running = { mapRunArn: "second" };
const denied = Object.assign(new Error("no"), { name: "AccessDeniedException" });

test("the Map Run at work gets the concurrency, and ended ones don't", async () => {
  const { sfn, updates } = stepFunctions([[ended, running]]);
  await setMapConcurrency(sfn, EXECUTION, 7);
  expect(updates).toEqual([{ mapRunArn: "second", maxConcurrency: 7 }]);
});

test.each<[string, readonly MapRun[] | Error]>([
  ["an inline Map, which has no Map Run", []],
  ["an execution whose Map Runs have ended", [ended]],
  ["an execution that isn't there any more", new ExecutionDoesNotExist({ message: "gone", $metadata: {} })],
])("nothing is changed for %s", async (_, look) => {
  const { sfn, updates } = stepFunctions([look]);
  await setMapConcurrency(sfn, EXECUTION, 7);
  expect(updates).toEqual([]);
});

test("a Map Run that ends between the look and the change is no error", async () => {
  const gone = Object.assign(new Error("not running"), { name: "ValidationException" });
  const { sfn, updates } = stepFunctions([[running], [{ ...running, stopDate: new Date(0) }]], gone);
  await setMapConcurrency(sfn, EXECUTION, 7);
  expect(updates).toHaveLength(1);
});

test.each<[string, ReturnType<typeof stepFunctions>]>([
  ["to list", stepFunctions([denied])],
  ["to update", stepFunctions([[running], [running]], denied)],
])("a refusal %s reaches the caller", async (_, { sfn }) => {
  await expect(setMapConcurrency(sfn, EXECUTION, 7)).rejects.toBe(denied);
});

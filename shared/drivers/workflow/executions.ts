/** The workflow driver: an execution of a state machine hands the numbers of a job's units to workers, an execution an epoch. */
import { ExecutionAlreadyExists, type SFNClient, StartExecutionCommand } from "@aws-sdk/client-sfn";
import type { EpochDriver, EpochTask } from "../driver";
import { executionName } from "./executionName";

export interface ExecutionsOptions {
  readonly sfn: SFNClient;
  readonly stateMachineArn: string;
  /** Repeats a call for as long as it fails for a passing reason and time remains. */
  readonly retry: <T>(call: () => Promise<T>) => Promise<T>;
}

export class Executions implements EpochDriver {
  constructor(private readonly options: ExecutionsOptions) {}

  /** An execution's name is used once in 90 days, so an epoch begins once. */
  async begin({ job, epoch }: EpochTask): Promise<string> {
    const { sfn, stateMachineArn, retry } = this.options;
    const name = executionName({ job, epoch });
    const input = JSON.stringify({ job, epoch });
    try {
      const { executionArn } = await retry(() => sfn.send(new StartExecutionCommand({ stateMachineArn, name, input })));
      return executionArn!;
    } catch (error) {
      if (!(error instanceof ExecutionAlreadyExists)) throw error;
      return `${stateMachineArn.replace(":stateMachine:", ":execution:")}:${name}`;
    }
  }
}

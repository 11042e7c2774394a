/**
 * The workflow driver: an execution of a state machine hands the numbers of a job's units to workers. Each epoch has one
 * execution.
 */
import { ExecutionAlreadyExists, type SFNClient, StartExecutionCommand } from "@aws-sdk/client-sfn";
import type { JobHead } from "../../jobs/job";
import type { EpochDriver, EpochTask } from "../driver";
import { executionName, laterName } from "./executionName";

export interface ExecutionsOptions {
  readonly sfn: SFNClient;
  readonly stateMachineArn: string;
  /** Repeats a call for as long as it fails for a transient reason and time remains. */
  readonly retry: <T>(call: () => Promise<T>) => Promise<T>;
}

export class Executions implements EpochDriver {
  constructor(private readonly options: ExecutionsOptions) {}

  /**
   * While an execution runs, starting it again gives its ARN. Step Functions keeps its name for 90 days after its end, so an epoch
   * gets another name if a deleted job has used the first one. A surplus execution finds the job over, and ends.
   */
  async begin(task: EpochTask, { createdAt }: Pick<JobHead, "createdAt">): Promise<string> {
    const later = laterName(task, createdAt);
    const { stateMachineArn } = this.options;
    return (
      (await this.start(executionName(task), task)) ??
      (await this.start(later, task)) ??
      `${stateMachineArn.replace(":stateMachine:", ":execution:")}:${later}`
    );
  }

  /** @returns its ARN; undefined: an execution of that name has ended, or has another input. */
  private async start(name: string, { job, epoch }: EpochTask): Promise<string | undefined> {
    const { sfn, stateMachineArn, retry } = this.options;
    const start = new StartExecutionCommand({ stateMachineArn, name, input: JSON.stringify({ job, epoch }) });
    try {
      return (await retry(() => sfn.send(start))).executionArn;
    } catch (error) {
      if (error instanceof ExecutionAlreadyExists) return undefined;
      throw error;
    }
  }
}

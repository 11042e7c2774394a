import { type ExecutionStatus, paginateListExecutions, type SFNClient } from "@aws-sdk/client-sfn";

/** An execution of a state machine. */
export interface ListedExecution {
  readonly arn: string;
  readonly name: string;
  readonly status: ExecutionStatus;
}

/**
 * The executions of a state machine, the newest first, without those that its Map Runs started.
 * @param status default: all.
 */
export async function executionsIn(
  client: SFNClient,
  stateMachineArn: string,
  status?: ExecutionStatus,
): Promise<ListedExecution[]> {
  const found: ListedExecution[] = [];
  for await (const { executions = [] } of paginateListExecutions(
    { client },
    { stateMachineArn, statusFilter: status },
  )) {
    for (const each of executions) found.push({ arn: each.executionArn!, name: each.name!, status: each.status! });
  }
  return found;
}

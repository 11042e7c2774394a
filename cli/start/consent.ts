/** Jobs that change a table start only if the operator has agreed: by --yes, or by typing the table's name. */
import type { StartRequest } from "../../shared/jobs/startRequest";
import { operationNamed } from "../../shared/operations/registry";
import { checkAskable } from "../askable";
import type { SluiceIo } from "../session";

export const YES_FLAG = ["--yes", "change the table without asking"] as const;

/** Name of the table that the request changes, as far as the request shows. Undefined: none, or a dry run. */
export function changedBy(request: StartRequest): string | undefined {
  if (request.dryRun === true) return undefined;
  const operation = operationNamed(request.operation);
  if (operation !== undefined) return operation.changes?.(request, request.table)?.table;
  // A user's own operation writes if it has a write rate.
  return request.writeRate === undefined ? undefined : request.table;
}

/** Asks once for a job. */
export class Consent {
  private agreed: boolean;

  constructor(
    private readonly io: Pick<SluiceIo, "ask">,
    private readonly operation: string,
    yes: boolean,
  ) {
    this.agreed = yes;
  }

  /** @param what what the job changes. @throws SluiceError USAGE if consent is needed, but nobody can be asked */
  check(table: string | undefined, what = `table ${table}`): void {
    const problem =
      `Add --yes: this ${this.operation} changes ${what}, and without a terminal nobody can confirm by ` +
      "typing its name.";
    checkAskable(this.io, table === undefined || this.agreed, problem);
  }

  /** Whether the operator agrees to change the table; undefined: the request changes no table. @throws as check */
  async given(table: string | undefined): Promise<boolean> {
    this.check(table);
    if (table === undefined || this.agreed) return true;
    const question = `This ${this.operation} changes table ${table}. Type the table's name to start it: `;
    this.agreed = (await this.io.ask!(question)).trim() === table;
    return this.agreed;
  }
}

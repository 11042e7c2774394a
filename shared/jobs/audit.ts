/** The audit list of a job: who changed what, and when. */

/** What can be done to a job. `fail`: it ended as failed. `redrive` and `undo` started another job. */
export type AuditAction = "start" | "rate" | "pause" | "resume" | "cancel" | "redrive" | "undo" | "delete" | "fail";

/** Parameters of a change, such as `{ readRate: 200, before: 100 }`. */
export type AuditDetails = Readonly<Record<string, string | number>>;

export interface AuditEntry {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /**
   * ARN of the caller who made the change, as STS or the sender of a message names it; `PROGRAM` for changes that Sluice makes by
   * itself; `UNNAMED` if nobody is named.
   */
  readonly caller: string;
  readonly action: AuditAction;
  /** Absent: there are none. */
  readonly details?: AuditDetails;
}

/** The caller of changes that Sluice makes by itself. */
export const PROGRAM = "sluice";

/** The caller of an invocation of the start function that doesn't name one. */
export const UNNAMED = "unnamed";

/** Who asks the start function for something. */
export interface Initiator {
  readonly caller: string;
  /** The job whose redrive or undo is started. Absent: neither. */
  readonly origin?: Origin;
}

export interface Origin {
  readonly action: "redrive" | "undo";
  readonly job: string;
}

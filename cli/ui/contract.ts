/** The documents that the server and the page exchange, as JSON. Times are milliseconds since the epoch. */
import type { Direction } from "../../shared/capacity/metering/direction";
import type { JobState } from "../../shared/jobs/job";
import type { UnitPhase } from "../../shared/jobs/progress";
import type { Outcomes } from "../../shared/writing/outcomes";
import type { IntakeMinute } from "../intake/readStatus";

export type { ErrorDocument } from "../errors";

/** What a request did, for the person who made it. */
export interface DoneDocument {
  readonly message: string;
  /** Sentences that the person should read. */
  readonly warnings: readonly string[];
  /** The job that was started. */
  readonly job?: string;
}

/** A limit of a job, and how much of it the job consumes now, capacity units per second. */
export interface RateFigure {
  readonly direction: Direction;
  readonly table: string;
  readonly limit: number;
  /** Absent: nobody looked. */
  readonly now?: number;
}

/** A job in the list. */
export interface JobRow {
  readonly id: string;
  readonly state: JobState;
  readonly operation: string;
  /** The table with its index, and the table that a copy goes to. */
  readonly place: string;
  readonly createdAt: number;
  readonly endedAt?: number;
  readonly units: number;
  readonly unitsDone: number;
  readonly unitsFailed: number;
  /** 0 to 1. */
  readonly share: number;
  readonly rates: readonly RateFigure[];
  /** Absent: not known, or there is no progress. */
  readonly secondsLeft?: number;
  /** Dollars so far. Absent: not known yet. */
  readonly dollars?: number;
}

export interface JobPage {
  readonly jobs: readonly JobRow[];
  /** Where the next page begins. Absent: this is the last one. */
  readonly next?: string;
}

export interface IntakeOverview {
  readonly waiting: number;
  readonly inFlight: number;
  readonly oldestSeconds: number | null;
  readonly deadLetters: number;
  readonly quarantinedToday: number;
  /** The last hour, minute by minute, oldest first, including minutes without a submission. */
  readonly minutes: readonly IntakeMinute[];
}

/** What the overview shows besides the list. Parts come one by one. */
export interface OverviewEvent {
  /** The newest jobs. */
  readonly jobs?: JobPage;
  /** Figures of a listed job that took longer to read. */
  readonly row?: JobRow;
  readonly intake?: IntakeOverview;
  /** Why the intake can't be shown. */
  readonly intakeProblem?: string;
}

/** A line of the plot: the consumption of a table or an index in one direction. */
export interface Series {
  /** `read`, `write` or `lookup`, and the index if there is one. */
  readonly key: string;
  readonly label: string;
  readonly direction: Direction;
}

/** One look at a job's rates. */
export interface Sample {
  readonly at: number;
  /** By the series' keys, capacity units per second. */
  readonly consumed: Readonly<Record<string, number>>;
  /** The limit in force, which throttling may have lowered. */
  readonly limit: Readonly<Record<string, number>>;
}

/** Neighbouring units of a job, drawn as one cell. */
export interface GridCell {
  /** Numbers of its first and last unit. */
  readonly from: number;
  readonly to: number;
  /** The phase that needs attention most. */
  readonly phase: UnitPhase;
  /** 0 to 1. */
  readonly share: number;
  /** Units by phase; phases with none are left out. */
  readonly phases: Readonly<Partial<Record<UnitPhase, number>>>;
}

/** A unit that needs attention. */
export interface UnitLine {
  readonly unit: number;
  readonly phase: UnitPhase;
  readonly share: number;
  readonly items: number;
  readonly attempts: number;
  /** Its last error. */
  readonly reason?: string;
  /** For a unit that retries: when the next attempt is due, or how long this one has been trying. */
  readonly nextTry?: string;
}

export interface FailureLine {
  readonly key: string;
  readonly code: string;
  readonly reason: string;
  readonly attempts: number;
}

/** Items on the list of failures with one code, and some of them. */
export interface FailureGroup {
  readonly code: string;
  readonly count: number;
  readonly examples: readonly FailureLine[];
}

/** A change of a job. */
export interface AuditLine {
  readonly at: number;
  readonly action: string;
  /** An ARN, or `Sluice itself`. */
  readonly caller: string;
  /** Parameters. Empty: none. */
  readonly details: string;
}

/** A job as the page shows it. */
export interface JobDocument {
  readonly at: number;
  readonly row: JobRow;
  /** `update over orders`. */
  readonly work: string;
  readonly driver: string;
  readonly dryRun: boolean;
  readonly seconds: number;
  readonly items: string;
  readonly left: string;
  /** What holds it back. Empty: nothing is known. */
  readonly pace: string;
  /** Why it failed or was paused. */
  readonly reason?: string;
  readonly phases: string;
  readonly bill?: { readonly dollars: number; readonly text: string };
  readonly outcomes?: Outcomes;
  /** The result, as JSON. */
  readonly result?: string;
  readonly series: readonly Series[];
  readonly cells: readonly GridCell[];
  /** Failed, retrying and working units, the first ones. */
  readonly unitLines: readonly UnitLine[];
  readonly failures: readonly { readonly code: string; readonly count: number }[];
  /** Source, filter, prefix and the like, as pairs of a name and a text. */
  readonly facts: readonly (readonly [name: string, text: string])[];
  /** Who changed what, the newest change first. */
  readonly audit: readonly AuditLine[];
  /** What can be done with it now, or the reason why it can't. */
  readonly controls: Readonly<Record<ControlName, { readonly allowed: boolean; readonly why?: string }>>;
  /** The table that it changes. The operator has to type its name to repeat or undo the job. */
  readonly changes?: string;
}

export const controlNames = ["rate", "pause", "resume", "cancel", "redrive", "undo"] as const;
export type ControlName = (typeof controlNames)[number];

export interface JobEvent {
  readonly job: JobDocument;
  /** The samples since the event before; in the first event, all that are known. */
  readonly samples: readonly Sample[];
}

/** A field of the form that starts a job. */
export interface FormField {
  readonly name: string;
  readonly label: string;
  readonly help: string;
  readonly kind: "text" | "json" | "switch" | "choice";
  /** The values of a choice. */
  readonly choices?: readonly string[];
}

export interface FormDocument {
  readonly operations: readonly string[];
  readonly fields: readonly FormField[];
  /** Names of the fields of each operation; a minus before a name takes it out of the source's. */
  readonly fieldsOf: Readonly<Record<string, readonly string[]>>;
  /** Names of the fields by kind of source. */
  readonly sourceFields: Readonly<Record<string, readonly string[]>>;
  /** Id of the job, the same however often the form is sent. */
  readonly jobId: string;
  /** For a clone: the values that the other job was started with. */
  readonly values: FormValues;
}

/** Values of the form as they were typed. */
export type FormValues = Readonly<Record<string, string | boolean>>;

export interface EstimateDocument {
  /** Names and texts of its figures. */
  readonly figures: readonly (readonly [name: string, text: string])[];
  readonly warnings: readonly string[];
  readonly notes: readonly string[];
  /** Name of the table that the job would change. */
  readonly changes?: string;
}

/** A record of the quarantine, without its body. */
export interface QuarantineLine {
  readonly key: string;
  readonly status: string;
  readonly sentAt: string;
  readonly participant: string;
  readonly codes: readonly string[];
  readonly reason: string;
  readonly bytes: number;
  /** What somebody did about it. */
  readonly resolution: string;
}

export interface QuarantineDocument {
  readonly records: readonly QuarantineLine[];
  /** The number of all records that match. */
  readonly total: number;
  /** Open records by reason. */
  readonly reasons: Readonly<Record<string, number>>;
  readonly statuses: Readonly<Record<string, number>>;
  readonly unreadable: number;
  /** The stack requires tokens, so a person who resends vouches for the bodies. */
  readonly tokens: boolean;
}

export interface DeadDocument {
  readonly total: number;
  readonly letters: readonly {
    readonly messageId: string;
    readonly sentAt: string;
    readonly participant: string;
    readonly receives: number;
    readonly bytes: number;
    readonly lastError: string;
  }[];
}

/** The stack that the page is about. */
export interface StackDocument {
  readonly stack: string;
  readonly region: string;
}

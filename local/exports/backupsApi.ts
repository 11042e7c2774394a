import type { TableDescription } from "@aws-sdk/client-dynamodb";
import type { Call } from "../gateway/call";
import { awsError } from "../gateway/errors";
import { type BackendResponse, jsonResponse } from "../gateway/message";
import { exportInput } from "./exportInput";
import type { PointInTimeRecovery } from "./pointInTimeRecovery";
import { type ExportPlaces, TableExport } from "./tableExport";

export interface BackupsApiOptions {
  recovery: PointInTimeRecovery;
  places: ExportPlaces;
  accountId: string;
  /** By name or ARN, with the ARN and the id that callers see; undefined: there is no such table. */
  describeTable(nameOrArn: string): Promise<TableDescription | undefined>;
}

type Answer = (input: Call["input"]) => BackendResponse | Promise<BackendResponse>;

/** Most exports that one answer of ListExports names. */
const MOST_EXPORTS = 25;

/**
 * The calls about backups that DynamoDB Local lacks: point-in-time recovery (only its setting), and exports to S3, which
 * consume no capacity.
 */
export class BackupsApi {
  readonly #options: BackupsApiOptions;
  /** In the order of their starts. */
  readonly #exports: TableExport[] = [];
  readonly #answers: Readonly<Record<string, Answer>> = {
    DescribeContinuousBackups: (input) => this.#describeContinuousBackups(input),
    UpdateContinuousBackups: (input) => this.#updateContinuousBackups(input),
    ExportTableToPointInTime: (input) => this.#export(input),
    DescribeExport: (input) => this.#describeExport(input),
    ListExports: (input) => this.#listExports(input),
  };

  constructor(options: BackupsApiOptions) {
    this.#options = options;
  }

  /** Answers the calls above; undefined for all others. */
  async handle({ action, input }: Pick<Call, "action" | "input">): Promise<BackendResponse | undefined> {
    // If a table is recreated, its point-in-time recovery is off.
    if (action === "DeleteTable") this.#options.recovery.off(String(input.TableName).split("table/").at(-1) ?? "");
    return this.#answers[action]?.(input);
  }

  /** Resolves once no export is running. */
  async ended(): Promise<void> {
    await Promise.all(this.#exports.map(({ ended }) => ended));
  }

  async #describeContinuousBackups({ TableName }: Call["input"]): Promise<BackendResponse> {
    const table = await this.#options.describeTable(String(TableName));
    if (!table) return noTable(TableName);
    return this.#continuousBackups(table.TableName ?? "");
  }

  async #updateContinuousBackups({ TableName, PointInTimeRecoverySpecification }: Call["input"]) {
    const table = await this.#options.describeTable(String(TableName));
    if (!table) return noTable(TableName);
    type Specification = { PointInTimeRecoveryEnabled?: boolean; RecoveryPeriodInDays?: number };
    const { PointInTimeRecoveryEnabled: on, RecoveryPeriodInDays: days } = (PointInTimeRecoverySpecification ??
      {}) as Specification;
    if (typeof on !== "boolean") {
      return awsError("dynamodb", 400, "ValidationException", "PointInTimeRecoveryEnabled must be true or false.");
    }
    const name = table.TableName ?? "";
    if (on) this.#options.recovery.on(name, this.#options.places.clock.now(), days);
    else this.#options.recovery.off(name);
    return this.#continuousBackups(name);
  }

  #continuousBackups(table: string): BackendResponse {
    const { recovery, places } = this.#options;
    return jsonResponse(200, { ContinuousBackupsDescription: recovery.description(table, places.clock.now()) });
  }

  async #export(given: Call["input"]): Promise<BackendResponse> {
    const input = exportInput(given, this.#options.accountId);
    if ("status" in input) return input;
    const table = await this.#options.describeTable(input.TableArn);
    if (!table || table.TableArn !== input.TableArn) return noTable(input.TableArn);
    const { TableName = "" } = table;
    const same = this.#exports.find(({ input: { ClientToken } }) => ClientToken && ClientToken === input.ClientToken);
    if (same && JSON.stringify(same.input) !== JSON.stringify(input)) return conflict();
    if (same) return exportDescription(same);
    if (!this.#options.recovery.isOn(TableName)) {
      const message = `Point in time recovery is not enabled for table '${TableName}'`;
      return awsError("dynamodb", 400, "PointInTimeRecoveryUnavailableException", message);
    }
    const { FilterSpecification: filter } = input;
    const refusal = filter && (await this.#options.places.refusal(TableName, filter));
    if (refusal) return refusal;
    const started = new TableExport(input, table, this.#options.places);
    this.#exports.push(started);
    return exportDescription(started);
  }

  #describeExport({ ExportArn }: Call["input"]): BackendResponse {
    const found = this.#exports.find(({ arn }) => arn === ExportArn);
    return found
      ? exportDescription(found)
      : awsError("dynamodb", 400, "ExportNotFoundException", `Export not found: ${ExportArn}`);
  }

  /** The token of the next page is the number of exports before it. */
  #listExports({ TableArn, MaxResults = MOST_EXPORTS, NextToken }: Call["input"]): BackendResponse {
    const all = this.#exports.filter(({ input }) => TableArn === undefined || input.TableArn === TableArn);
    const from = Number(NextToken ?? 0);
    const to = from + Math.min(Number(MaxResults), MOST_EXPORTS);
    const ExportSummaries = all.slice(from, to).map(({ arn, status, input }) => ({
      ExportArn: arn,
      ExportStatus: status,
      ExportType: input.ExportType,
    }));
    return jsonResponse(200, { ExportSummaries, ...(to < all.length && { NextToken: String(to) }) });
  }
}

function exportDescription(one: TableExport): BackendResponse {
  return jsonResponse(200, { ExportDescription: one.description() });
}

function noTable(nameOrArn: unknown): BackendResponse {
  return awsError("dynamodb", 400, "TableNotFoundException", `Table not found: ${nameOrArn}`);
}

function conflict(): BackendResponse {
  const message = "There is an export with this client token and other parameters.";
  return awsError("dynamodb", 400, "ExportConflictException", message);
}

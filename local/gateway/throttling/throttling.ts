import { type Consumption, nothing } from "../../../shared/capacity/metering/consumption";
import type { Clock } from "../../../shared/clock";
import { SluiceError } from "../../../shared/errors";
import type { Call } from "../call";
import type { BackendRequest, BackendResponse } from "../message";
import { statementsOf } from "../partiql/statement";
import type { Principal } from "../principals";
import { jsonOf, requestWith, responseWith } from "../rewrite";
import { joinBatches, partOfBatch } from "./batch";
import { describeTable } from "./describeTable";
import {
  asksForAll,
  asWished,
  type BilledUnits,
  billedUnits,
  consumed,
  measured,
  type Output,
  withRealUnits,
} from "./measure";
import { type Asked, ModelledTable } from "./modelledTable";
import { type Form, type Piece, piecesOf, tableName, type Understood } from "./pieces";
import type { ConsumptionReport } from "./record";
import { cancelled, type Refusal, throttled } from "./refusals";
import type { Direction } from "./resourceCapacity";
import { type CapacitySettings, type CapacitySettingsInput, parseCapacitySettings } from "./settings";
import { Statements } from "./statements/statements";

/** Calls after which a table may have other keys or indexes. */
const CHANGES_TABLES: readonly string[] = ["CreateTable", "UpdateTable", "DeleteTable"];

export interface ThrottlingOptions {
  /** Hands a request to DynamoDB. */
  send: (request: BackendRequest) => Promise<BackendResponse>;
  /** The clock of the capacity model; a test's clock can let hours pass at once. */
  clock: Clock;
  region: string;
  accountId: string;
  /** Receives the consumption of each request. Default: it isn't counted. */
  meter?: ConsumptionMeter;
}

/** Counts consumption on every table, whether its capacity is modelled or not. */
export interface ConsumptionMeter {
  /** Whether it counts now. If not, requests on tables without modelled capacity pass unchanged. */
  readonly running: boolean;
  consumed(principal: Principal | "anonymous", consumed: BilledUnits & { direction: Direction }): void;
}

/**
 * DynamoDB with the capacity of tables on AWS, for tables whose model is on. Requests to other tables pass unchanged. See
 * docs/decisions/0040-capacity-model.md for what is and is not modelled.
 */
export class Throttling {
  readonly #options: ThrottlingOptions;
  readonly #tables = new Map<string, ModelledTable>();
  readonly #statements: Statements;

  constructor(options: ThrottlingOptions) {
    this.#options = options;
    this.#statements = new Statements({
      send: options.send,
      region: options.region,
      clock: options.clock,
      concerns: (tables) => this.#concerns(tables),
      ask: (piece, now) => this.#ask(piece, now),
      settle: (asked, spent, arrived) => this.#settle(asked, spent, arrived),
      count: ({ principal }, { direction }, billed) => this.#bill(principal, direction, billed),
    });
  }

  /**
   * Switches the model on for a table, or replaces its settings; the record goes on.
   * @throws SluiceError BAD_CAPACITY that lists every problem, NO_SUCH_TABLE.
   */
  async set(input: CapacitySettingsInput): Promise<CapacitySettings> {
    const settings = parseCapacitySettings(input);
    const { table } = settings;
    const { send, clock, region, accountId } = this.#options;
    const schema = await describeTable(table, region, send);
    const arn = `arn:aws:dynamodb:${region}:${accountId}:table/${table}`;
    const record = this.#tables.get(table)?.record;
    const now = clock.now();
    this.#tables.set(table, new ModelledTable({ arn, settings, schema, now, ...(record ? { record } : {}) }));
    return settings;
  }

  /** Switches the model off and drops its record; for all tables if none is named. */
  off(table?: string): void {
    if (table === undefined) this.#tables.clear();
    else this.#tables.delete(table);
  }

  /** The settings in force. */
  settings(): CapacitySettings[] {
    return [...this.#tables.values()].map(({ settings }) => settings);
  }

  /**
   * The consumption of a table since `since` (milliseconds since the epoch), per 100 ms.
   * @throws SluiceError NOT_RECORDED if the table's model is off.
   */
  consumption(table: string, since?: number): ConsumptionReport {
    const model = this.#tables.get(table);
    if (model) return model.record.report(table, since);
    throw new SluiceError(
      "NOT_RECORDED",
      `Consumption is not recorded for table ${table}; PUT /_sluice/capacity first.`,
      {
        value: table,
      },
    );
  }

  /** Answers a DynamoDB call: DynamoDB's backend with the model before it. */
  async handle(call: Call): Promise<BackendResponse> {
    const statements = statementsOf(call.action, call.input);
    if (statements) return this.#statements.handle(call, statements);
    if (CHANGES_TABLES.includes(call.action)) this.#statements.forget(tableName(call.input.TableName));
    const mended = wantsUnitsOfTransaction(call);
    if (!mended && !this.#concerns()) return this.#options.send(call.request);
    const understood = piecesOf(call.action, call.input);
    if (!understood || !(mended || this.#concerns(understood.pieces.map(({ table }) => table)))) {
      return this.#options.send(call.request);
    }
    const arrived = this.#options.clock.now();
    const asked = understood.pieces.map((piece) => this.#ask(piece, arrived));
    const refusal = refusalOf(understood.form, asked);
    if (refusal) this.#settle(asked, new Map(), arrived);
    return refusal ?? this.#forward(call, understood, asked, arrived);
  }

  /** Whether consumption on any of these tables, by default of all, is modelled or metered. */
  #concerns(tables: readonly string[] = [...this.#tables.keys()]): boolean {
    return this.#options.meter?.running === true || tables.some((table) => this.#tables.has(table));
  }

  #ask(piece: Piece, now: number): Asked {
    return this.#tables.get(piece.table)?.ask(piece, now) ?? { piece, touches: [] };
  }

  async #forward(call: Call, understood: Understood, asked: Asked[], arrived: number): Promise<BackendResponse> {
    const partly = asked.some(({ refusal }) => refusal);
    const part = (chosen: (one: Asked) => boolean) =>
      partOfBatch(call.input.RequestItems, (place) => chosen(asked[place] as Asked));
    const input = partly ? { ...call.input, RequestItems: part(({ refusal }) => !refusal) } : call.input;
    let spent = new Map<string, Consumption>();
    const asItIs = !partly && asksForAll(input, understood);
    try {
      const request = asItIs ? call.request : requestWith(call.request, measured(input, understood));
      const response = await this.#options.send(request);
      const answered = jsonOf<Output>(response);
      if (!answered) return response;
      const output = withRealUnits(answered, understood.form);
      spent = consumed(understood.pieces, output);
      this.#bill(call.principal, understood.pieces[0]?.direction ?? "read", billedUnits(understood.pieces, output));
      if (asItIs) return response;
      const answer = asWished(call.input, understood.pieces, output);
      if (partly && response.status === 200) {
        const left = call.action === "BatchGetItem" ? "UnprocessedKeys" : "UnprocessedItems";
        answer[left] = joinBatches(
          output[left],
          part(({ refusal }) => refusal !== undefined),
        );
      }
      return responseWith(response, answer);
    } finally {
      this.#settle(asked, spent, arrived);
    }
  }

  #bill(principal: Call["principal"], direction: Direction, billed: readonly BilledUnits[]): void {
    const { meter } = this.#options;
    if (!meter?.running) return;
    for (const one of billed) meter.consumed(principal, { ...one, direction });
  }

  #settle(asked: readonly Asked[], spent: ReadonlyMap<string, Consumption>, arrived: number): void {
    const times = { arrived, now: this.#options.clock.now() };
    const admitted = asked.filter(({ refusal }) => !refusal);
    for (const model of new Set(admitted.map((one) => one.model))) {
      const own = admitted.filter((one) => one.model === model);
      model?.settle(own, spent.get(own[0]?.piece.table ?? "") ?? nothing, times);
    }
  }
}

/** Whether the answer holds figures of a transaction, in which DynamoDB Local differs from AWS. */
function wantsUnitsOfTransaction({ action, input: { ReturnConsumedCapacity: wish } }: Call): boolean {
  return action === "TransactWriteItems" && (wish === "INDEXES" || wish === "TOTAL");
}

/** The error of a whole request: of a transaction if any piece is refused, of others if all are. */
function refusalOf(form: Form, asked: readonly Asked[]): BackendResponse | undefined {
  const refusals = asked.map(({ refusal }) => refusal);
  const real = refusals.filter((refusal): refusal is Refusal => refusal !== undefined);
  if (real.length === 0 || (form === "batch" && real.length < asked.length)) return undefined;
  return form === "transaction" ? cancelled(refusals) : throttled(real);
}

import type { ConsumedCapacity } from "@aws-sdk/client-dynamodb";
import { addConsumption, type Consumption, nothing } from "../../../../shared/capacity/metering/consumption";
import type { Clock } from "../../../../shared/clock";
import { schemaOf, type TableSchema } from "../../../../shared/tables/schema";
import type { Call } from "../../call";
import type { BackendRequest, BackendResponse } from "../../message";
import { withErrors, withoutStatements } from "../../partiql/batchPlaces";
import { type ParsedStatement, parsedStatement, type StatementRequest } from "../../partiql/statement";
import { jsonOf, responseWith } from "../../rewrite";
import { tableDescription } from "../describeTable";
import { type BilledUnits, billedOf, reducedTo } from "../measure";
import type { Asked } from "../modelledTable";
import type { Piece } from "../pieces";
import { cancelled, type Refusal, statementError, throttled } from "../refusals";
import { asking, withoutItems, withRealName } from "./answer";
import { readItems } from "./items";
import { consumedBy, type End, endsOf, metBy, reported, type StatementOutput } from "./outcome";
import { type Prepared, prepared } from "./prepared";

/** The part of the capacity model that statements need. */
export interface StatementsModel {
  send(request: BackendRequest): Promise<BackendResponse>;
  readonly region: string;
  readonly clock: Pick<Clock, "now">;
  /** Whether consumption on any of these tables is modelled, recorded or metered. */
  concerns(tables: readonly string[]): boolean;
  ask(piece: Piece, now: number): Asked;
  /** Charges admitted pieces with their consumption, by table. */
  settle(asked: readonly Asked[], spent: ReadonlyMap<string, Consumption>, arrived: number): void;
  /** Counts the billed units of a piece. */
  count(call: Call, piece: Piece, billed: readonly BilledUnits[]): void;
}

/** A call of one or several statements on its way; lists are in the order of the statements. */
interface Round {
  readonly call: Call;
  readonly requests: readonly StatementRequest[];
  /**
   * Undefined for a statement that isn't understood, or whose table doesn't exist: DynamoDB Local refuses it, and it
   * consumes nothing.
   */
  readonly statements: readonly (Prepared | undefined)[];
  readonly asked: readonly (Asked | undefined)[];
  /** Milliseconds. */
  readonly arrived: number;
}

/** The outcomes of the statements that were sent. */
interface Sent {
  /** Undefined: none was sent. */
  readonly answer: BackendResponse | undefined;
  /** The consumption of each. */
  readonly spent: readonly Consumption[];
  /** The reported consumption, by table. */
  readonly reports: readonly ConsumedCapacity[];
}

/**
 * PartiQL with the behaviour of AWS that DynamoDB Local lacks: each statement of a batch is admitted or throttled by
 * itself, and consumption is modelled, metered and reported. The consumption is computed from the items, which are read
 * before and after; concurrent writes may falsify it. If no model or meter needs it, calls pass unchanged.
 */
export class Statements {
  readonly #model: StatementsModel;
  readonly #schemas = new Map<string, Promise<TableSchema | undefined>>();

  constructor(model: StatementsModel) {
    this.#model = model;
  }

  /** To be called when a table may have changed. */
  forget(table: string): void {
    this.#schemas.delete(table);
  }

  async handle(call: Call, requests: readonly StatementRequest[]): Promise<BackendResponse> {
    const parsed = requests.map(parsedStatement);
    const tables = parsed.flatMap((each) => each?.table ?? []);
    if (!wantsCapacity(call) && !this.#model.concerns(tables)) {
      return withRealName(await this.#model.send(call.request));
    }
    const times = call.action === "ExecuteTransaction" ? 2 : 1;
    const statements = await Promise.all(requests.map((each, i) => this.#prepare(each, parsed[i], times)));
    const arrived = this.#model.clock.now();
    const asked = statements.map((each) => each && this.#model.ask(each.piece, arrived));
    const round: Round = { call, requests, statements, asked, arrived };
    const refusal = refusalOf(round);
    if (!refusal) return this.#forward(round);
    for (const one of asked) this.#settle(one, nothing, arrived);
    return refusal;
  }

  async #prepare(
    request: StatementRequest,
    parsed: ParsedStatement | undefined,
    times: 1 | 2,
  ): Promise<Prepared | undefined> {
    const schema = parsed && (await this.#schemaOf(parsed.table));
    return schema && prepared(request, parsed, schema, times);
  }

  #schemaOf(table: string): Promise<TableSchema | undefined> {
    const known = this.#schemas.get(table);
    if (known) return known;
    const schema = tableDescription(table, this.#model.region, (request) => this.#model.send(request)).then(
      (description) => description && schemaOf(description),
    );
    this.#schemas.set(table, schema);
    const forgetMissing = (found?: TableSchema) => {
      if (!found) this.#schemas.delete(table);
    };
    schema.then(forgetMissing, () => forgetMissing());
    return schema;
  }

  /** Sends what was admitted; the rest of a batch is answered in its place. */
  async #forward(round: Round): Promise<BackendResponse> {
    const { call, requests, asked, arrived } = round;
    const refused = new Map(
      asked.flatMap((one, place) => (one?.refusal ? [[place, statementError(one.refusal)]] : [])),
    );
    const open = [...requests.keys()].filter((place) => !refused.has(place));
    let sent: Sent = { answer: undefined, spent: [], reports: [] };
    try {
      if (open.length > 0) sent = await this.#send(withoutStatements(call, refused), round, open);
      return withCapacity(call, withErrors(sent.answer, requests.length, refused), sent.reports);
    } finally {
      for (const [i, place] of open.entries()) this.#settle(asked[place], sent.spent[i] ?? nothing, arrived);
    }
  }

  /** @param open the places of the statements that the call still has. */
  async #send(call: Call, { requests, statements }: Round, open: readonly number[]): Promise<Sent> {
    const own = open.map((place) => statements[place]);
    const read = await this.#read(own.map((each) => each?.item));
    const response = await this.#model.send(asking(call));
    const output = jsonOf<StatementOutput>(response) ?? {};
    const ends = endsOf(call.action, response.status, output, own.length);
    const after = await this.#read(own.map((each, i) => (changes(each, ends[i]) ? each?.item : undefined)));
    // An item that DynamoDB itself returns is right, even with concurrent writes.
    const before = metBy(output, own.length).map((met, i) => met ?? read[i]);
    const page = output.Items ?? [];
    const spent = own.map((each, i) =>
      each ? consumedBy(each, { end: ends[i] ?? "refused", before: before[i], after: after[i], page }) : nothing,
    );
    this.#count(call, own, spent);
    const asWished = withoutItems(
      output,
      open.map((place) => requests[place]!),
    );
    const done = own.map((each, i) => (ends[i] === "done" ? each : undefined));
    return { answer: withRealName(responseWith(response, asWished)), spent, reports: capacities(done, spent) };
  }

  #read(keys: readonly Prepared["item"][]) {
    return readItems(keys, (request) => this.#model.send(request), this.#model.region);
  }

  /** Each by itself, so that each partition is charged with its own. */
  #settle(one: Asked | undefined, spent: Consumption, arrived: number): void {
    if (one && !one.refusal) this.#model.settle([one], new Map([[one.piece.table, spent]]), arrived);
  }

  #count(call: Call, statements: readonly (Prepared | undefined)[], spent: readonly Consumption[]): void {
    statements.forEach((each, i) => {
      if (each === undefined) return;
      const billed = billedOf(reported(spent[i] ?? nothing, each.schema)).filter(({ units }) => units > 0);
      this.#model.count(call, each.piece, billed);
    });
  }
}

function wantsCapacity({ input: { ReturnConsumedCapacity: wish } }: Call): boolean {
  return wish === "INDEXES" || wish === "TOTAL";
}

function changes(statement: Prepared | undefined, end: End | undefined): boolean {
  return end === "done" && (statement?.parsed.verb === "insert" || statement?.parsed.verb === "update");
}

/** The error of a whole call; in a batch only statements have errors. */
function refusalOf({ call, asked }: Round): BackendResponse | undefined {
  const refusals = asked.map((one) => one?.refusal);
  const real = refusals.filter((refusal): refusal is Refusal => refusal !== undefined);
  if (real.length === 0 || call.action === "BatchExecuteStatement") return undefined;
  return call.action === "ExecuteTransaction" ? cancelled(refusals) : throttled(real);
}

/** The reported consumption: a sum for each table, over the statements that succeeded. */
function capacities(done: readonly (Prepared | undefined)[], spent: readonly Consumption[]): ConsumedCapacity[] {
  const sums = new Map<TableSchema, Consumption>();
  done.forEach((each, i) => {
    if (each) sums.set(each.schema, addConsumption(sums.get(each.schema) ?? nothing, spent[i] ?? nothing));
  });
  return [...sums].map(([schema, sum]) => reported(sum, schema));
}

function withCapacity(call: Call, answer: BackendResponse, reports: readonly ConsumedCapacity[]): BackendResponse {
  if (!wantsCapacity(call) || answer.status !== 200) return answer;
  const reduced = reports.flatMap((each) => reducedTo(call.input.ReturnConsumedCapacity, each) ?? []);
  const ConsumedCapacity = call.action === "ExecuteStatement" ? reduced[0] : reduced;
  return responseWith(answer, { ...jsonOf<object>(answer), ConsumedCapacity });
}

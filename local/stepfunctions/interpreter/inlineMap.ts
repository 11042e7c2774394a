import type { Json } from "../../../shared/json";
import type { MapState } from "../definition/definition";
import { read } from "../language/paths";
import { fill } from "../language/template";
import { LIMITS } from "../limits";
import { RuntimeFailure, StateError } from "../stateError";
import type { Level } from "./level";
import { numberOf } from "./numbers";
import type { Visit } from "./visit";
import { childController } from "./waiting";

/** Runs the states of a Map state for each of its items, 40 at once at most. @throws StateError of the first that fails. */
export function runInlineMap(visit: Visit<MapState>): Promise<Json> {
  return new InlineMap(visit).run();
}

/** The items in a Map state's input. @throws RuntimeFailure if they are not an array. */
export function itemsOf({ state, input, context }: Visit<MapState>): readonly Json[] {
  const items = state.ItemsPath === undefined ? input : read(state.ItemsPath, { data: input, context });
  if (Array.isArray(items)) return items;
  throw new RuntimeFailure(`Reference path "${state.ItemsPath ?? "$"}" must point to array.`);
}

/** `MaxConcurrency`; the highest possible value if it is 0 or missing. */
export function maxConcurrencyOf({ state, input, context }: Visit<MapState>, most: number): number {
  const path = state.MaxConcurrencyPath;
  const asked =
    path === undefined ? state.MaxConcurrency : numberOf("MaxConcurrencyPath", path, { data: input, context });
  return Math.min(asked || most, most);
}

/** The input of an iteration, or of a child execution, for an item. */
export function inputOfItem({ state, input, context, level }: Visit<MapState>, item: Json, index: number): Json {
  if (state.ItemSelector === undefined) return item;
  const ofItem = { ...(context as object), Map: { Item: { Index: index, Value: item } } };
  return fill(state.ItemSelector, { data: input, context: ofItem }, level.world.random);
}

class InlineMap {
  readonly #visit: Visit<MapState>;
  readonly #items: readonly Json[];
  readonly #results: Json[];
  readonly #running = new Map<number, Level>();
  readonly #controller: ReturnType<typeof childController>;
  #next = 0;
  /** Id of the event after which the state continues. */
  #last = 0;
  #failure: { error: unknown } | undefined;

  constructor(visit: Visit<MapState>) {
    this.#visit = visit;
    this.#items = itemsOf(visit);
    this.#results = new Array<Json>(this.#items.length).fill(null);
    this.#controller = childController(visit.level.signal);
  }

  async run(): Promise<Json> {
    const { history, line } = this.#visit.level;
    const slots = Math.min(maxConcurrencyOf(this.#visit, LIMITS.inlineIterations), this.#items.length);
    this.#last = history.add(line, "MapStateStarted", { length: this.#items.length });
    await Promise.all(Array.from({ length: slots }, () => this.#slot(this.#last)));
    this.#controller.release();
    line.last = this.#last;
    if (this.#failure) throw this.#failure.error;
    history.addBeside(line.last, "MapStateSucceeded");
    return this.#results;
  }

  /** Runs one iteration after the other, until none is left or one has failed. Never rejects. */
  async #slot(started: number): Promise<void> {
    let previous = started;
    while (this.#next < this.#items.length && !this.#failure) {
      const index = this.#next++;
      const { level, name } = this.#visit;
      const iteration: Level = {
        ...level,
        context: { ...level.context, Map: { Item: { Index: index, Value: this.#items[index] ?? null } } },
        signal: this.#controller.signal,
        line: { last: previous },
        open: undefined,
      };
      this.#running.set(index, iteration);
      try {
        level.history.add(iteration.line, "MapIterationStarted", { name, index });
        // All iterations that start together are started before any of them continues.
        await null;
        this.#results[index] = await this.#iterate(index, iteration);
        previous = iteration.line.last;
        this.#last = level.history.addBeside(previous, "MapIterationSucceeded", { name, index });
      } catch (error) {
        if (!this.#failure) this.#fail(error, index, iteration);
      }
      this.#running.delete(index);
    }
  }

  #iterate(index: number, iteration: Level): Promise<Json> {
    const input = inputOfItem(this.#visit, this.#items[index] ?? null, index);
    return this.#visit.runInside(this.#visit.state.ItemProcessor, input, iteration);
  }

  /** Ends the other iterations. A StateError is recorded, unless it ends the execution at once. */
  #fail(error: unknown, index: number, failed: Level): void {
    this.#failure = { error };
    if (error instanceof StateError && !(error instanceof RuntimeFailure)) {
      try {
        this.#writeEnds(index, failed);
      } catch (full) {
        this.#failure = { error: full };
      }
    }
    this.#controller.abort(new Error("another iteration has failed"));
  }

  #writeEnds(index: number, failed: Level): void {
    const { level, name } = this.#visit;
    const { last } = failed.line;
    const write = (type: string, details?: object) => level.history.addBeside(last, type, details);
    const writeOpen = ({ open }: Level) => open !== undefined && write(`${open}StateAborted`);
    write("MapIterationFailed", { name, index });
    writeOpen(failed);
    for (const [other, iteration] of this.#running) {
      if (other === index) continue;
      write("MapIterationAborted", { name, index: other });
      writeOpen(iteration);
    }
    this.#last = last;
  }
}

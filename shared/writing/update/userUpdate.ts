/**
 * Updates written in TypeScript.
 *
 * ```ts
 * // updates/addSortKey.ts
 * import type { UpdateFunction } from "../shared/writing/update/userUpdate";
 *
 * const addSortKey: UpdateFunction = ({ Status, Timestamp }) => {
 *   if (Status?.S === undefined || Timestamp?.N === undefined) return undefined; // skipped
 *   return { set: { GSISK: { S: `${Status.S}#${Timestamp.N}` } } };
 * };
 * export default addSortKey;
 * ```
 *
 * A function depends only on the item. Sluice records which attributes it reads: the write happens only if these
 * attributes, and those it sets and removes, are unchanged. Looking at all attributes (`Object.keys`, `...item`) records
 * those that the item has; an attribute that is added meanwhile goes unnoticed.
 *
 * Applied to its own result it must change nothing. If it can't be written that way, it needs a marker. An item for which
 * it returns undefined counts as `skipped`. So return the same update again for an item that has the change: then it
 * counts as `already`, also when a page is repeated.
 */
import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { attributeOf } from "../../aws/expressions/path";
import { sameValue } from "../../aws/expressions/sameValue";
import { attributeProblem } from "../../aws/expressions/values";
import type { Item } from "../../aws/itemSize";
import { describeError } from "../../describeError";
import { SluiceError } from "../../errors";
import { isPlainObject } from "../../json";
import type { TableSchema } from "../../tables/schema";
import { applied } from "../applied";
import { keyRules, outOfBounds } from "./bounds";
import {
  ALREADY,
  type Failure,
  failure,
  type ItemUpdate,
  present,
  SKIPPED,
  type UpdateVerdict,
  unlike,
} from "./itemUpdate";
import { recorded, undeclaredRead } from "./recordedItem";

/** The change of an item; values have DynamoDB's typed form (`{ S: "text" }`). */
export interface UserChange {
  readonly set?: Item;
  readonly remove?: readonly string[];
}

/** Undefined: leave the item as it is. The item can't be changed in place. */
export type UpdateFunction = (item: Item) => UserChange | undefined;

export interface UserUpdateOptions {
  /** Attribute that is set to `markerValue` in each changed item, so that none is changed twice. Default: none. */
  readonly marker?: string;
  /** Needed with a marker, such as the job's id. */
  readonly markerValue?: string;
  /**
   * Names of all attributes that the function reads; it gets no others. Default: the attributes that it reads are
   * recorded.
   */
  readonly reads?: readonly string[];
}

/**
 * Its verdict throws if the function itself is wrong, so that the job has to end.
 *
 * @throws SluiceError UPDATE_NOT_IDEMPOTENT or UPDATE_READS_UNDECLARED (from `verdict`)
 */
export function userUpdate(fn: UpdateFunction, schema: TableSchema, options: UserUpdateOptions = {}): ItemUpdate {
  return new UserUpdate(fn, schema, options);
}

interface Answer {
  readonly change: Required<UserChange> | undefined;
  readonly read: Iterable<string>;
}

class UserUpdate implements ItemUpdate {
  readonly #fn: UpdateFunction;
  readonly #schema: TableSchema;
  readonly #rules: ReturnType<typeof keyRules>;
  readonly #reads: ReadonlySet<string> | undefined;
  readonly #marker: readonly [string, AttributeValue] | undefined;

  constructor(fn: UpdateFunction, schema: TableSchema, { marker, markerValue, reads }: UserUpdateOptions) {
    this.#fn = fn;
    this.#schema = schema;
    this.#rules = keyRules(schema);
    this.#reads = reads === undefined ? undefined : new Set(reads);
    this.#marker = marker === undefined ? undefined : [marker, { S: markerValue ?? "" }];
  }

  verdict(item: Item): UpdateVerdict {
    const marker = this.#marker;
    if (marker !== undefined && sameValue(attributeOf(item, marker[0]), marker[1])) return ALREADY;
    const answer = this.#ask(item);
    if ("do" in answer) return answer;
    if (answer.change === undefined) return SKIPPED;
    const set = unlike(
      item,
      marker === undefined ? answer.change.set : { ...answer.change.set, [marker[0]]: marker[1] },
    );
    const remove = present(item, answer.change.remove);
    if (remove.length === 0 && Object.keys(set).length === 0) return ALREADY;
    const refused = outOfBounds(item, set, remove, this.#rules);
    if (refused !== undefined) return refused;
    if (marker === undefined) this.#askAgain(applied(item, set, remove));
    return { do: "change", set, remove, read: this.#paths(answer.read, answer.change) };
  }

  #ask(item: Item): Answer | Failure {
    const view = recorded(item, this.#reads);
    const called = this.#call(view.item);
    // Also if the function caught it.
    const undeclared = view.undeclared();
    if (undeclared !== undefined) throw undeclaredRead(undeclared);
    if ("do" in called) return called;
    const { change } = called;
    if (change === undefined) return { change, read: view.read };
    const problem = changeProblem(change, this.#schema, this.#marker?.[0]);
    if (problem !== undefined) return failure("UPDATE_INVALID", `The update function's result is invalid: ${problem}.`);
    return { change: { set: {}, remove: [], ...(change as UserChange) }, read: this.#reads ?? view.read };
  }

  #call(item: Item): { readonly change: unknown } | Failure {
    try {
      return { change: this.#fn(item) };
    } catch (error) {
      return failure("UPDATE_FAILED", describeError(error));
    }
  }

  #askAgain(item: Item): void {
    const again = this.#ask(item);
    if ("do" in again) throw this.#notIdempotent(again.reason);
    if (again.change === undefined) return;
    const names = [...Object.keys(unlike(item, again.change.set)), ...present(item, again.change.remove)];
    if (names.length > 0) throw this.#notIdempotent(`it changes ${names.join(", ")} once more`);
  }

  #notIdempotent(reason: string): SluiceError {
    const message = `The update function must change nothing when it is applied to its own result, or name a marker: ${reason}.`;
    return new SluiceError("UPDATE_NOT_IDEMPOTENT", message);
  }

  #paths(read: Iterable<string>, { set, remove }: Required<UserChange>): [string][] {
    const marker = this.#marker === undefined ? [] : [this.#marker[0]];
    return [...new Set([...read, ...Object.keys(set), ...remove, ...marker])].map((name) => [name]);
  }
}

function changeProblem(change: unknown, { keys }: TableSchema, marker: string | undefined): string | undefined {
  if (!isPlainObject(change) || change instanceof Promise) return "it must be an object or undefined";
  const unknown = Object.keys(change).find((field) => field !== "set" && field !== "remove");
  if (unknown !== undefined) return `it must have nothing but set and remove, got ${unknown}`;
  const { set = {}, remove = [] } = change;
  if (!isPlainObject(set)) return "set must be an object";
  if (!Array.isArray(remove) || !remove.every((name) => typeof name === "string"))
    return "remove must be a list of names";
  const [wrong] = Object.entries(set).flatMap(([name, value]) => {
    const problem = attributeProblem(value);
    return problem === undefined ? [] : [`set.${name} ${problem}`];
  });
  return wrong ?? namesProblem([...Object.keys(set), ...remove], [...keys, ...(marker === undefined ? [] : [marker])]);
}

function namesProblem(names: readonly string[], untouchable: readonly string[]): string | undefined {
  if (names.includes("")) return "an attribute's name must not be empty";
  const fixed = names.find((name) => untouchable.includes(name));
  if (fixed !== undefined) return `${fixed} is a key attribute or the marker, which it must not change`;
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  return twice === undefined ? undefined : `${twice} is named twice in set and remove`;
}

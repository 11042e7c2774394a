/** An item as an update function sees it: it is read-only, and it records which attributes are read. */
import { types } from "node:util";
import type { Item } from "../../aws/itemSize";
import { SluiceError } from "../../errors";

export interface RecordedItem {
  readonly item: Item;
  /** Names of the attributes that were read so far, missing ones too. */
  readonly read: ReadonlySet<string>;
  /** The first attribute that was read without being among `allowed`. */
  readonly undeclared: () => string | undefined;
}

/**
 * Properties that languages and libraries read from any object. If the item lacks them, they weren't meant as attributes.
 */
const PROBED = new Set(["then", "toJSON", ...Object.getOwnPropertyNames(Object.prototype)]);

/** @param allowed the attributes that may be read; default: all */
export function recorded(item: Item, allowed?: ReadonlySet<string>): RecordedItem {
  const read = new Set<string>();
  let undeclared: string | undefined;
  const note = (name: string | symbol) => {
    if (typeof name === "symbol" || (PROBED.has(name) && !Object.hasOwn(item, name))) return;
    if (allowed !== undefined && !allowed.has(name)) {
      undeclared ??= name;
      throw undeclaredRead(name);
    }
    read.add(name);
  };
  const view = new Proxy(item, {
    get(target, name) {
      note(name);
      return frozen(Reflect.get(target, name));
    },
    has(target, name) {
      note(name);
      return Object.hasOwn(target, name);
    },
    getOwnPropertyDescriptor(target, name) {
      note(name);
      const descriptor = Reflect.getOwnPropertyDescriptor(target, name);
      frozen(descriptor?.value);
      return descriptor;
    },
    ownKeys(target) {
      const names = Reflect.ownKeys(target).filter((name) => allowed?.has(String(name)) !== false);
      for (const name of names) note(name);
      return names;
    },
    set: unchangeable,
    deleteProperty: unchangeable,
    defineProperty: unchangeable,
    setPrototypeOf: unchangeable,
    preventExtensions: unchangeable,
  });
  return { item: view, read, undeclared: () => undeclared };
}

export function undeclaredRead(name: string): SluiceError {
  const message = `The update function read ${name}, which reads doesn't name.`;
  return new SluiceError("UPDATE_READS_UNDECLARED", message, { value: name });
}

function unchangeable(): never {
  throw new TypeError("An update function must not change the item; return what to set and remove.");
}

/**
 * Freezes deeply, except bytes, which JavaScript can't freeze. A changed value would be mistaken for the one that was
 * read.
 */
function frozen<T>(value: T): T {
  if (typeof value !== "object" || value === null || types.isUint8Array(value) || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const part of Object.values(value)) frozen(part);
  return value;
}

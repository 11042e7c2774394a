/** `#names` and `:values` of expressions. */
import type { AttributeValue } from "@aws-sdk/client-dynamodb";

export interface ExpressionContext {
  /** Attribute names by `#name`. */
  readonly names?: Readonly<Record<string, string>> | undefined;
  /** Values by `:value`. */
  readonly values?: Readonly<Record<string, AttributeValue>> | undefined;
}

/** Looks them up, and remembers which were used. */
export class References {
  readonly used = new Set<string>();
  readonly #context: ExpressionContext;

  constructor(context: ExpressionContext) {
    this.#context = context;
  }

  /** The attribute's name; undefined if the placeholder isn't defined. */
  name(text: string): string | undefined {
    return this.#find(this.#context.names, text);
  }

  /** Undefined if the placeholder isn't defined. */
  value(text: string): AttributeValue | undefined {
    return this.#find(this.#context.values, text);
  }

  #find<T>(defined: Readonly<Record<string, T>> = {}, text: string): T | undefined {
    this.used.add(text);
    return Object.hasOwn(defined, text) ? defined[text] : undefined;
  }
}

/**
 * Names and values that are defined but that none of the expressions uses; DynamoDB refuses them.
 *
 * @param used what each expression uses
 */
export function unusedIn(context: ExpressionContext, used: readonly ReadonlySet<string>[]): string[] {
  const defined = [...Object.keys(context.names ?? {}), ...Object.keys(context.values ?? {})];
  return defined.filter((text) => !used.some((some) => some.has(text)));
}

/**
 * A cache that forgets what was used longest ago. In bundles it takes the place of `mnemonist/lru-cache`, 7 kB that the
 * DynamoDB client brings along for its discovery of endpoints and needs in no function of ours (docs/decisions/0004).
 */
export default class EndpointLru<Value> {
  /** Oldest use first: a Map keeps the order of insertion. */
  readonly #entries = new Map<string, Value>();

  constructor(private readonly capacity: number) {}

  has(key: string): boolean {
    return this.#entries.has(key);
  }

  /** Reads without counting as a use. */
  peek(key: string): Value | undefined {
    return this.#entries.get(key);
  }

  get(key: string): Value | undefined {
    const value = this.#entries.get(key);
    if (value !== undefined) this.set(key, value);
    return value;
  }

  set(key: string, value: Value): void {
    this.#entries.delete(key);
    this.#entries.set(key, value);
    if (this.#entries.size > this.capacity) this.#entries.delete(this.#entries.keys().next().value!);
  }

  clear(): void {
    this.#entries.clear();
  }
}

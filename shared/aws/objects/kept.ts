/** A cache of the newest few things that a process has read from S3 and needs again, for each client. */
export class Kept<T> {
  private readonly byClient = new WeakMap<object, Map<string, Promise<T>>>();

  /** @param most how many are kept for a client. */
  constructor(private readonly most: number) {}

  /** The value of a name; reads it if it isn't kept. A read that fails is not kept. */
  get(client: object, name: string, read: () => Promise<T>): Promise<T> {
    const kept = this.byClient.get(client) ?? new Map<string, Promise<T>>();
    this.byClient.set(client, kept);
    const found = kept.get(name) ?? read();
    // Moves it behind the others, so that the first one is the least recently used.
    kept.delete(name);
    kept.set(name, found);
    if (kept.size > this.most) kept.delete([...kept.keys()][0]!);
    found.catch(() => kept.get(name) === found && kept.delete(name));
    return found;
  }
}

/** Keeps what a process has read of S3 and needs again: the newest few, for each client. */
export class Kept<T> {
  private readonly byClient = new WeakMap<object, Map<string, Promise<T>>>();

  /** @param most how many are kept for a client. */
  constructor(private readonly most: number) {}

  /** The value of a name; reads it if it isn't kept. A read that fails is not kept. */
  get(client: object, name: string, read: () => Promise<T>): Promise<T> {
    const kept = this.byClient.get(client) ?? new Map<string, Promise<T>>();
    this.byClient.set(client, kept);
    const found = kept.get(name) ?? read();
    // Puts it behind the others: the first is the one that was used least recently.
    kept.delete(name);
    kept.set(name, found);
    if (kept.size > this.most) kept.delete([...kept.keys()][0]!);
    found.catch(() => kept.get(name) === found && kept.delete(name));
    return found;
  }
}

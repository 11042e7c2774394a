/**
 * The app's storage by which a phone stays the same guest from one start to the next: React Native's AsyncStorage, a
 * browser's localStorage and `folderStorage` have these two functions.
 */
export interface GuestStorage {
  /** The value stored under a key; null or undefined if there is none. */
  getItem(key: string): Promise<string | null | undefined> | string | null | undefined;
  /** Stores a text of at most 200 characters under a key, and replaces the former one. */
  setItem(key: string, value: string): unknown;
}

/** The Cognito identity of this phone, kept across app starts. Not secret by itself: it proves nothing without its pool. */
export interface GuestIdentity {
  /** The identity's id; a new one of the pool if none is stored. */
  id(): Promise<string>;
  /** Replaces an identity that the pool no longer knows. @returns the new id */
  replace(): Promise<string>;
}

/** Without an app's storage the identity lasts as long as the sender. */
const nowhere: GuestStorage = { getItem: () => undefined, setItem: () => {} };

/**
 * @param newId makes a guest of the pool: Cognito's GetId
 * @param storage stores the id. If it fails, the phone becomes a new guest, which is better than a lost survey.
 */
export function guestIdentity(
  identityPoolId: string,
  newId: (identityPoolId: string) => Promise<string>,
  storage: GuestStorage = nowhere,
): GuestIdentity {
  const key = `sluice.guest.${identityPoolId}`;
  let known: string | undefined;
  const replace = async () => {
    const id = await newId(identityPoolId);
    known = id;
    await quietly(() => storage.setItem(key, id));
    return id;
  };
  return {
    async id() {
      known ??= (await quietly(() => storage.getItem(key))) || undefined;
      return known ?? (await replace());
    },
    replace,
  };
}

async function quietly<T>(work: () => T): Promise<Awaited<T> | undefined> {
  try {
    return await work();
  } catch {
    return undefined;
  }
}

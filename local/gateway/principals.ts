import { type KeyObject, randomBytes } from "node:crypto";

/** Who makes a request. */
export type Principal =
  | { kind: "administrator" }
  | {
      kind: "role";
      roleArn: string;
      sessionName: string;
      /** The name under which its calls are counted. Default: the role's. */
      name?: string;
      /** Called when a fault rule kills the caller. */
      kill?: () => void;
      /**
       * Whether its invocations wait while this laptop runs as many functions as it can. On AWS, a thousand would run
       * before any is throttled. Default false.
       */
      waitsForRoom?: boolean;
    };

export interface Credentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
}

/** An access key that was given out. */
export interface IssuedKey {
  principal: Principal;
  credentials: Required<Credentials>;
  /** Keys derived for signatures, by scope. */
  signingKeys: Map<string, KeyObject>;
}

/** Access keys of the local cloud, and whom they stand for. */
export class Principals {
  readonly #byAccessKey = new Map<string, IssuedKey>();

  issue(principal: Principal): Required<Credentials> {
    const prefix = principal.kind === "administrator" ? "AKIA" : "ASIA";
    const accessKeyId = prefix + randomBytes(8).toString("hex").toUpperCase();
    const credentials = {
      accessKeyId,
      secretAccessKey: randomBytes(20).toString("hex"),
      sessionToken: randomBytes(16).toString("hex"),
    };
    this.#byAccessKey.set(accessKeyId, { principal, credentials, signingKeys: new Map() });
    return credentials;
  }

  revoke(accessKeyId: string): void {
    this.#byAccessKey.delete(accessKeyId);
  }

  find(accessKeyId: string): IssuedKey | undefined {
    return this.#byAccessKey.get(accessKeyId);
  }
}

import type { ChildCloud } from "../../local/childCloud";
import { createSender, type Sender } from "../../sender/index";
import type { StruckRule } from "../faultTally";
import { sendThroughOutboxes } from "./outboxes";
import { SenderProxy } from "./proxy";
import type { Receipt } from "./receipts";
import { Refusals } from "./refusals";
import { isAsWritten, type SendProgress, sendBodies } from "./sendBodies";

export interface PhonesOptions {
  cloud: ChildCloud;
  /** The folder of the outboxes. */
  folder: string;
  /** 0 ≤ value < 1. */
  random: () => number;
  /** Is kept up to date. */
  progress: SendProgress;
  /** Ends the sending; its reason is thrown. */
  signal: AbortSignal;
}

/** One in this many bodies goes through an outbox, if the sender writes it unchanged. */
const THROUGH_OUTBOX = 4;

interface Way {
  proxy: SenderProxy;
  sender: Sender;
}

/** All senders: some send straight to the queue, some through outboxes and a proxy that refuses batches. */
export class Phones {
  /** Messages that the queue took, in the order of its answers. */
  readonly receipts: readonly Receipt[];
  readonly #options: PhonesOptions;
  readonly #straight: Way;
  readonly #refusing: Way;
  readonly #refusals: Refusals;

  private constructor(options: PhonesOptions, receipts: Receipt[], straight: Way, refusing: Way, refusals: Refusals) {
    this.#options = options;
    this.receipts = receipts;
    this.#straight = straight;
    this.#refusing = refusing;
    this.#refusals = refusals;
  }

  static async start(options: PhonesOptions): Promise<Phones> {
    const { endpoint } = options.cloud.state;
    const { random } = options;
    const refusals = new Refusals(random);
    const receipts: Receipt[] = [];
    const straight = await SenderProxy.start({ endpoint, random, receipts });
    const refusing = await SenderProxy.start({ endpoint, random, receipts, refusals });
    return new Phones(options, receipts, wayBy(straight, options.cloud), wayBy(refusing, options.cloud), refusals);
  }

  /** Sends until the queue has taken each body. @returns a sentence for each that can't be sent. */
  async send(texts: readonly string[]): Promise<string[]> {
    const { folder, progress, signal } = this.#options;
    const saved = texts.map((text, index) => index % THROUGH_OUTBOX === 1 && isAsWritten(text));
    const options = { sender: this.#refusing.sender, folder, progress, signal };
    const problems = await Promise.all([
      sendBodies(
        this.#straight.sender,
        texts.filter((_, index) => !saved[index]),
        progress,
        signal,
      ),
      sendThroughOutboxes(
        texts.filter((_, index) => saved[index]),
        options,
      ),
    ]);
    return problems.flat();
  }

  /** Ends once the queue has answered everything; the receipts are complete then. May be called again. */
  async close(): Promise<void> {
    for (const { sender, proxy } of [this.#straight, this.#refusing]) {
      sender.close();
      await proxy.close();
    }
  }

  /** The phones' faults on the way. */
  get faults(): StruckRule[] {
    const ways = [this.#straight.proxy.answers, this.#refusing.proxy.answers];
    const sum = (count: "matched" | "struck") => ways.reduce((total, way) => total + way[count], 0);
    return [
      { rule: "sender lost", matched: sum("matched"), struck: sum("struck") },
      ...this.#refusals.report.map(({ name, ...counts }) => ({ rule: `proxy ${name}`, ...counts })),
    ];
  }
}

function wayBy(proxy: SenderProxy, { state }: ChildCloud): Way {
  // Invalid submissions are sent too: this tests the store function, not the sender.
  const options = { endpoint: proxy.url, credentials: state.credentials, rules: false } as const;
  return { proxy, sender: createSender(state.outputs.sender, options) };
}

/** Small parts that all views use. */
import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";
import type { JobState } from "../../../shared/jobs/job";
import { percent } from "../../text/format";
import type { ErrorDocument } from "../contract";
import { type Connection, live, sentenceOf } from "./api";

export function Card({
  title,
  actions,
  children,
  wide = false,
}: {
  title: string;
  actions?: ComponentChildren;
  children: ComponentChildren;
  wide?: boolean;
}) {
  const id = useId();
  return (
    <section class={wide ? "card wide" : "card"} aria-labelledby={id}>
      <header>
        <h2 id={id}>{title}</h2>
        {actions}
      </header>
      {children}
    </section>
  );
}

export function StatePill({ state }: { state: JobState }) {
  return <span class={`pill ${state}`}>{state}</span>;
}

/** A bar with its share in figures. */
export function Progress({ share, label }: { share: number; label: string }) {
  return (
    <span class={share === 1 ? "progress full" : "progress"}>
      <progress max={1} value={share} aria-label={label} />
      <span class="figure">{percent(share)}</span>
    </span>
  );
}

export function Figure({ name, children, tone }: { name: string; children: ComponentChildren; tone?: "bad" | "warn" }) {
  return (
    <div class={tone === undefined ? "figure-box" : `figure-box ${tone}`}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** A box with larger content. The keyboard can scroll only elements that can have the focus. */
export function Scroll({ label, children }: { label: string; children: ComponentChildren }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: the keyboard scrolls it
    <section class="scroll" tabIndex={0} aria-label={label}>
      {children}
    </section>
  );
}

/** A text, unchanged, in a box that scrolls. */
export function Text({ children }: { children: string }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: the keyboard scrolls it
    <pre tabIndex={0}>{children}</pre>
  );
}

export function Problems({ problems }: { problems: readonly string[] }) {
  if (problems.length === 0) return null;
  return (
    <div class="problems" role="alert">
      {problems.length === 1 ? (
        <p>{problems[0]}</p>
      ) : (
        <ul>
          {problems.map((problem) => (
            <li key={problem}>{problem}</li>
          ))}
        </ul>
      )}
    </div>
  );
}

export interface Question {
  readonly title: string;
  readonly text: ComponentChildren;
  /** The word on the button that confirms. */
  readonly action: string;
  /** True if it can't be undone: the button is red. */
  readonly danger?: boolean;
  /** A text that has to be typed before the button works. */
  readonly typed?: string;
  readonly onYes: () => Promise<void>;
}

const FOCUSABLE = "a[href], button:not(:disabled), input:not(:disabled)";

/** Puts a lost focus back: on the same element, on one nearby if that is gone or disabled, else on the heading. */
export function restoreFocus(before: Element | null): void {
  if (document.activeElement !== document.body) return;
  const there = before?.isConnected ? before : null;
  const near = there?.matches(FOCUSABLE) ? there : there?.closest("section")?.querySelector(FOCUSABLE);
  const to = near ?? document.querySelector("h1");
  if (to instanceof HTMLElement) to.focus();
}

/** Asks before something changes. The browser keeps the focus inside, and Escape means no. */
export function Ask({ question, onClose }: { question: Question; onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [typed, setTyped] = useState("");
  const [busy, setBusy] = useState(false);
  const [problems, setProblems] = useState<readonly string[]>([]);
  const id = useId();
  useEffect(() => {
    const opener = document.activeElement;
    dialog.current?.showModal();
    return () => setTimeout(() => restoreFocus(opener));
  }, []);
  const ready = !busy && (question.typed === undefined || typed.trim() === question.typed);
  const submit = async (event: Event) => {
    event.preventDefault();
    if (!ready) return;
    setBusy(true);
    try {
      await question.onYes();
      onClose();
    } catch (error) {
      setProblems([sentenceOf(error)]);
      setBusy(false);
    }
  };
  return (
    <dialog ref={dialog} aria-labelledby={id} onClose={onClose}>
      <form onSubmit={submit}>
        <h2 id={id}>{question.title}</h2>
        <div class="dialog-text">{question.text}</div>
        {question.typed !== undefined && (
          <label class="field">
            <span>
              Type <code>{question.typed}</code> to go on
            </span>
            <input
              value={typed}
              onInput={(event) => setTyped(event.currentTarget.value)}
              autocomplete="off"
              spellcheck={false}
            />
          </label>
        )}
        <Problems problems={problems} />
        <div class="buttons end">
          <button type="button" onClick={() => dialog.current?.close()}>
            Cancel
          </button>
          <button type="submit" class={question.danger ? "danger" : "primary"} disabled={!ready}>
            {busy ? "One moment …" : question.action}
          </button>
        </div>
      </form>
    </dialog>
  );
}

/** Follows a stream while the part is shown. */
export function useLive<Event>(path: string, onEvent: (event: Event) => void) {
  const [connection, setConnection] = useState<Connection>("connecting");
  const [failure, setFailure] = useState<ErrorDocument["error"]>();
  const [trouble, setTrouble] = useState<string>();
  useEffect(() => {
    setFailure(undefined);
    return live<Event & { trouble?: string }>(path, {
      onEvent: (event) => {
        setTrouble(event.trouble);
        if (event.trouble === undefined) onEvent(event);
      },
      onConnection: setConnection,
      onFailure: setFailure,
    });
  }, [path]);
  return { connection, failure, trouble };
}

/** Shows how current the figures are. A lost connection is announced. */
export function ConnectionNote({ connection, trouble }: { connection: Connection; trouble: string | undefined }) {
  const lost = connection === "lost";
  const text = lost
    ? "Connection lost: the figures are not current. Trying again …"
    : trouble !== undefined
      ? `${trouble} Trying again …`
      : connection === "live"
        ? "Live"
        : "Connecting …";
  return (
    <p class={lost || trouble !== undefined ? "connection lost" : `connection ${connection}`} role="status">
      {text}
    </p>
  );
}

/** The buttons of a job. Those that change data or end something ask first. */
import { useEffect, useRef, useState } from "preact/hooks";
import type { Direction } from "../../../shared/capacity/metering/direction";
import type { ControlName, DoneDocument, JobDocument } from "../contract";
import { post, sentenceOf } from "./api";
import { Ask, Problems, type Question, restoreFocus } from "./parts";
import { capital } from "./words";

export interface JobControlsProps {
  id: string;
  job: JobDocument;
  onDone: (done: DoneDocument | undefined) => void;
}

export function JobControls({ id, job, onDone }: JobControlsProps) {
  const [question, setQuestion] = useState<Question>();
  const [problems, setProblems] = useState<readonly string[]>([]);
  const { controls, changes, row } = job;
  const send = async (verb: ControlName, body: object = {}) => {
    setProblems([]);
    onDone(await post<DoneDocument>(`/api/jobs/${encodeURIComponent(id)}/${verb}`, body));
  };
  const now = (verb: ControlName) => send(verb).catch((error) => setProblems([sentenceOf(error)]));
  const writeRate = row.rates.find(({ direction }) => direction === "write")?.limit;
  const rates = writeRate === undefined ? {} : { writeRate: String(writeRate) };
  const ask: Record<"cancel" | "redrive" | "undo", Question> = {
    cancel: {
      title: `Cancel ${id}?`,
      text: "It ends for good. What it has done stays.",
      action: "Cancel the job",
      danger: true,
      onYes: () => send("cancel"),
    },
    redrive: {
      title: `Redrive the failures of ${id}?`,
      text: "A new job with the same operation and rate works on the items that failed.",
      action: "Start the job",
      ...(changes === undefined ? {} : { typed: changes }),
      onYes: () => send("redrive", { ...rates, ...(changes === undefined ? {} : { confirm: changes }) }),
    },
    undo: {
      title: `Undo ${id}?`,
      text: "A new job puts the former values back wherever an item is still as this job left it.",
      action: "Start the job",
      danger: true,
      ...(changes === undefined ? {} : { typed: changes }),
      onYes: () => send("undo", { ...rates, ...(changes === undefined ? {} : { confirm: changes }) }),
    },
  };
  const button = (name: ControlName, text: string, onClick: () => void) =>
    controls[name].allowed && (
      <button type="button" class={name === "cancel" ? "danger-quiet" : ""} onClick={onClick}>
        {text}
      </button>
    );
  // A button goes when the job's state changes, and takes the focus with it.
  const section = useRef<HTMLElement>(null);
  const focused = useRef<EventTarget>(null);
  useEffect(() => {
    if (!(focused.current instanceof Element) || focused.current.isConnected) return;
    focused.current = null;
    restoreFocus(section.current);
  });
  return (
    <section
      class="controls"
      aria-label="Controls"
      ref={section}
      onFocusIn={({ target }) => {
        focused.current = target;
      }}
    >
      <div class="buttons">
        {button("pause", "Pause", () => now("pause"))}
        {button("resume", "Resume", () => now("resume"))}
        {controls.rate.allowed && <RateForm job={job} onRate={(change) => send("rate", change)} />}
        {button("redrive", "Redrive failures", () => setQuestion(ask.redrive))}
        {button("undo", "Undo", () => setQuestion(ask.undo))}
        <a class="button" href={`#/start/${encodeURIComponent(id)}`}>
          Clone with changes
        </a>
        {button("cancel", "Cancel", () => setQuestion(ask.cancel))}
      </div>
      <Problems problems={problems} />
      {question !== undefined && <Ask question={question} onClose={() => setQuestion(undefined)} />}
    </section>
  );
}

const units = { read: "RCU/s", write: "WCU/s" } as const;

/** A field for each limit. Empty: unchanged. */
function RateForm({ job, onRate }: { job: JobDocument; onRate: (change: Record<string, string>) => Promise<void> }) {
  const [typed, setTyped] = useState<Readonly<Partial<Record<Direction, string>>>>({});
  const [problem, setProblem] = useState<string>();
  const change = Object.fromEntries(
    Object.entries(typed).flatMap(([direction, rate]) =>
      rate.trim() === "" ? [] : [[`${direction}Rate`, rate.trim()]],
    ),
  );
  const submit = async (event: Event) => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    try {
      await onRate(change);
      // The button is disabled now, and would lose the focus.
      form.querySelector("input")?.focus();
      setTyped({});
      setProblem(undefined);
    } catch (error) {
      setProblem(sentenceOf(error));
    }
  };
  return (
    <form class="rate-form" onSubmit={submit}>
      {job.row.rates.map(({ direction, limit }) => (
        <label key={direction}>
          <span>{capital(direction)} rate</span>
          <input
            value={typed[direction] ?? ""}
            placeholder={String(limit)}
            size={7}
            aria-invalid={problem === undefined ? undefined : "true"}
            aria-describedby={problem === undefined ? undefined : "rate-problem"}
            onInput={(event) => setTyped({ ...typed, [direction]: event.currentTarget.value })}
          />
          <span class="unit">{units[direction]}</span>
        </label>
      ))}
      <button type="submit" disabled={Object.keys(change).length === 0}>
        Change rate
      </button>
      {problem !== undefined && (
        <p id="rate-problem" class="field-problem" role="alert">
          {problem}
        </p>
      )}
    </form>
  );
}

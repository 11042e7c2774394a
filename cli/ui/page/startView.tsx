/** The form that starts a job. Every problem stands beside its field, and an estimate comes before the start. */
import { useEffect, useState } from "preact/hooks";
import type { DoneDocument, EstimateDocument, FormDocument, FormField, FormValues } from "../contract";
import { get, post, Refusal, sentenceOf } from "./api";
import { Ask, Card, Problems, type Question } from "./parts";
import { capital } from "./words";

type FieldProblems = Readonly<Record<string, readonly string[]>>;

/** They come first, because every job has them. */
const MAIN = ["source", "readRate", "writeRate", "update", "onlyIf", "to", "filter"];

export function StartView({ cloned }: { cloned: string | undefined }) {
  const [form, setForm] = useState<FormDocument>();
  const [problem, setProblem] = useState<string>();
  useEffect(() => {
    const query = cloned === undefined ? "" : `?clone=${encodeURIComponent(cloned)}`;
    get<FormDocument>(`/api/form${query}`).then(setForm, (error) => setProblem(sentenceOf(error)));
  }, [cloned]);
  return (
    <>
      <div class="title">
        <h1 tabIndex={-1}>{cloned === undefined ? "Start a job" : `Clone ${cloned}`}</h1>
      </div>
      {problem !== undefined && <Problems problems={[problem]} />}
      {form !== undefined && <StartForm form={form} />}
    </>
  );
}

function StartForm({ form }: { form: FormDocument }) {
  const [values, setValues] = useState<FormValues>({ operation: form.operations[0] ?? "", table: "", ...form.values });
  const [problems, setProblems] = useState<readonly string[]>([]);
  const [fieldProblems, setFieldProblems] = useState<FieldProblems>({});
  const [estimate, setEstimate] = useState<EstimateDocument>();
  const [question, setQuestion] = useState<Question>();
  const [busy, setBusy] = useState(false);
  const fields = fieldsShown(form, values);
  const shownValues = onlyShown(values, fields);
  const change = (name: string, value: string | boolean) => {
    setValues({ ...values, [name]: value });
    setEstimate(undefined);
  };
  const refused = (error: unknown) => {
    if (!(error instanceof Refusal)) return setProblems([sentenceOf(error)]);
    const { problems: all, fields: named = {} } = error.error;
    const elsewhere = Object.entries(named).filter(([name]) => !isShown(name, fields));
    setFieldProblems(named);
    setProblems([...all, ...elsewhere.flatMap(([, sentences]) => sentences)]);
    setTimeout(() => document.querySelector<HTMLElement>("[aria-invalid=true]")?.focus());
  };
  const ask = async (asked: FormValues) => {
    if (busy) return undefined;
    setBusy(true);
    setProblems([]);
    setFieldProblems({});
    setEstimate(undefined);
    try {
      const found = await post<EstimateDocument>("/api/estimate", { values: asked, jobId: form.jobId });
      setEstimate(found);
      return found;
    } catch (error) {
      refused(error);
      return undefined;
    } finally {
      setBusy(false);
    }
  };
  /** Estimates first, then asks. */
  const begin = async (asked: FormValues) => {
    const found = await ask(asked);
    if (found === undefined) return;
    const { changes } = found;
    setQuestion({
      title: `Start ${asked.operation} over ${asked.table}?`,
      text: <EstimateText estimate={found} />,
      action: asked.dryRun === true ? "Start the dry run" : "Start the job",
      ...(changes === undefined ? {} : { typed: changes }),
      onYes: async () => {
        const confirm = changes === undefined ? {} : { confirm: changes };
        const { job } = await post<DoneDocument>("/api/start", { values: asked, jobId: form.jobId, ...confirm });
        location.hash = `#/jobs/${encodeURIComponent(job ?? form.jobId)}`;
      },
    });
  };
  const canTry = fields.some(({ name }) => name === "dryRun");
  const main = fields.filter(({ name }) => MAIN.includes(name));
  const more = fields.filter(({ name }) => !MAIN.includes(name));
  const open = more.some(({ name }) => name in fieldProblems || (values[name] ?? "") !== "");
  const input = (field: FormField) => (
    <Field
      key={field.name}
      field={field}
      value={values[field.name]}
      problems={fieldProblems[field.name] ?? []}
      onChange={change}
    />
  );
  const operations = {
    name: "operation",
    label: "Operation",
    help: "what is done with each item",
    kind: "choice",
  } as const;
  const table = { name: "table", label: "Table", help: "the table's name", kind: "text" } as const;
  return (
    <form
      class="start"
      onSubmit={(event) => {
        event.preventDefault();
        void begin(shownValues);
      }}
    >
      <Problems problems={problems} />
      <Card title="What it does">
        <div class="fields">
          {input({ ...operations, choices: form.operations })}
          {input(table)}
          {main.map(input)}
        </div>
        <details open={open}>
          <summary>More options</summary>
          <div class="fields">{more.map(input)}</div>
        </details>
      </Card>
      <div class="buttons">
        <button type="submit" class="primary" aria-disabled={busy}>
          {busy ? "One moment …" : "Start …"}
        </button>
        {canTry && (
          <button type="button" aria-disabled={busy} onClick={() => begin({ ...shownValues, dryRun: true })}>
            Dry run …
          </button>
        )}
        <button type="button" aria-disabled={busy} onClick={() => ask(shownValues)}>
          Estimate
        </button>
      </div>
      {estimate !== undefined && (
        <Card title="Estimate">
          <EstimateText estimate={estimate} />
        </Card>
      )}
      {question !== undefined && <Ask question={question} onClose={() => setQuestion(undefined)} />}
    </form>
  );
}

/** Fields that make sense for the chosen operation and source. */
function fieldsShown({ fields, fieldsOf, sourceFields }: FormDocument, values: FormValues): FormField[] {
  const own = fieldsOf[String(values.operation)] ?? [];
  const kind = String(values.source || "table").split(":")[0]!;
  const names = new Set([...own, ...(sourceFields[kind] ?? [])]);
  return fields.filter(({ name }) => names.has(name) && !own.includes(`-${name}`));
}

function isShown(name: string, fields: readonly FormField[]): boolean {
  return name === "operation" || name === "table" || fields.some((field) => field.name === name);
}

/** Values of fields that are no longer shown don't count. */
function onlyShown(values: FormValues, fields: readonly FormField[]): FormValues {
  return Object.fromEntries(Object.entries(values).filter(([name]) => isShown(name, fields)));
}

interface FieldProps {
  field: FormField;
  value: string | boolean | undefined;
  problems: readonly string[];
  onChange: (name: string, value: string | boolean) => void;
}

function Field({ field: { name, label, help, kind, choices = [] }, value = "", problems, onChange }: FieldProps) {
  const common = {
    id: `field-${name}`,
    "aria-describedby": `help-${name}${problems.length > 0 ? ` problem-${name}` : ""}`,
    ...(problems.length > 0 ? { "aria-invalid": "true" as const } : {}),
  };
  const text = String(value);
  return (
    <div class={`field ${kind}`}>
      <label for={common.id}>{label}</label>
      {kind === "switch" && (
        <input
          {...common}
          type="checkbox"
          checked={value === true}
          onChange={(event) => onChange(name, event.currentTarget.checked)}
        />
      )}
      {kind === "choice" && (
        <select {...common} value={text} onChange={(event) => onChange(name, event.currentTarget.value)}>
          {name !== "operation" && <option value="">default</option>}
          {choices.map((choice) => (
            <option key={choice}>{choice}</option>
          ))}
        </select>
      )}
      {kind === "json" && (
        <textarea
          {...common}
          rows={MAIN.includes(name) ? 6 : 3}
          spellcheck={false}
          value={text}
          onInput={(event) => onChange(name, event.currentTarget.value)}
        />
      )}
      {kind === "text" && (
        <input
          {...common}
          autocomplete="off"
          spellcheck={false}
          value={text}
          onInput={(event) => onChange(name, event.currentTarget.value)}
        />
      )}
      <small id={`help-${name}`}>{capital(help)}</small>
      {problems.length > 0 && (
        <p class="field-problem" id={`problem-${name}`}>
          {problems.join(" ")}
        </p>
      )}
    </div>
  );
}

function EstimateText({ estimate: { figures, warnings, notes } }: { estimate: EstimateDocument }) {
  return (
    <>
      <dl class="facts">
        {figures.map(([name, text]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
      {warnings.map((warning) => (
        <p key={warning} class="note warn">
          {warning}
        </p>
      ))}
      <p class="quiet small">{notes.join(" ")}</p>
    </>
  );
}

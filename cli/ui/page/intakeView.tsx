/** Quarantine and dead letters. Bodies, which have answers and free text, are hidden until asked for. */
import { useEffect, useRef, useState } from "preact/hooks";
import { counted, whole } from "../../text/format";
import type { DeadDocument, DoneDocument, IntakeOverview, QuarantineDocument, QuarantineLine } from "../contract";
import { download, get, post, sentenceOf } from "./api";
import { IntakeFigures } from "./intakeFigures";
import { Ask, Card, ConnectionNote, Problems, type Question, Scroll, Text, useLive } from "./parts";
import { Cell, Row, Table } from "./table";
import { sentText } from "./words";

export function IntakeView() {
  const [intake, setIntake] = useState<IntakeOverview>();
  const [problem, setProblem] = useState<string>();
  // Reading the lists costs a request for each record, so they are read again only if their number changes.
  const [arrived, setArrived] = useState(0);
  const { connection, failure, trouble } = useLive<{ intake?: IntakeOverview; intakeProblem?: string }>(
    "/api/live/intake",
    (event) => {
      const { intake: found } = event;
      if (found !== undefined) {
        setIntake((known) => {
          if (known !== undefined && listed(known) !== listed(found)) setArrived((count) => count + 1);
          return found;
        });
      }
      setProblem(event.intakeProblem);
    },
  );
  return (
    <>
      <div class="title">
        <h1 tabIndex={-1}>Intake</h1>
        <ConnectionNote connection={connection} trouble={trouble} />
      </div>
      <Problems problems={[...(failure?.problems ?? []), ...(problem === undefined ? [] : [problem])]} />
      <Card title="Now" wide>
        {intake === undefined ? <p class="empty">Reading queue and metrics …</p> : <IntakeFigures intake={intake} />}
      </Card>
      <Quarantine arrived={arrived} />
      <DeadLetters arrived={arrived} />
      <Downloads />
    </>
  );
}

/** Changes with the number of records and letters. */
function listed({ quarantinedToday, deadLetters }: IntakeOverview): string {
  return `${quarantinedToday} ${deadLetters}`;
}

interface Choice {
  readonly reason: string;
  readonly participant: string;
  readonly all: boolean;
}

function Quarantine({ arrived }: { arrived: number }) {
  const [choice, setChoice] = useState<Choice>({ reason: "", participant: "", all: false });
  const [found, setFound] = useState<QuarantineDocument>();
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [problems, setProblems] = useState<readonly string[]>([]);
  const [done, setDone] = useState<string>();
  const [question, setQuestion] = useState<Question>();
  const [reload, setReload] = useState(0);
  useEffect(() => {
    const given = Object.entries({ ...choice, all: String(choice.all) }).filter(([, value]) => value !== "");
    const gone = new AbortController();
    get<QuarantineDocument>(`/api/quarantine?${new URLSearchParams(given)}`, gone.signal).then(
      (document) => {
        setFound(document);
        setProblems([]);
        // Records that are no longer listed are no longer chosen.
        const keys = new Set(document.records.map(({ key }) => key));
        setChosen((known) => new Set([...known].filter((key) => keys.has(key))));
      },
      (error) => gone.signal.aborted || setProblems([sentenceOf(error)]),
    );
    return () => gone.abort();
  }, [choice, arrived, reload]);
  const settle = async (path: string, body: object) => {
    const { message } = await post<DoneDocument>(path, { keys: [...chosen], ...body });
    setDone(message);
    setChosen(new Set());
    setReload((count) => count + 1);
  };
  const records = counted(chosen.size, "record");
  const askResend = () =>
    setQuestion({
      title: `Resend ${records}?`,
      text: found?.tokens
        ? "This stack requires tokens, which quarantine doesn't keep. Each body is sent with the token of the participant it names: you vouch for it."
        : "Each body goes to the queue again, byte for byte. It counts once, however often it is sent.",
      action: "Resend",
      onYes: () => settle("/api/quarantine/resend", { prove: found?.tokens === true }),
    });
  const all = found !== undefined && found.records.length > 0 && found.records.every(({ key }) => chosen.has(key));
  return (
    <Card title="Quarantine" wide>
      {found !== undefined && (
        <p class="reasons">
          {Object.keys(found.reasons).length === 0 ? "No record is open." : "Open records by reason:"}
          {Object.entries(found.reasons).map(([reason, count]) => (
            <button
              key={reason}
              type="button"
              class="chip"
              aria-pressed={choice.reason === reason}
              onClick={() => setChoice({ ...choice, reason: choice.reason === reason ? "" : reason })}
            >
              {reason} <strong>{whole(count)}</strong>
            </button>
          ))}
        </p>
      )}
      <form class="filters" onSubmit={(event) => event.preventDefault()}>
        <label>
          Participant
          <input
            value={choice.participant}
            placeholder="all"
            onChange={(event) => setChoice({ ...choice, participant: event.currentTarget.value.trim() })}
          />
        </label>
        <label class="check">
          <input
            type="checkbox"
            checked={choice.all}
            onChange={(event) => setChoice({ ...choice, all: event.currentTarget.checked })}
          />
          also those that are done
        </label>
        <span class="buttons">
          <button type="button" disabled={chosen.size === 0} onClick={askResend}>
            Resend {chosen.size > 0 ? whole(chosen.size) : ""}
          </button>
          <ResolveForm disabled={chosen.size === 0} onResolve={(note) => settle("/api/quarantine/resolve", { note })} />
        </span>
      </form>
      <Problems problems={problems} />
      {done !== undefined && (
        <p class="message" role="status">
          {done}
        </p>
      )}
      {found === undefined ? (
        <p class="empty">Reading the records …</p>
      ) : found.records.length === 0 ? (
        <p class="empty">No record is listed.</p>
      ) : (
        <Scroll label="Records in quarantine">
          <Table
            kind="records"
            columns={[
              {
                name: (
                  <input
                    type="checkbox"
                    aria-label="Choose all"
                    checked={all}
                    onChange={() => setChosen(new Set(all ? [] : found.records.map(({ key }) => key)))}
                  />
                ),
              },
              { name: "Sent" },
              { name: "Status" },
              { name: "Participant" },
              { name: "Reasons" },
              { name: "Body" },
            ]}
          >
            {found.records.map((record) => (
              <Record
                key={record.key}
                record={record}
                chosen={chosen.has(record.key)}
                onChoose={(is) => {
                  const keys = new Set(chosen);
                  if (is) keys.add(record.key);
                  else keys.delete(record.key);
                  setChosen(keys);
                }}
              />
            ))}
          </Table>
        </Scroll>
      )}
      {found !== undefined && found.total > found.records.length && (
        <p class="quiet">
          The newest {whole(found.records.length)} of {whole(found.total)} are shown.
        </p>
      )}
      {question !== undefined && <Ask question={question} onClose={() => setQuestion(undefined)} />}
    </Card>
  );
}

function ResolveForm({ disabled, onResolve }: { disabled: boolean; onResolve: (note: string) => Promise<void> }) {
  const [note, setNote] = useState("");
  const [problem, setProblem] = useState<string>();
  const input = useRef<HTMLInputElement>(null);
  const resolve = () =>
    onResolve(note).then(
      () => {
        // The button is disabled now, and would lose the focus.
        input.current?.focus();
        setNote("");
        setProblem(undefined);
      },
      (error) => setProblem(sentenceOf(error)),
    );
  return (
    <>
      <input
        ref={input}
        aria-label="Note: why the chosen records need nothing more"
        placeholder="Note"
        value={note}
        onInput={(event) => setNote(event.currentTarget.value)}
      />
      <button type="button" disabled={disabled || note.trim() === ""} onClick={resolve}>
        Resolve
      </button>
      {problem !== undefined && <Problems problems={[problem]} />}
    </>
  );
}

interface RecordProps {
  record: QuarantineLine;
  chosen: boolean;
  onChoose: (chosen: boolean) => void;
}

function Record({ record, chosen, onChoose }: RecordProps) {
  const { key, sentAt, status, participant, codes, reason, bytes, resolution } = record;
  const [body, setBody] = useState<string>();
  const toggle = async () => {
    if (body !== undefined) return setBody(undefined);
    try {
      setBody((await get<{ body: string }>(`/api/quarantine/record?key=${encodeURIComponent(key)}`)).body);
    } catch (error) {
      setBody(sentenceOf(error));
    }
  };
  return (
    <>
      <Row>
        <Cell>
          <input
            type="checkbox"
            aria-label={`Choose ${key}`}
            checked={chosen}
            onChange={(event) => onChoose(event.currentTarget.checked)}
          />
        </Cell>
        <Cell class="nowrap">{sentText(sentAt)}</Cell>
        <Cell>
          <span class={`pill ${status}`}>{status}</span>
          {resolution !== "" && <small>{resolution}</small>}
        </Cell>
        <Cell>{participant || <span class="quiet">not named</span>}</Cell>
        <Cell>
          <code>{codes.join(", ")}</code>
          <small>{reason}</small>
        </Cell>
        <Cell>
          <button type="button" class="small" aria-expanded={body !== undefined} onClick={toggle}>
            {body === undefined ? `Show ${whole(bytes)} bytes` : "Hide"}
          </button>
        </Cell>
      </Row>
      {body !== undefined && (
        <Row>
          <Cell colSpan={6}>
            <Text>{body}</Text>
          </Cell>
        </Row>
      )}
    </>
  );
}

function DeadLetters({ arrived }: { arrived: number }) {
  const [found, setFound] = useState<DeadDocument>();
  const [problems, setProblems] = useState<readonly string[]>([]);
  const [done, setDone] = useState<string>();
  const [question, setQuestion] = useState<Question>();
  const [reload, setReload] = useState(0);
  useEffect(() => {
    const gone = new AbortController();
    get<DeadDocument>("/api/dead", gone.signal).then(
      (document) => {
        setFound(document);
        setProblems([]);
      },
      (error) => gone.signal.aborted || setProblems([sentenceOf(error)]),
    );
    return () => gone.abort();
  }, [arrived, reload]);
  const ask = () =>
    setQuestion({
      title: `Move ${counted(found?.total ?? 0, "dead letter")} back to the queue?`,
      text: "They will be tried again. Nothing is counted twice, however often letters are moved.",
      action: "Redrive",
      onYes: async () => {
        setDone((await post<DoneDocument>("/api/dead/redrive")).message);
        setReload((count) => count + 1);
      },
    });
  const redrive = (
    <button type="button" disabled={found === undefined || found.total === 0} onClick={ask}>
      Redrive
    </button>
  );
  return (
    <Card title="Dead letters" actions={redrive} wide>
      <Problems problems={problems} />
      {done !== undefined && (
        <p class="message" role="status">
          {done}
        </p>
      )}
      {found === undefined && <p class="empty">Reading the queue …</p>}
      {found?.total === 0 && <p class="empty">There are no dead letters.</p>}
      {found !== undefined && found.letters.length > 0 && (
        <Scroll label="Dead letters">
          <Table
            kind="cards"
            columns={[
              { name: "Sent" },
              { name: "Participant" },
              { name: "Receives", right: true },
              { name: "Bytes", right: true },
              { name: "Last error" },
            ]}
          >
            {found.letters.map(({ messageId, sentAt, participant, receives, bytes, lastError }) => (
              <Row key={messageId}>
                <Cell class="nowrap" label="Sent">
                  {sentText(sentAt)}
                </Cell>
                <Cell label="Participant">{participant || <span class="quiet">not named</span>}</Cell>
                <Cell class="right" label="Receives">
                  {whole(receives)}
                </Cell>
                <Cell class="right" label="Bytes">
                  {whole(bytes)}
                </Cell>
                <Cell class="reason" label="Last error">
                  {lastError || <span class="quiet">the log has none</span>}
                </Cell>
              </Row>
            ))}
          </Table>
        </Scroll>
      )}
      {question !== undefined && <Ask question={question} onClose={() => setQuestion(undefined)} />}
    </Card>
  );
}

const files = [
  ["quarantine.csv", "Quarantine, without bodies"],
  ["dead-letters.csv", "Dead letters"],
  ["participants.csv", "Participants with their latest answers"],
  ["submissions.csv", "All submissions with their answers"],
] as const;

function Downloads() {
  const [problem, setProblem] = useState<string>();
  return (
    <Card title="Download as CSV" wide>
      {problem !== undefined && <Problems problems={[problem]} />}
      <div class="buttons">
        {files.map(([name, text]) => (
          <button
            key={name}
            type="button"
            onClick={() => {
              setProblem(undefined);
              download(name).catch((error) => setProblem(sentenceOf(error)));
            }}
          >
            {text}
          </button>
        ))}
      </div>
    </Card>
  );
}

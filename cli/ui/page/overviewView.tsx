/** The intake and all jobs. */
import { useRef, useState } from "preact/hooks";
import { counted, dollars } from "../../text/format";
import type { IntakeOverview, JobPage, JobRow, OverviewEvent } from "../contract";
import { get, sentenceOf } from "./api";
import { IntakeFigures } from "./intakeFigures";
import { Card, ConnectionNote, Problems, Progress, StatePill, useLive } from "./parts";
import { Cell, Row, RowHeader, Table } from "./table";
import { minuteText, rateText, timeText } from "./words";

const states = ["starting", "running", "paused", "completed", "failed", "cancelled"] as const;

interface Filter {
  readonly state: string;
  readonly operation: string;
  readonly table: string;
}

const noFilter: Filter = { state: "", operation: "", table: "" };

export function OverviewView() {
  const [page, setPage] = useState<JobPage>();
  const [rows, setRows] = useState<ReadonlyMap<string, JobRow>>(new Map());
  const [intake, setIntake] = useState<IntakeOverview>();
  const [intakeProblem, setIntakeProblem] = useState<string>();
  const { connection, failure, trouble } = useLive<OverviewEvent>("/api/live/overview", (event) => {
    if (event.jobs !== undefined) setPage(event.jobs);
    if (event.row !== undefined) setRows((known) => new Map(known).set(event.row!.id, event.row!));
    if (event.intake !== undefined) setIntake(event.intake);
    setIntakeProblem((known) => (event.intake === undefined ? (event.intakeProblem ?? known) : undefined));
  });
  return (
    <>
      <div class="title">
        <h1 tabIndex={-1}>Overview</h1>
        <ConnectionNote connection={connection} trouble={trouble} />
      </div>
      <Problems problems={failure?.problems ?? []} />
      <Card
        title="Jobs"
        actions={
          <a class="button primary" href="#/start">
            Start a job
          </a>
        }
        wide
      >
        {page === undefined ? <p class="empty">Reading the list …</p> : <JobList newest={page} rows={rows} />}
      </Card>
      <Card
        title="Intake"
        actions={
          <a class="button" href="#/intake">
            Quarantine and dead letters
          </a>
        }
        wide
      >
        {intake !== undefined && <IntakeFigures intake={intake} />}
        {intakeProblem !== undefined && <Problems problems={[intakeProblem]} />}
        {intake === undefined && intakeProblem === undefined && <p class="empty">Reading queue and metrics …</p>}
      </Card>
    </>
  );
}

/** The newest jobs are live; filtered or older ones show their state at the time of the request. */
function JobList({ newest, rows }: { newest: JobPage; rows: ReadonlyMap<string, JobRow> }) {
  const [filter, setFilter] = useState(noFilter);
  const [found, setFound] = useState<JobPage>();
  const [problems, setProblems] = useState<readonly string[]>([]);
  const filtered = Object.values(filter).some((value) => value !== "");
  // Answers to the filter before come too late.
  const asking = useRef(new AbortController());
  const ask = async (wanted: Filter, before: JobPage | undefined) => {
    const { signal } = asking.current;
    const given = Object.entries({ ...wanted, from: before?.next ?? "" }).filter(([, value]) => value !== "");
    try {
      const more = await get<JobPage>(`/api/jobs?${new URLSearchParams(given)}`, signal);
      setFound({ ...more, jobs: [...(before?.jobs ?? []), ...more.jobs] });
      setProblems([]);
    } catch (error) {
      if (!signal.aborted) setProblems([sentenceOf(error)]);
    }
  };
  const choose = (change: Partial<Filter>) => {
    asking.current.abort();
    asking.current = new AbortController();
    const wanted = { ...filter, ...change };
    setFilter(wanted);
    setFound(undefined);
    if (Object.values(wanted).some((value) => value !== "")) void ask(wanted, undefined);
  };
  const known = new Set(newest.jobs.map(({ id }) => id));
  const shown = filtered
    ? (found ?? { jobs: [] })
    : found === undefined
      ? newest
      : { ...found, jobs: [...newest.jobs, ...found.jobs.filter(({ id }) => !known.has(id))] };
  return (
    <>
      <form class="filters" onSubmit={(event) => event.preventDefault()}>
        <label>
          State
          <select value={filter.state} onChange={(event) => choose({ state: event.currentTarget.value })}>
            <option value="">all</option>
            {states.map((state) => (
              <option key={state}>{state}</option>
            ))}
          </select>
        </label>
        <label>
          Operation
          <input
            value={filter.operation}
            placeholder="all"
            onChange={(event) => choose({ operation: event.currentTarget.value.trim() })}
          />
        </label>
        <label>
          Table
          <input
            value={filter.table}
            placeholder="all"
            onChange={(event) => choose({ table: event.currentTarget.value.trim() })}
          />
        </label>
      </form>
      <Problems problems={problems} />
      {shown.jobs.length === 0 ? (
        <p class="empty">
          {!filtered ? "No job has been started yet." : found === undefined ? "Reading the list …" : "No job matches."}
        </p>
      ) : (
        <JobTable jobs={shown.jobs.map((row) => rows.get(row.id) ?? row)} />
      )}
      {shown.next !== undefined && (
        <p class="more">
          <button type="button" onClick={() => ask(filter, shown)}>
            Show older jobs
          </button>
        </p>
      )}
    </>
  );
}

function JobTable({ jobs }: { jobs: readonly JobRow[] }) {
  return (
    <Table
      kind="jobs"
      columns={[
        { name: "Job" },
        { name: "State" },
        { name: "Done" },
        { name: "Rate", right: true },
        { name: "Time", right: true },
        { name: "Cost", right: true },
        { name: "Started" },
      ]}
    >
      {jobs.map((job) => (
        <JobLine key={job.id} job={job} />
      ))}
    </Table>
  );
}

function JobLine({ job }: { job: JobRow }) {
  const { id, state, operation, place, share, rates, unitsFailed, createdAt } = job;
  return (
    <Row>
      <RowHeader>
        <a href={`#/jobs/${encodeURIComponent(id)}`}>{id}</a>
        <small>
          {operation} over {place}
        </small>
      </RowHeader>
      <Cell>
        <StatePill state={state} />
        {unitsFailed > 0 && <small class="bad">{counted(unitsFailed, "unit")} failed</small>}
      </Cell>
      <Cell>
        <Progress share={share} label={`Share of ${id} that is done`} />
      </Cell>
      <Cell class="right">
        {rates.map((rate) => (
          <span class="line" key={rate.direction}>
            {rateText(rate)}
          </span>
        ))}
      </Cell>
      <Cell class="right">{timeText(job)}</Cell>
      <Cell class="right">{job.dollars === undefined ? "" : dollars(job.dollars)}</Cell>
      <Cell class="quiet">{minuteText(createdAt)}</Cell>
    </Row>
  );
}

/** One job: how it goes, what holds it back, what failed, and what can be done with it. */
import { useEffect, useState } from "preact/hooks";
import { outcomeNames } from "../../../shared/writing/outcomes";
import { counted, dollars, duration, moment, percent, whole } from "../../text/format";
import type { AuditLine, DoneDocument, FailureGroup, JobDocument, JobEvent, Sample, UnitLine } from "../contract";
import { get, sentenceOf } from "./api";
import { JobControls } from "./jobControls";
import { Card, ConnectionNote, Figure, Problems, Progress, Scroll, StatePill, Text, useLive } from "./parts";
import { RatePlots } from "./ratePlot";
import { Cell, Row, RowHeader, Table } from "./table";
import { UnitGrid } from "./unitGrid";
import { capital, rateText } from "./words";

export function JobView({ id }: { id: string }) {
  const [job, setJob] = useState<JobDocument>();
  const [samples, setSamples] = useState<readonly Sample[]>([]);
  const [done, setDone] = useState<DoneDocument>();
  const path = `/api/live/jobs/${encodeURIComponent(id)}`;
  const { connection, failure, trouble } = useLive<JobEvent>(path, (event) => {
    setJob(event.job);
    // After a lost connection all samples come again.
    setSamples((known) => {
      const last = known.at(-1)?.at ?? 0;
      return [...known, ...event.samples.filter(({ at }) => at > last)];
    });
  });
  useEffect(() => {
    document.title = `${job === undefined ? "" : `${percent(job.row.share)} `}${id}, Sluice`;
    return () => {
      document.title = "Sluice";
    };
  }, [id, job]);
  return (
    <>
      <div class="title">
        <h1 tabIndex={-1}>{id}</h1>
        {job !== undefined && <StatePill state={job.row.state} />}
        <ConnectionNote connection={connection} trouble={trouble} />
      </div>
      <Problems problems={failure?.problems ?? []} />
      {job !== undefined && (
        <>
          <p class="lead">
            {capital(job.work)}
            {job.dryRun ? " (dry run)" : ""}, with the {job.driver} driver
          </p>
          <JobControls id={id} job={job} onDone={setDone} />
          {done !== undefined && <Done done={done} />}
          <JobBody id={id} job={job} samples={samples} />
        </>
      )}
    </>
  );
}

function Done({ done: { message, warnings, job } }: { done: DoneDocument }) {
  return (
    <div class="message" role="status">
      <p>
        {message} {job !== undefined && <a href={`#/jobs/${encodeURIComponent(job)}`}>Watch it</a>}
      </p>
      {warnings.map((warning) => (
        <p key={warning}>Warning: {warning}</p>
      ))}
    </div>
  );
}

function JobBody({ id, job, samples }: { id: string; job: JobDocument; samples: readonly Sample[] }) {
  const { row, cells, unitLines, outcomes, failures, facts, result } = job;
  return (
    <div class="grid">
      <Card title="Progress" wide>
        <div class="big-progress">
          <Progress share={row.share} label="Share done" />
        </div>
        <Totals job={job} />
        {job.reason !== undefined && (
          <p class={row.state === "failed" ? "note bad" : "note warn"}>
            {capital(row.state)}: {job.reason}
          </p>
        )}
        {job.pace !== "" && <p class="note">{capital(job.pace)}.</p>}
      </Card>
      <Card title="Rate" wide>
        <RatePlots series={job.series} samples={samples} />
      </Card>
      <Card title={`Units: ${job.phases}`} wide={cells.length > 200 || unitLines.length > 0}>
        <UnitGrid cells={cells} />
        <UnitTable lines={unitLines} />
      </Card>
      {outcomes !== undefined && (
        <Card title={job.dryRun ? "What would happen to the items" : "Outcomes"}>
          <dl class="pairs">
            {outcomeNames.map((name) => (
              <div key={name} class={name === "failed" && outcomes[name] > 0 ? "bad" : ""}>
                <dt>{name}</dt>
                <dd>{whole(outcomes[name])}</dd>
              </div>
            ))}
          </dl>
        </Card>
      )}
      {failures.length > 0 && <Failures id={id} counts={failures} />}
      <Card title="Started with">
        <dl class="facts">
          {facts.map(([name, text]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{text}</dd>
            </div>
          ))}
        </dl>
      </Card>
      {job.audit.length > 0 && <Audit lines={job.audit} />}
      {result !== undefined && outcomes === undefined && (
        <Card title="Result">
          <Text>{result}</Text>
        </Card>
      )}
    </div>
  );
}

function Audit({ lines }: { lines: readonly AuditLine[] }) {
  return (
    <Card title="Who changed what and when" wide>
      <Scroll label="Changes, the newest first">
        <Table kind="cards" columns={[{ name: "Changed" }, { name: "Action" }, { name: "By" }, { name: "Details" }]}>
          {lines.map(({ at, action, caller, details }) => (
            <Row key={`${at} ${action} ${details}`}>
              <Cell class="nowrap" label="Changed">
                {moment(at)}
              </Cell>
              <Cell label="Action">{action}</Cell>
              <Cell class="reason" label="By">
                {caller}
              </Cell>
              <Cell class="reason" label="Details">
                {details}
              </Cell>
            </Row>
          ))}
        </Table>
      </Scroll>
    </Card>
  );
}

function Totals({ job: { row, left, items, bill, seconds } }: { job: JobDocument }) {
  const active = row.endedAt === undefined;
  return (
    <>
      <dl class="figures">
        {row.rates.map((rate) => (
          <Figure key={rate.direction} name={active ? capital(rate.direction) : `${capital(rate.direction)} limit`}>
            {rateText(rate)}
          </Figure>
        ))}
        <Figure name="Items">{items.replace(/ items?$/, "")}</Figure>
        {active && <Figure name="Running for">{duration(seconds)}</Figure>}
        <Figure name={active ? "Time left" : "Time"}>
          {capital(left.replace(/^time left (?=not)| left$|^took /g, ""))}
        </Figure>
        {bill !== undefined && <Figure name={active ? "Cost so far" : "Cost"}>{dollars(bill.dollars)}</Figure>}
      </dl>
      {bill !== undefined && <p class="quiet small">Cost: {bill.text}.</p>}
    </>
  );
}

function UnitTable({ lines }: { lines: readonly UnitLine[] }) {
  const worth = lines.filter(({ phase }) => phase === "failed" || phase === "retrying" || phase === "working");
  if (worth.length === 0) return null;
  return (
    <Scroll label="Units that failed, are retrying or are being worked on">
      <Table
        kind="cards"
        columns={[
          { name: "Unit", right: true },
          { name: "Phase" },
          { name: "Done" },
          { name: "Items", right: true },
          { name: "Attempts", right: true },
          { name: "Last error" },
        ]}
      >
        {worth.map(({ unit, phase, share, items, attempts, reason, nextTry }) => (
          <Row key={unit}>
            <RowHeader class="right" label="Unit">
              {whole(unit)}
            </RowHeader>
            <Cell label="Phase">
              <span class={`phase ${phase}`}>{phase}</span>
              {nextTry !== undefined && <small>next try {nextTry}</small>}
            </Cell>
            <Cell label="Done">
              <Progress share={share} label={`Share of unit ${unit} that is done`} />
            </Cell>
            <Cell class="right" label="Items">
              {whole(items)}
            </Cell>
            <Cell class="right" label="Attempts">
              {attempts === 0 ? "" : whole(attempts)}
            </Cell>
            <Cell class="reason" label="Last error">
              {reason ?? ""}
            </Cell>
          </Row>
        ))}
      </Table>
    </Scroll>
  );
}

/** Examples are read from the list of failures when somebody asks for them. */
function Failures({ id, counts }: { id: string; counts: JobDocument["failures"] }) {
  const [groups, setGroups] = useState<readonly FailureGroup[]>();
  const [problems, setProblems] = useState<readonly string[]>([]);
  const show = async () => {
    try {
      setGroups(await get<FailureGroup[]>(`/api/jobs/${encodeURIComponent(id)}/failures`));
      setProblems([]);
    } catch (error) {
      setProblems([sentenceOf(error)]);
    }
  };
  return (
    <Card
      title="Failures"
      actions={
        <button type="button" onClick={show}>
          {groups === undefined ? "Show examples" : "Reload examples"}
        </button>
      }
    >
      <dl class="pairs">
        {counts.map(({ code, count }) => (
          <div key={code}>
            <dt>{code}</dt>
            <dd>{whole(count)}</dd>
          </div>
        ))}
      </dl>
      <Problems problems={problems} />
      {groups?.map(({ code, examples }) => (
        <div key={code} class="examples">
          <h3>{code}</h3>
          <ul>
            {examples.map(({ key, reason, attempts }) => (
              <li key={key}>
                <code>{key}</code> {reason} <small>{counted(attempts, "attempt")}</small>
              </li>
            ))}
          </ul>
        </div>
      ))}
    </Card>
  );
}

/** The page: its frame, and the view that the address names. */
import { render } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { StackDocument } from "../contract";
import { get, sentenceOf, takeToken } from "./api";
import { IntakeView } from "./intakeView";
import { JobView } from "./jobView";
import { OverviewView } from "./overviewView";
import { StartView } from "./startView";

interface Route {
  readonly name: "overview" | "job" | "start" | "intake";
  /** The job that is shown or cloned. */
  readonly job?: string;
}

const links = [
  ["#/", "overview", "Overview"],
  ["#/start", "start", "Start a job"],
  ["#/intake", "intake", "Intake"],
] as const;

function routeOf(hash: string): Route {
  const [name, job] = hash.replace(/^#\//, "").split("/").map(decoded);
  if (name === "jobs" && job !== undefined) return { name: "job", job };
  if (name === "start") return { name, ...(job === undefined ? {} : { job }) };
  return { name: name === "intake" ? name : "overview" };
}

/** A text that can't be decoded stays as it is: somebody may have typed the address. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function Page() {
  const [route, setRoute] = useState(() => routeOf(location.hash));
  const [stack, setStack] = useState<StackDocument>();
  const [problem, setProblem] = useState<string>();
  useEffect(() => {
    const change = () => {
      setRoute(routeOf(location.hash));
      // A screen reader reads a new view from its heading on.
      setTimeout(() => document.querySelector<HTMLElement>("h1")?.focus());
    };
    addEventListener("hashchange", change);
    get<StackDocument>("/api/stack").then(setStack, (error) => setProblem(sentenceOf(error)));
    return () => removeEventListener("hashchange", change);
  }, []);
  return (
    <>
      <button type="button" class="skip" onClick={() => document.getElementById("content")?.focus()}>
        Skip to the content
      </button>
      <header class="top">
        <a class="brand" href="#/">
          <img src="/icon.svg" alt="" width={26} height={26} />
          Sluice
        </a>
        <nav aria-label="Views">
          {links.map(([href, name, text]) => (
            <a key={name} href={href} aria-current={route.name === name ? "page" : undefined}>
              {text}
            </a>
          ))}
        </nav>
        {stack !== undefined && (
          <p class="stack">
            Stack <strong>{stack.stack}</strong>, {stack.region}
          </p>
        )}
      </header>
      <main id="content" tabIndex={-1}>
        {problem === undefined ? <View route={route} /> : <Stopped problem={problem} />}
      </main>
    </>
  );
}

function View({ route: { name, job } }: { route: Route }) {
  if (name === "job") return <JobView key={job} id={job!} />;
  if (name === "start") return <StartView key={job ?? ""} cloned={job} />;
  return name === "intake" ? <IntakeView /> : <OverviewView />;
}

function Stopped({ problem }: { problem: string }) {
  return (
    <div class="card stopped">
      <h1 tabIndex={-1}>This page can't reach its stack</h1>
      <p role="alert">{problem}</p>
    </div>
  );
}

const root = document.getElementById("app")!;
if (takeToken()) render(<Page />, root);
else {
  const problem = "Open the address that `npm run sluice -- ui` prints: it contains the token that this page needs.";
  render(<Stopped problem={problem} />, root);
}

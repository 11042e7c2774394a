/** Requests to the server that this page came from. */
import type { ErrorDocument } from "../contract";

const TOKEN = "token";
/** Time between two attempts to reconnect, milliseconds. */
const RECONNECT_MS = 2_000;
/** A stream that is silent for longer counts as lost: the server sends something every ten seconds. */
const SILENT_MS = 25_000;

/** A request was refused. */
export class Refusal extends Error {
  constructor(readonly error: ErrorDocument["error"]) {
    super(error.message);
  }
}

/**
 * Removes the token from the address, so that no bookmark or screenshot contains it. Storage belongs to host and port, so
 * another tab of this address has the token too.
 */
export function takeToken(): boolean {
  const given = /^#token=([\w-]+)$/.exec(location.hash)?.[1];
  if (given !== undefined) {
    localStorage.setItem(TOKEN, given);
    history.replaceState(undefined, "", "#/");
  }
  return localStorage.getItem(TOKEN) !== null;
}

function ask(path: string, init: RequestInit = {}): Promise<Response> {
  const authorization = `Bearer ${localStorage.getItem(TOKEN)}`;
  return fetch(path, { ...init, headers: { ...init.headers, authorization } });
}

/** @throws Refusal, or the browser's error if the server can't be reached */
async function checked(response: Response): Promise<Response> {
  if (response.ok) return response;
  if (response.status === 401)
    throw new Refusal(problem("TOKEN", "This address is no longer valid: open the one that the terminal shows."));
  const document = (await response.json().catch(() => undefined)) as ErrorDocument | undefined;
  throw new Refusal(document?.error ?? problem("HTTP", `The server answered with status ${response.status}.`));
}

function problem(code: string, message: string): ErrorDocument["error"] {
  return { code, message, problems: [message] };
}

export async function get<Document>(path: string, signal?: AbortSignal): Promise<Document> {
  const response = await checked(await ask(path, signal === undefined ? {} : { signal }));
  return (await response.json()) as Document;
}

export async function post<Document>(path: string, body: object = {}): Promise<Document> {
  const headers = { "content-type": "application/json" };
  const response = await checked(await ask(path, { method: "POST", headers, body: JSON.stringify(body) }));
  return (await response.json()) as Document;
}

/** Downloads a file. A link couldn't send the token. */
export async function download(name: string): Promise<void> {
  const response = await checked(await ask(`/api/files/${name}`));
  const url = URL.createObjectURL(await response.blob());
  const link = Object.assign(document.createElement("a"), { href: url, download: name });
  link.click();
  URL.revokeObjectURL(url);
}

/** The text about an error. */
export function sentenceOf(error: unknown): string {
  if (error instanceof Refusal) return error.message;
  return "The server can't be reached. Is `sluice ui` still running?";
}

export type Connection = "connecting" | "live" | "lost";

export interface LiveOptions<Event> {
  readonly onEvent: (event: Event) => void;
  readonly onConnection: (connection: Connection) => void;
  /** The server can't go on, such as for a job that doesn't exist. The stream ends. */
  readonly onFailure: (error: ErrorDocument["error"]) => void;
}

/** Follows a stream of server-sent events, and reconnects if it breaks. @returns a function that ends it */
export function live<Event>(path: string, options: LiveOptions<Event>): () => void {
  const end = new AbortController();
  void follow(path, options, end.signal);
  return () => end.abort();
}

async function follow<Event>(path: string, options: LiveOptions<Event>, end: AbortSignal): Promise<void> {
  options.onConnection("connecting");
  while (!end.aborted) {
    try {
      if (await readStream(path, options, end)) return;
    } catch (error) {
      if (error instanceof Refusal && !end.aborted) return options.onFailure(error.error);
    }
    if (end.aborted) return;
    options.onConnection("lost");
    await new Promise((wake) => setTimeout(wake, RECONNECT_MS));
  }
}

/** @returns true if the server reported that it can't go on. */
async function readStream<Event>(path: string, options: LiveOptions<Event>, end: AbortSignal): Promise<boolean> {
  const silent = new AbortController();
  let timer = setTimeout(() => silent.abort(), SILENT_MS);
  try {
    const response = await checked(await ask(path, { signal: AbortSignal.any([end, silent.signal]) }));
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
    let rest = "";
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return false;
      clearTimeout(timer);
      timer = setTimeout(() => silent.abort(), SILENT_MS);
      const events = (rest + value).split("\n\n");
      rest = events.pop() ?? "";
      for (const text of events) {
        options.onConnection("live");
        const data = text.replaceAll(/^data: ?/gm, "").replace(/^event: failed\n/, "");
        if (!text.startsWith("event: failed")) options.onEvent(JSON.parse(data) as Event);
        else {
          options.onFailure((JSON.parse(data) as ErrorDocument).error);
          return true;
        }
      }
    }
  } finally {
    clearTimeout(timer);
  }
}

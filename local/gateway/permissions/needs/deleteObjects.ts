import { escapeXml } from "../../errors";
import { type BackendRequest, type BackendResponse, xmlResponse } from "../../message";

const OBJECT = /<Object>[\s\S]*?<\/Object>/g;
const ENTITIES: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

/** The keys a DeleteObjects request names. */
export function keysToDelete({ body }: Pick<BackendRequest, "body">): string[] {
  return (body.toString().match(OBJECT) ?? []).map(keyOf);
}

/** The same request for some of its keys only. */
export function withoutKeys(request: BackendRequest, refused: ReadonlySet<string>): BackendRequest {
  const text = request.body.toString().replace(OBJECT, (object) => (refused.has(keyOf(object)) ? "" : object));
  const body = Buffer.from(text);
  // Checksums were made for the whole list.
  const kept = Object.entries(request.headers).filter(([name]) => !/^(content-md5|x-amz-checksum-.*)$/.test(name));
  return { ...request, headers: { ...Object.fromEntries(kept), "content-length": String(body.length) }, body };
}

/** S3 answers DeleteObjects key by key, with 200 even where it refuses all of them. */
export function withRefusedKeys(response: BackendResponse | undefined, refused: Map<string, string>): BackendResponse {
  const errors = [...refused].map(
    ([key, message]) =>
      `<Error><Key>${escapeXml(key)}</Key><Code>AccessDenied</Code><Message>${escapeXml(message)}</Message></Error>`,
  );
  if (!response) {
    const xmlns = "http://s3.amazonaws.com/doc/2006-03-01/";
    return xmlResponse(200, `<DeleteResult xmlns="${xmlns}">${errors.join("")}</DeleteResult>`);
  }
  if (response.status !== 200) return response;
  const whole = response.body.toString().replace(/<DeleteResult([^>]*)\/>/, "<DeleteResult$1></DeleteResult>");
  const body = Buffer.from(whole.replace("</DeleteResult>", () => `${errors.join("")}</DeleteResult>`));
  return { ...response, headers: { ...response.headers, "content-length": body.length }, body };
}

function keyOf(object: string): string {
  const text = /<Key>([\s\S]*?)<\/Key>/.exec(object)?.[1] ?? "";
  return text.replace(/&(?:#x([\da-f]+)|#(\d+)|(\w+));/gi, (whole, hex, decimal, name) => {
    if (name) return ENTITIES[name] ?? whole;
    return String.fromCodePoint(hex ? Number.parseInt(hex, 16) : Number(decimal));
  });
}

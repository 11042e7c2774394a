import { escapeXml } from "../../errors";
import { type BackendRequest, type BackendResponse, xmlResponse } from "../../message";

const OBJECT = /<Object>[\s\S]*?<\/Object>/g;
const ENTITIES: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

export interface ObjectToDelete {
  readonly key: string;
  /** Undefined: the current version. */
  readonly versionId: string | undefined;
}

/** The objects a DeleteObjects request names. */
export function objectsToDelete({ body }: Pick<BackendRequest, "body">): ObjectToDelete[] {
  return (body.toString().match(OBJECT) ?? []).map((object) => ({
    key: textOf(object, "Key") ?? "",
    versionId: textOf(object, "VersionId"),
  }));
}

/** The same request without the objects at these places. */
export function withoutObjects(request: BackendRequest, refused: ReadonlyMap<number, unknown>): BackendRequest {
  let at = 0;
  const text = request.body.toString().replace(OBJECT, (object) => (refused.has(at++) ? "" : object));
  const body = Buffer.from(text);
  // Checksums were made for the whole list.
  const kept = Object.entries(request.headers).filter(([name]) => !/^(content-md5|x-amz-checksum-.*)$/.test(name));
  return { ...request, headers: { ...Object.fromEntries(kept), "content-length": String(body.length) }, body };
}

export type RefusedObject = ObjectToDelete & { readonly message: string };

/** S3 answers DeleteObjects object by object, with 200 even if it refuses all of them. */
export function withRefusedObjects(
  response: BackendResponse | undefined,
  refused: readonly RefusedObject[],
): BackendResponse {
  const errors = refused.map(({ key, versionId, message }) => {
    const version = versionId === undefined ? "" : `<VersionId>${escapeXml(versionId)}</VersionId>`;
    const why = `<Code>AccessDenied</Code><Message>${escapeXml(message)}</Message>`;
    return `<Error><Key>${escapeXml(key)}</Key>${version}${why}</Error>`;
  });
  if (!response) {
    const xmlns = "http://s3.amazonaws.com/doc/2006-03-01/";
    return xmlResponse(200, `<DeleteResult xmlns="${xmlns}">${errors.join("")}</DeleteResult>`);
  }
  if (response.status !== 200) return response;
  const whole = response.body.toString().replace(/<DeleteResult([^>]*)\/>/, "<DeleteResult$1></DeleteResult>");
  const body = Buffer.from(whole.replace("</DeleteResult>", () => `${errors.join("")}</DeleteResult>`));
  return { ...response, headers: { ...response.headers, "content-length": body.length }, body };
}

function textOf(object: string, element: "Key" | "VersionId"): string | undefined {
  const text = new RegExp(`<${element}>([\\s\\S]*?)</${element}>`).exec(object)?.[1];
  return text?.replace(/&(?:#x([\da-f]+)|#(\d+)|(\w+));/gi, (whole, hex, decimal, name) => {
    if (name) return ENTITIES[name] ?? whole;
    return String.fromCodePoint(hex ? Number.parseInt(hex, 16) : Number(decimal));
  });
}

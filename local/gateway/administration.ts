import { awsError } from "./errors";
import type { Administration } from "./gateway";
import { type BackendResponse, jsonResponse } from "./message";
import type { Credentials } from "./principals";

/**
 * Answers an administrative request, from its body (parsed JSON) and its query, with a value that becomes JSON. It throws
 * a SluiceError for an invalid request.
 */
export type AdministrativeRoute = (body: unknown, query: URLSearchParams) => unknown;

/** Routes by method and path, such as `PUT /_sluice/faults`. */
export type AdministrativeRoutes = Readonly<Record<string, AdministrativeRoute>>;

/**
 * The administrative endpoint, below `/_sluice/`: open to the local administrator only, by HTTP basic authentication
 * with the administrator's access key and secret.
 */
export function administration(credentials: Credentials, routes: AdministrativeRoutes): Administration {
  const { accessKeyId, secretAccessKey } = credentials;
  const expected = `Basic ${Buffer.from(`${accessKeyId}:${secretAccessKey}`).toString("base64")}`;
  return async ({ method, url, headers, body }): Promise<BackendResponse> => {
    if (headers.authorization !== expected) {
      return awsError(
        "s3",
        403,
        "AccessDenied",
        "Only the local administrator may ask for this; see .sluice/local.json.",
      );
    }
    const [path = "", query] = url.split("?");
    const route = routes[`${method} ${path}`];
    if (!route) return awsError("s3", 404, "NotFound", `There is no ${method} ${url}.`);
    try {
      const input = body.length > 0 ? JSON.parse(body.toString()) : undefined;
      return jsonResponse(200, (await route(input, new URLSearchParams(query))) ?? {});
    } catch (error) {
      return jsonResponse(400, { error: error instanceof Error ? error.message : String(error) });
    }
  };
}

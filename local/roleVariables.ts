/** The environment variables with which a process of the local cloud calls the local services with a role's credentials. */

export interface RoleCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
}

export function roleVariables(
  { region, endpoint }: { readonly region: string; readonly endpoint: string },
  { accessKeyId, secretAccessKey, sessionToken }: RoleCredentials,
): Record<string, string> {
  return {
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_SESSION_TOKEN: sessionToken,
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_ENDPOINT_URL: endpoint,
  };
}

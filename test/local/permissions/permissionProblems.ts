import type { PermissionReport, RolePermissions } from "../../../local/gateway/permissions/usage/report";

/** The problems that a suite accepts, each with its reason. See exceptions.json. */
export interface PermissionExceptions {
  /** Granted and never used in any test. */
  unused: { role: string; sid: string; action: string; reason: string }[];
  /** Refused on purpose, for a test. */
  refused: { role: string; action: string; reason: string }[];
}

/**
 * What is wrong with the permissions of a program, a line each: refusals nobody expected, permissions never used, and
 * exceptions that are not needed any more.
 * @param reports of all runs of the suite. A permission counts as used if one of the runs used it.
 */
export function permissionProblems(
  reports: PermissionReport | readonly PermissionReport[],
  exceptions: PermissionExceptions,
): string[] {
  const roles = [reports].flat().flatMap((report) => report.roles);
  const refused = refusedBy(roles);
  const unused = unusedBy(roles);
  const expected = new Set(exceptions.refused.map(({ role, action }) => `${role} ${action}`));
  const excused = new Set(exceptions.unused.map(nameOf));
  return [
    ...[...refused].filter(([name]) => !expected.has(name)).map(([, problem]) => problem),
    ...[...unused].filter((name) => !excused.has(name)).map((name) => `${name} is granted and never used`),
    ...[...expected].filter((name) => !refused.has(name)).map((name) => `${name} was not refused: drop the exception`),
    ...[...excused].filter((name) => !unused.has(name)).map((name) => `${name} is used or gone: drop the exception`),
  ];
}

/** Problems by role and action. */
function refusedBy(roles: RolePermissions[]): Map<string, string> {
  const refused = roles.flatMap(({ role, refused }) => refused.map((refusal) => ({ role, ...refusal })));
  return new Map(
    refused.map(({ role, action, resource, reason, missing }): [string, string] => {
      const advice = missing ? `: it lacks ${JSON.stringify(missing)}` : "";
      return [`${role} ${action}`, `${role} ${action} was refused on ${resource} ${reason}${advice}`];
    }),
  );
}

function unusedBy(roles: RolePermissions[]): Set<string> {
  const names = (kind: "used" | "unused") =>
    new Set(roles.flatMap(({ role, ...lists }) => lists[kind].map((grant) => nameOf({ role, ...grant }))));
  return names("unused").difference(names("used"));
}

function nameOf({ role, sid, action }: { role: string; sid: string; action: string }): string {
  return `${role} ${sid} ${action}`;
}

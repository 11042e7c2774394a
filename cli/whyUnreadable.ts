/** Why a file or folder can't be used, as the end of a sentence that begins with its path. */
export function whyUnreadable(error: unknown): string {
  const { code = "", message } = error as NodeJS.ErrnoException;
  return REASONS[code] ?? `can't be used: ${message}`;
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "does not exist",
  ENOTDIR: "does not exist",
  EISDIR: "is a folder",
  EACCES: "is not accessible to you",
  EPERM: "is not accessible to you",
};

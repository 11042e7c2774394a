/** The prefix below which a job's operation may write in the results bucket: `Tools.prefix`. */
export function ownPrefix(operation: string, job: string): string {
  return `${operation}/${job}/`;
}

/** Which of a table's two capacities a request uses. */
export type Direction = "read" | "write";

import type { OperationDeclaration } from "../operation";

export const countDeclaration: OperationDeclaration = {
  excludes: { projection: "projection makes no sense with count: it counts whole items." },
};

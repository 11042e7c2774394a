/** Violations that are being removed. The test fails for an entry whose violation is gone, and for a new violation. */
export interface Temporary {
  readonly rule: string;
  readonly from: RegExp;
  readonly to: RegExp;
  readonly reason: string;
}

export const temporary: readonly Temporary[] = [];

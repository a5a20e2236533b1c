import { randomUUID } from "node:crypto";

/** The steps of ../../../scenario/README.md, in their order. */
export const steps = [
  "accounts",
  "send",
  "status",
  "pages",
  "group",
  "watch",
  "bad-number",
  "deadline",
  "no-key",
  "unicode",
  "int64",
  "optional",
  "golden",
] as const;

/** One implementation of all steps. */
export type Scenario = Record<(typeof steps)[number], () => Promise<void>>;

export function check(holds: boolean, otherwise: string): asserts holds {
  if (!holds) {
    throw new Error(otherwise);
  }
}

/** The value, which must be there. */
export function present<T>(value: T | undefined, what: string): T {
  check(value !== undefined, `no ${what}`);
  return value;
}

/** The first of them, which must be the only one. */
export function only<T>(values: T[], what: string): T {
  check(values.length === 1, `${values.length} of ${what}, not 1`);
  return values[0]!;
}

/** A message_id that no other message has: at most 32 characters. */
export function uniqueId(): string {
  return `ts-${randomUUID().replaceAll("-", "").slice(0, 24)}`;
}

export function environment(name: string): string {
  return present(process.env[name], name);
}

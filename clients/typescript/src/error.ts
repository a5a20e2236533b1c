import { durationMs } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError } from "@connectrpc/connect";
import {
  type BadRequest_FieldViolation,
  BadRequestSchema,
  ErrorInfoSchema,
  RetryInfoSchema,
} from "./gen/google/rpc/index.js";

/** The reasons that say that this call changed nothing: it may be repeated. */
const NOTHING_ACCEPTED = [
  "VENDOR_UNAVAILABLE",
  "OVERLOADED",
  "RATE_LIMITED",
  "STORE_UNAVAILABLE",
  "SERVER_DRAINING",
  "REQUEST_IN_PROGRESS",
];

/** The codes that Connect has for a lost connection, beside that of a caller who has cancelled. */
const LOST = [Code.Unavailable, Code.Aborted, Code.Internal, Code.Canceled];

/** What every failed call of a client throws. */
export class SmsmuxError extends ConnectError {
  /** A value of `ErrorReason` without its prefix: decide by it. Empty if smsmux did not answer. */
  readonly reason: string;
  /** `NOT_SENT`, `REFUSED` or `UNKNOWN`: what became of a write. */
  readonly outcome: string;
  /** The name to look the outcome up by. Empty if there is none. */
  readonly resource: string;
  /** How long to wait before the call is repeated, where smsmux says so. */
  readonly retryAfterMs: number | undefined;
  /** The fields that break a rule of the API. */
  readonly violations: BadRequest_FieldViolation[];
  /** The id of the call in smsmux's log. Empty if smsmux did not answer. */
  readonly requestId: string;

  constructor(reason: unknown) {
    const error = ConnectError.from(reason);
    super(error.rawMessage, error.code, error.metadata, undefined, error.cause);
    this.details = error.details;
    const info = error.findDetails(ErrorInfoSchema).find(({ domain }) => domain === "smsmux");
    const delay = error.findDetails(RetryInfoSchema)[0]?.retryDelay;
    this.reason = info?.reason ?? "";
    this.outcome = info?.metadata["outcome"] ?? "UNKNOWN";
    this.resource = info?.metadata["resource"] ?? "";
    this.retryAfterMs = delay && durationMs(delay);
    this.violations = error.findDetails(BadRequestSchema).flatMap(({ fieldViolations }) => fieldViolations);
    this.requestId = error.metadata.get("x-request-id") ?? "";
  }

  // ConnectError takes every object of its name for one.
  static override [Symbol.hasInstance](value: unknown): boolean {
    return Function.prototype[Symbol.hasInstance].call(this, value);
  }

  /** Whether a call with an idempotency key may be repeated: nothing was accepted, or the connection was lost. */
  mayRepeat(): boolean {
    return this.reason === "" ? LOST.includes(this.code) : NOTHING_ACCEPTED.includes(this.reason);
  }

  /** How long to wait after an attempt, from 1. */
  pauseMs(attempt: number): number {
    return this.retryAfterMs ?? Math.min(4_000, 500 * 2 ** (attempt - 1)) * (0.8 + Math.random() * 0.4);
  }
}

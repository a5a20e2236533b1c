import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { isIPv4 } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { Interceptor } from "@connectrpc/connect";
import { Http2SessionManager, createGrpcTransport } from "@connectrpc/connect-node";
import { SmsmuxError } from "./error.js";
import { Services } from "./gen/services.js";

/** Where a client connects to, and how. What is absent is taken from the environment. */
export interface ClientOptions {
  /**
   * `HOST:PORT`: `$SMSMUX_ADDRESS`, or `127.0.0.1:50051`. The connection is TLS unless the address is of this machine and there is no
   * `ca`; `http://` or `https://` before the address decides otherwise.
   */
  address?: string;
  /** The API key: `$SMSMUX_KEY`. It is never sent to another machine in plain text. */
  key?: string;
  /** A PEM file with the authorities to trust: `$SMSMUX_CA`, or those of Node. */
  ca?: string;
  /** For a call with all its repeats, unless it brings its own `timeoutMs`: 30,000. */
  timeoutMs?: number;
}

/** How often a call is made at most. */
const ATTEMPTS = 5;

/**
 * A connection to smsmux, with all its services: make one and share it.
 *
 * A call ends after `timeoutMs` with all its repeats, unless it brings its own, and carries an `idempotency-key`: its own or a random
 * one. It is repeated, at most five times, when the reason of the error says that nothing was accepted, after the time in RetryInfo
 * where there is one, and when the connection was lost: with the key nothing is sent twice. OUTCOME_UNKNOWN is not repeated. Whatever
 * a call fails with is thrown as {@link SmsmuxError}.
 */
export class Client extends Services {
  readonly #sessions: Http2SessionManager;

  /** It connects when the first call is made. */
  constructor(options: ClientOptions = {}) {
    const key = options.key ?? process.env["SMSMUX_KEY"];
    const ca = options.ca ?? process.env["SMSMUX_CA"];
    const address = options.address ?? process.env["SMSMUX_ADDRESS"] ?? "127.0.0.1:50051";
    const baseUrl = url(address, key, ca);
    // The pings are for a watch to notice a connection that died without a word.
    const pings = { pingIntervalMs: 30_000, pingTimeoutMs: 10_000 };
    const sessionManager = new Http2SessionManager(baseUrl, pings, ca ? { ca: readFileSync(ca) } : undefined);
    const interceptors = [calls(key, options.timeoutMs ?? 30_000)];
    super(createGrpcTransport({ baseUrl, sessionManager, interceptors }));
    this.#sessions = sessionManager;
  }

  /** Ends the connection and all calls. */
  close(): void {
    this.#sessions.abort();
  }

  /** The pages of a list, one call for each: `for await (const page of client.pages(client.messages.listMessages, request))`. */
  async *pages<Request extends { pageToken?: string }, Page extends { nextPageToken: string }>(
    list: (request: Request) => Promise<Page>,
    request: Request,
  ): AsyncGenerator<Page, void, undefined> {
    let page = await list(request);
    yield page;
    while (page.nextPageToken !== "") {
      page = await list({ ...request, pageToken: page.nextPageToken });
      yield page;
    }
  }

  /**
   * The answers of a stream, which comes back by its last `resumeToken` when the server restarts or the connection is lost:
   * `for await (const answer of client.watch(client.events.watchEvents, request))`. Store the token of the last answer that you have
   * processed.
   */
  async *watch<Request extends { resumeToken?: string }, Answer extends { resumeToken: string }>(
    method: (request: Request) => AsyncIterable<Answer>,
    request: Request,
  ): AsyncGenerator<Answer, void, undefined> {
    for (let attempt = 1; ; attempt++) {
      try {
        for await (const answer of method(request)) {
          attempt = 1;
          request = { ...request, resumeToken: answer.resumeToken };
          yield answer;
        }
        return;
      } catch (reason) {
        const error = new SmsmuxError(reason);
        if (!error.mayRepeat()) throw error;
        await sleep(error.pauseMs(attempt));
      }
    }
  }
}

/** Where to connect to. */
function url(address: string, key: string | undefined, ca: string | undefined): string {
  const [, scheme, target] = /^(?:(\w+):\/\/)?(.*)$/.exec(address) ?? [];
  const host = target?.replace(/:\d+$/, "").replace(/^\[|\]$/g, "") ?? "";
  const local = host === "localhost" || host === "::1" || (isIPv4(host) && host.startsWith("127."));
  if (scheme !== undefined && scheme !== "http" && scheme !== "https") {
    throw new TypeError(`invalid address ${address}: expected HOST:PORT, after http:// or https:// if at all`);
  }
  const plain = scheme === "http" || (scheme === undefined && local && !ca);
  if (plain && key && !local) throw new TypeError(`the key is not sent to ${target} in plain text: use TLS`);
  return `${plain ? "http" : "https"}://${target}`;
}

/** Gives each call its key, idempotency key and deadline, and repeats it. */
function calls(key: string | undefined, timeoutMs: number): Interceptor {
  return (next) => async (request) => {
    const { header } = request;
    if (key && !header.has("authorization")) header.set("authorization", `Bearer ${key}`);
    if (request.stream) return next(request);
    if (!header.has("idempotency-key")) header.set("idempotency-key", randomUUID());
    // What the call brings is there in its header already, and its signal ends it.
    const given = header.get("grpc-timeout")?.slice(0, -1);
    const end = Date.now() + Number(given ?? timeoutMs);
    const signal = AbortSignal.any([request.signal, AbortSignal.timeout(Number(given ?? timeoutMs))]);
    for (let attempt = 1; ; attempt++) {
      header.set("grpc-timeout", `${Math.max(1, end - Date.now())}m`);
      try {
        return await next({ ...request, signal });
      } catch (reason) {
        const error = new SmsmuxError(reason);
        const pause = error.pauseMs(attempt);
        if (signal.aborted || !error.mayRepeat() || attempt === ATTEMPTS || Date.now() + pause >= end) throw error;
        await sleep(pause, undefined, { signal }).catch(() => Promise.reject(error));
      }
    }
  };
}

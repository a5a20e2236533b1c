// The steps of ../../../scenario/README.md with the client.
import { Client, SmsmuxError, type WatchEventsResponse } from "smsmux";
import { Webhook } from "standardwebhooks";
import { check, environment, only, present, uniqueId } from "./check.js";

const parent = "accounts/harness";

async function harness(command: string): Promise<Response> {
  return fetch(`${environment("SMSMUX_HARNESS")}/${command}`);
}

const address = `https://${await (await harness("server")).text()}`;
const client = new Client({ address, ca: environment("SMSMUX_HARNESS_CA") });

async function send(text: string, through = client, to = "+4915123456789"): Promise<void> {
  await through.messages.sendMessage({ parent, recipients: [to], sender: "smsmux", text });
}

async function sentTimes(text: string, times: string): Promise<void> {
  const found = await (await harness(`sent/${encodeURIComponent(text)}`)).text();
  check(found === times, `sent ${found} times, not ${times}`);
}

/** The error that the call must end in. */
async function failure(call: Promise<unknown>): Promise<SmsmuxError> {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  check(error instanceof SmsmuxError, `no error of the client: ${error}`);
  return error;
}

/** The place of an answer in the log. */
function sequence({ item }: WatchEventsResponse): bigint {
  return present(item.value, "item").sequence;
}

export const withClient = {
  async "rate-limited"() {
    const text = `busy ${uniqueId()}`;
    await send(text);
    await sentTimes(text, "2");
  },

  async cut() {
    const text = `cut ${uniqueId()}`;
    const through = new Client({ address: await (await harness(`cut/${environment("SMSMUX_ADDRESS")}`)).text() });
    await send(text, through);
    through.close();
    await sentTimes(text, "1");
  },

  async unknown() {
    const text = `unknown ${uniqueId()}`;
    const { reason, outcome, resource, requestId } = await failure(send(text));
    check(reason === "OUTCOME_UNKNOWN" && outcome === "UNKNOWN", `${reason}, ${outcome}`);
    check(resource.startsWith(`${parent}/messages/`) && requestId !== "", `${resource}, ${requestId}`);
    await sentTimes(text, "1");
  },

  async violations() {
    const { reason, outcome, violations } = await failure(send("Ciao!", client, "12"));
    check(reason === "INVALID_REQUEST" && outcome === "NOT_SENT", `${reason}, ${outcome}`);
    check(only(violations, "violations").field === "recipients[0]", `another field: ${violations}`);
  },

  async "plain-text"() {
    try {
      new Client({ address: "http://192.0.2.1:50051" });
    } catch (error) {
      check(error instanceof TypeError, `another error: ${error}`);
      return;
    }
    check(false, "the key would be sent in plain text");
  },

  async pager() {
    await send(`pager ${uniqueId()}`);
    const names: string[] = [];
    let pages = 0;
    for await (const page of client.pages(client.messages.listMessages, { parent, pageSize: 1 })) {
      pages++;
      names.push(...page.messages.map(({ name }) => name));
    }
    check(pages >= 2 && new Set(names).size === names.length, `${pages} pages, ${names}`);
  },

  async restart() {
    const watch = client.watch(client.events.watchEvents, { parent });
    const next = async () => present((await watch.next()).value ?? undefined, "answer");
    let answer = await next();
    for (const restart of [true, false]) {
      await send(`watch ${uniqueId()}`);
      do {
        const place = sequence(answer);
        answer = await next();
        check(answer.previousSequence === place, `${answer.previousSequence} after ${place}`);
      } while (answer.item.case !== "event");
      if (restart) await harness("restart");
    }
    await watch.return();
  },

  async webhook() {
    const eventSubscriptionId = uniqueId();
    const { eventSubscription } = await client.events.createEventSubscription({ parent, eventSubscriptionId });
    const { name } = present(eventSubscription, "subscription");
    const url = `${environment("SMSMUX_HARNESS")}/hooks/${eventSubscriptionId}`;
    const webhook = new Webhook((await client.events.setEventWebhook({ name, url })).signingSecret);
    await send(`webhook ${uniqueId()}`);
    const delivered = await harness(`hooks/${eventSubscriptionId}`);
    const [body, headers] = [await delivered.text(), Object.fromEntries(delivered.headers)];
    const { type } = webhook.verify(body, headers) as { type: string };
    check(type.startsWith("smsmux.message."), `another event: ${body}`);
    let verified = true;
    try {
      webhook.verify(`${body} `, headers);
    } catch {
      verified = false;
    }
    check(!verified, "another body has the same signature");
    await client.events.deleteEventSubscription({ name });
  },
};

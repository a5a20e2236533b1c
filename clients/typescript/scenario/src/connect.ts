// The scenario with smsmux/v1: protobuf-es over Connect's gRPC transport.
import { type MessageInitShape, fromBinary, fromJsonString, toBinary } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError, type Interceptor, createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { BadRequestSchema, ErrorInfoSchema } from "smsmux/google/rpc";
import * as smsmux from "smsmux/v1";
import { type Scenario, check, environment, only, present, uniqueId } from "./check.js";
import { vectors } from "./golden.js";

const parent = "accounts/smsend";
const ciao = { parent, recipients: ["+393471234567"], text: "Ciao!" };

const withKey: Interceptor = (next) => (request) => {
  request.header.set("authorization", `Bearer ${environment("SMSMUX_KEY")}`);
  return next(request);
};
const baseUrl = `http://${environment("SMSMUX_ADDRESS")}`;
const transport = createGrpcTransport({ baseUrl, interceptors: [withKey] });
const accounts = createClient(smsmux.AccountService, transport);
const messages = createClient(smsmux.MessageService, transport);
const groups = createClient(smsmux.GroupService, transport);
const contacts = createClient(smsmux.ContactService, transport);
const inbox = createClient(smsmux.InboxService, transport);

let first = "";

async function sendCiao(more: MessageInitShape<typeof smsmux.SendMessageRequestSchema> = {}): Promise<smsmux.Message> {
  return present((await messages.sendMessage({ ...ciao, ...more })).message, "message");
}

async function getMessage(name: string): Promise<smsmux.Message> {
  return present((await messages.getMessage({ name })).message, "message");
}

/** The error that the call must end in. */
async function fails(code: Code, call: Promise<unknown>): Promise<ConnectError> {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => ConnectError.from(reason),
  );
  check(error !== undefined, `no error, where ${Code[code]} was due`);
  check(error.code === code, `another error: ${error}`);
  return error;
}

export const connect: Scenario = {
  async accounts() {
    const { accounts: all } = await accounts.listAccounts({});
    const smsend = present(all.find((account) => account.name === parent), parent);
    check(smsend.methods.includes("smsmux.v1.MessageService/SendMessage"), "it cannot send");
  },

  async send() {
    const messageId = uniqueId();
    const message = await sendCiao({ messageId });
    check(message.name.endsWith(messageId), `not named by its id: ${message.name}`);
    const { state } = only(message.recipients, "recipients");
    check(state === smsmux.DeliveryState.QUEUED, `not queued: ${smsmux.DeliveryState[state]}`);
    first = message.name;
  },

  async status() {
    let recipient = only((await getMessage(first)).recipients, "recipients");
    for (let i = 1; i < 10 && recipient.state !== smsmux.DeliveryState.DELIVERED; i++) {
      recipient = only((await getMessage(first)).recipients, "recipients");
    }
    check(recipient.state === smsmux.DeliveryState.DELIVERED, `not delivered: ${recipient.state}`);
    check(recipient.vendorCode === "DLVRD", `another code: ${recipient.vendorCode}`);
  },

  async pages() {
    const second = await sendCiao({ messageId: uniqueId() });
    const names = new Set<string>();
    let pageToken = "";
    do {
      const page = await messages.listVendorMessages({ parent, pageSize: 1, pageToken });
      for (const { name } of page.messages) {
        check(!names.has(name), `twice: ${name}`);
        names.add(name);
      }
      pageToken = page.nextPageToken;
    } while (pageToken !== "");
    check(names.has(first) && names.has(second.name), "not all that was sent is listed");
  },

  async group() {
    const displayName = `TypeScript ${uniqueId()}`;
    const { group } = await groups.createGroup({ parent, group: { displayName, description: "d" } });
    const { name } = present(group, "group");
    await groups.deleteGroup({ name });
  },

  async watch() {
    const startTime = timestampFromDate(new Date("2016-05-03T00:00:00Z"));
    let received = 0;
    // Leaving the loop cancels the stream.
    for await (const { message, resumeToken } of inbox.watchReceivedMessages(
      { parent, startTime },
      { timeoutMs: 30_000 },
    )) {
      check(present(message, "message").name !== "" && message?.to !== "", "no name or no number");
      check(resumeToken !== "", "no resume_token");
      if (++received === 2) break;
    }
    check(received === 2, `${received} messages, not 2`);
  },

  async "bad-number"() {
    const error = await fails(Code.InvalidArgument, messages.sendMessage({ ...ciao, recipients: ["12"] }));
    const info = only(error.findDetails(ErrorInfoSchema), "ErrorInfo");
    check(info.reason === "INVALID_REQUEST", `another reason: ${info.reason}`);
    check(info.domain === "smsmux", `another domain: ${info.domain}`);
    check(info.metadata["outcome"] === "NOT_SENT", `another outcome: ${info.metadata["outcome"]}`);
    const { fieldViolations } = only(error.findDetails(BadRequestSchema), "BadRequest");
    const { field } = only(fieldViolations, "violations");
    check(field === "recipients[0]", `another field: ${field}`);
  },

  async deadline() {
    const name = "accounts/slow/messages/x";
    await fails(Code.DeadlineExceeded, messages.getMessage({ name }, { timeoutMs: 300 }));
  },

  async "no-key"() {
    const withoutKey = createClient(smsmux.AccountService, createGrpcTransport({ baseUrl }));
    const error = await fails(Code.Unauthenticated, withoutKey.listAccounts({}));
    const { reason } = only(error.findDetails(ErrorInfoSchema), "ErrorInfo");
    check(reason === "CALLER_NOT_AUTHENTICATED", `another reason: ${reason}`);
  },

  async unicode() {
    const request = {
      parent: "accounts/lox24",
      recipients: ["+4915123456789"],
      sender: "smsmux",
      text: "Perché Ж 😀",
    };
    const sent = present((await messages.sendMessage(request)).message, "message");
    const { vendorMessageId } = only(sent.recipients, "recipients");
    const { text } = await getMessage(`${request.parent}/messages/${vendorMessageId}`);
    check(text === request.text, `another text: ${text}`);
    const { ucs2Characters } = await messages.analyzeMessage({ message: request });
    check(ucs2Characters.join() === "Ж,😀", `other characters: ${ucs2Characters}`);
  },

  async int64() {
    const asked = await sendCiao({ vendorOptions: { case: "smsend", value: { returnRemaining: true } } });
    const remaining: bigint = present(asked.creditsRemaining, "credits_remaining");
    check(remaining > 0n, `no credits remain: ${remaining}`);
    check((await sendCiao()).creditsRemaining === undefined, "credits_remaining without asking");
  },

  async optional() {
    const id = uniqueId();
    const given = { email: `typescript-${id}@example.com`, givenName: `TypeScript ${id}` };
    const { contact: created } = await contacts.createContact({ parent, contact: given });
    const { contact } = await contacts.getContact({ name: present(created, "contact").name });
    check(contact?.givenName === given.givenName, `another given_name: ${contact?.givenName}`);
    check(contact.fax === undefined, `a fax: ${contact.fax}`);
  },

  async golden() {
    for (const { name, schema, binary, json } of vectors()) {
      const decoded = fromBinary(schema, binary);
      check(decoded.$unknown === undefined, `fields unknown in ${name}`);
      check(binary.equals(toBinary(schema, decoded)), `${name} is encoded otherwise`);
      check(binary.equals(toBinary(schema, fromJsonString(schema, json))), `${name} of JSON is encoded otherwise`);
    }
  },
};

// The scenario with smsmux/grpc-js/v1: ts-proto's clients on grpc-js.
import { type Message, fromBinary, toBinary } from "@bufbuild/protobuf";
import type { GenMessage } from "@bufbuild/protobuf/codegenv2";
import { anyUnpack } from "@bufbuild/protobuf/wkt";
import { type ServiceError, Metadata, credentials, status } from "@grpc/grpc-js";
import { BadRequestSchema, ErrorInfoSchema, StatusSchema } from "smsmux/google/rpc";
import * as smsmux from "smsmux/grpc-js/v1";
import { type Scenario, check, environment, only, present, uniqueId } from "./check.js";
import { vectors } from "./golden.js";

const parent = "accounts/smsend";
const ciao = { parent, recipients: ["+393471234567"], text: "Ciao!" };

const address = environment("SMSMUX_ADDRESS");
const withKey = new Metadata();
withKey.set("authorization", `Bearer ${environment("SMSMUX_KEY")}`);
const plain = credentials.createInsecure();
const accounts = new smsmux.AccountServiceClient(address, plain);
const messages = new smsmux.MessageServiceClient(address, plain);
const groups = new smsmux.GroupServiceClient(address, plain);
const contacts = new smsmux.ContactServiceClient(address, plain);
const inbox = new smsmux.InboxServiceClient(address, plain);

let first = "";

type Callback<Response> = (error: ServiceError | null, response: Response) => void;

/** The answer of a call, which grpc-js gives to a callback. */
function answer<Response>(call: (callback: Callback<Response>) => unknown): Promise<Response> {
  return new Promise((resolve, reject) => {
    call((error, response) => (error ? reject(error) : resolve(response)));
  });
}

function send(request: Partial<smsmux.SendMessageRequest>): Promise<smsmux.SendMessageResponse> {
  return answer((done) => messages.sendMessage(smsmux.SendMessageRequest.create(request), withKey, done));
}

async function sendCiao(more: Partial<smsmux.SendMessageRequest> = {}): Promise<smsmux.Message> {
  return present((await send({ ...ciao, ...more })).message, "message");
}

async function getMessage(name: string): Promise<smsmux.Message> {
  const { message } = await answer<smsmux.GetMessageResponse>((done) => messages.getMessage({ name }, withKey, done));
  return present(message, "message");
}

/** The error that the call must end in. */
async function fails(code: status, call: Promise<unknown>): Promise<ServiceError> {
  const error = await call.then(
    () => undefined,
    (reason: ServiceError) => reason,
  );
  check(error !== undefined, `no error, where ${status[code]} was due`);
  check(error.code === code, `another error: ${error}`);
  return error;
}

/** The error's detail of that type. */
function detail<T extends Message>(error: ServiceError, schema: GenMessage<T>): T {
  const [binary] = error.metadata.get("grpc-status-details-bin");
  check(binary instanceof Buffer, "no details");
  const found = fromBinary(StatusSchema, binary).details.map((any) => anyUnpack(any, schema));
  return present(found.find((unpacked) => unpacked !== undefined), schema.name);
}

export const grpcJs: Scenario = {
  async accounts() {
    const request = smsmux.ListAccountsRequest.create();
    const { accounts: all } = await answer<smsmux.ListAccountsResponse>((done) =>
      accounts.listAccounts(request, withKey, done),
    );
    const smsend = present(all.find((account) => account.name === parent), parent);
    check(smsend.methods.includes("smsmux.v1.MessageService/SendMessage"), "it cannot send");
  },

  async send() {
    const messageId = uniqueId();
    const message = await sendCiao({ messageId });
    check(message.name.endsWith(messageId), `not named by its id: ${message.name}`);
    const { state } = only(message.recipients, "recipients");
    check(state === smsmux.DeliveryState.DELIVERY_STATE_QUEUED, `not queued: ${state}`);
    first = message.name;
  },

  async status() {
    const delivered = smsmux.DeliveryState.DELIVERY_STATE_DELIVERED;
    let recipient = only((await getMessage(first)).recipients, "recipients");
    for (let i = 1; i < 10 && recipient.state !== delivered; i++) {
      recipient = only((await getMessage(first)).recipients, "recipients");
    }
    check(recipient.state === delivered, `not delivered: ${recipient.state}`);
    check(recipient.vendorCode === "DLVRD", `another code: ${recipient.vendorCode}`);
  },

  async pages() {
    const second = await sendCiao({ messageId: uniqueId() });
    const names = new Set<string>();
    let pageToken = "";
    do {
      const request = smsmux.ListVendorMessagesRequest.create({ parent, pageSize: 1, pageToken });
      const page = await answer<smsmux.ListVendorMessagesResponse>((done) =>
        messages.listVendorMessages(request, withKey, done),
      );
      for (const { name } of page.messages) {
        check(!names.has(name), `twice: ${name}`);
        names.add(name);
      }
      pageToken = page.nextPageToken;
    } while (pageToken !== "");
    check(names.has(first) && names.has(second.name), "not all that was sent is listed");
  },

  async group() {
    const group = smsmux.Group.create({ displayName: `TypeScript ${uniqueId()}`, description: "d" });
    const created = await answer<smsmux.CreateGroupResponse>((done) =>
      groups.createGroup({ parent, group }, withKey, done),
    );
    const request = smsmux.DeleteGroupRequest.create({ name: present(created.group, "group").name });
    await answer<smsmux.DeleteGroupResponse>((done) => groups.deleteGroup(request, withKey, done));
  },

  async watch() {
    const request = smsmux.WatchReceivedMessagesRequest.create({
      parent,
      startTime: { seconds: BigInt(Date.parse("2016-05-03T00:00:00Z") / 1000), nanos: 0 },
    });
    const stream = inbox.watchReceivedMessages(request, withKey, { deadline: Date.now() + 30_000 });
    const responses: AsyncIterator<smsmux.WatchReceivedMessagesResponse> = stream[Symbol.asyncIterator]();
    for (let received = 0; received < 2; received++) {
      const { done, value } = await responses.next();
      check(done !== true, `the stream ended after ${received} messages`);
      const { message, resumeToken } = value;
      check(present(message, "message").name !== "" && message?.to !== "", "no name or no number");
      check(resumeToken !== "", "no resume_token");
    }
    // The stream ends in an error then, CANCELLED, which nobody has to hear of.
    stream.on("error", () => {});
    stream.cancel();
  },

  async "bad-number"() {
    const error = await fails(status.INVALID_ARGUMENT, send({ ...ciao, recipients: ["12"] }));
    const info = detail(error, ErrorInfoSchema);
    check(info.reason === "INVALID_REQUEST", `another reason: ${info.reason}`);
    check(info.domain === "smsmux", `another domain: ${info.domain}`);
    check(info.metadata["outcome"] === "NOT_SENT", `another outcome: ${info.metadata["outcome"]}`);
    const { field } = only(detail(error, BadRequestSchema).fieldViolations, "violations");
    check(field === "recipients[0]", `another field: ${field}`);
  },

  async deadline() {
    const call = answer<smsmux.GetMessageResponse>((done) =>
      messages.getMessage({ name: "accounts/slow/messages/x" }, withKey, { deadline: Date.now() + 300 }, done),
    );
    await fails(status.DEADLINE_EXCEEDED, call);
  },

  async "no-key"() {
    const request = smsmux.ListAccountsRequest.create();
    const call = answer<smsmux.ListAccountsResponse>((done) => accounts.listAccounts(request, done));
    const { reason } = detail(await fails(status.UNAUTHENTICATED, call), ErrorInfoSchema);
    check(reason === "CALLER_NOT_AUTHENTICATED", `another reason: ${reason}`);
  },

  async unicode() {
    const content = {
      parent: "accounts/lox24",
      recipients: ["+4915123456789"],
      sender: "smsmux",
      text: "Perché Ж 😀",
    };
    const sent = present((await send(content)).message, "message");
    const { vendorMessageId } = only(sent.recipients, "recipients");
    const { text } = await getMessage(`${content.parent}/messages/${vendorMessageId}`);
    check(text === content.text, `another text: ${text}`);
    const request = smsmux.AnalyzeMessageRequest.create({ message: content });
    const { ucs2Characters } = await answer<smsmux.AnalyzeMessageResponse>((done) =>
      messages.analyzeMessage(request, withKey, done),
    );
    check(ucs2Characters.join() === "Ж,😀", `other characters: ${ucs2Characters}`);
  },

  async int64() {
    const asked = await sendCiao({ smsend: smsmux.SmSendOptions.create({ returnRemaining: true }) });
    const remaining: bigint = present(asked.creditsRemaining, "credits_remaining");
    check(remaining > 0n, `no credits remain: ${remaining}`);
    check((await sendCiao()).creditsRemaining === undefined, "credits_remaining without asking");
  },

  async optional() {
    const id = uniqueId();
    const given = smsmux.Contact.create({ email: `typescript-${id}@example.com`, givenName: `TypeScript ${id}` });
    const { contact: created } = await answer<smsmux.CreateContactResponse>((done) =>
      contacts.createContact({ parent, contact: given }, withKey, done),
    );
    const { name } = present(created, "contact");
    const { contact } = await answer<smsmux.GetContactResponse>((done) => contacts.getContact({ name }, withKey, done));
    check(contact?.givenName === given.givenName, `another given_name: ${contact?.givenName}`);
    check(contact?.fax === undefined, `a fax: ${contact?.fax}`);
  },

  // ts-proto has no JSON form here, and writes fields in the order of the .proto file, which may be another than that of
  // their numbers: the bytes are compared as protobuf-es writes them.
  async golden() {
    const all: Record<string, unknown> = smsmux;
    for (const { name, schema, binary } of vectors()) {
      const codec = present(all[name], `message ${name}`) as Codec;
      const encoded = codec.encode(codec.decode(binary)).finish();
      check(encoded.length === binary.length, `${name} is encoded to another length`);
      check(binary.equals(toBinary(schema, fromBinary(schema, encoded))), `${name} is encoded otherwise`);
    }
  },
};

/** What the golden vectors need of a message's object. */
interface Codec {
  decode(bytes: Uint8Array): unknown;
  encode(message: unknown): { finish(): Uint8Array };
}

/** Ends the connections, which would keep the program running. */
export function close(): void {
  for (const client of [accounts, messages, groups, contacts, inbox]) {
    client.close();
  }
}

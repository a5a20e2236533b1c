// Sends a message, and asks what became of it.
//
//   npm start                                      at `smsmux serve --sandbox`
//   SMSMUX_ADDRESS=... SMSMUX_KEY=... npm start    elsewhere
import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { DeliveryState, MessageService } from "smsmux/v1";

const { SMSMUX_ADDRESS = "127.0.0.1:50051", SMSMUX_KEY } = process.env;
const withKey = (next) => (request) => {
  if (SMSMUX_KEY) request.header.set("authorization", `Bearer ${SMSMUX_KEY}`);
  return next(request);
};
const transport = createGrpcTransport({
  baseUrl: `http://${SMSMUX_ADDRESS}`,
  interceptors: [withKey],
  defaultTimeoutMs: 10_000, // for each call: without one a call waits for ever
});
const messages = createClient(MessageService, transport);

const sent = await messages.sendMessage({ parent: "accounts/smsend", recipients: ["+393471234567"], text: "Ciao!" });
const name = sent.message?.name;
console.log(name);
const { message } = await messages.getMessage({ name });
for (const { to, state } of message?.recipients ?? []) {
  console.log(to, DeliveryState[state]);
}

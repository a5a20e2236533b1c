// Sends a message through `smsmux serve --sandbox`, and asks what became of it.
import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { DeliveryState, MessageService } from "smsmux/v1";

const transport = createGrpcTransport({ baseUrl: "http://127.0.0.1:50051" });
const messages = createClient(MessageService, transport);

const sent = await messages.sendMessage(
  { parent: "accounts/smsend", recipients: ["+393471234567"], text: "Ciao!" },
  { timeoutMs: 30_000 },
);
for (const { name } of sent.messages) {
  console.log(name);
  const { message } = await messages.getMessage({ name }, { timeoutMs: 10_000 });
  for (const { to, state } of message?.recipients ?? []) {
    console.log(to, DeliveryState[state]);
  }
}

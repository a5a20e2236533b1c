// Does the one job that smsmux is measured by, with grpc-js and undici: takes SendMessage, passes the send on to a
// vendor, and maps the answer back.

import { randomUUID } from "node:crypto";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

import { loadPackageDefinition, Server, ServerCredentials, status } from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";
import { Pool } from "undici";

const { values: options } = parseArgs({ options: { listen: { type: "string" }, vendor: { type: "string" } } });

const { smsmux } = loadPackageDefinition(
  loadSync("smsmux/v1/message_service.proto", {
    includeDirs: [fileURLToPath(new URL("../../../proto", import.meta.url))],
    defaults: true, // fields that were not sent are "" and [], not undefined
  }),
);

// One request at a time on each connection, and as many connections as there are sends in flight: the pool has no limit
// of its own, and keeps them. Where the vendor offers HTTP/2 that is spoken, in the same way: undici is half as fast with
// all requests on one connection.
const vendor = new Pool(options.vendor, { allowH2: true });
const headers = { "content-type": "application/json", user_key: "UK", session_key: "SK" };

async function send({ parent, recipients, text, sender, messageId }) {
  const { statusCode, body } = await vendor.request({
    method: "POST",
    path: "/sms",
    headers,
    body: JSON.stringify({
      message_type: "N",
      message: text,
      recipient: recipients,
      sender,
      order_id: messageId || randomUUID().replaceAll("-", ""),
    }),
  });
  if (statusCode >= 400) {
    await body.dump(); // or the connection could not be used again
    throw new Error(`the vendor answered ${statusCode}`);
  }
  const answer = await body.json();
  return {
    message: {
      name: `${parent}/messages/${answer.order_id}`,
      recipients: recipients.map((to) => ({ to, state: "DELIVERY_STATE_QUEUED" })),
      sender,
      sentCount: answer.total_sent,
    },
  };
}

// The number of streams on a connection is not limited by default.
const server = new Server();
server.addService(smsmux.v1.MessageService.service, {
  sendMessage(call, reply) {
    send(call.request).then(
      (response) => reply(null, response),
      (error) => reply({ code: status.UNAVAILABLE, details: error.message }),
    );
  },
});
server.bindAsync(options.listen, ServerCredentials.createInsecure(), (error) => {
  if (error) throw error;
});

process.on("SIGTERM", () => {
  server.forceShutdown();
  vendor.destroy();
});

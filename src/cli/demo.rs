//! `smsmux demo`: sends through each of the five vendors, over real gRPC and real HTTP, in one process.

use std::{convert::Infallible, net::SocketAddr, time::Duration};

use comfy_table::{ContentArrangement, Table, presets};
use smsmux::api::pb::{
    AnalyzeMessageRequest, DeliveryState, GetMessageRequest, Message, Recipient, SendMessageRequest,
    message_service_client::MessageServiceClient,
};
use tokio::time::Instant;
use tonic::{Status, transport::Channel};

use super::{
    Failure, ListenArguments, Signals,
    load::Draft,
    print,
    serve::{IN_MEMORY, bind, serve, start_sandboxes},
    start_log,
};

/// The account, originator and recipients of each send. The last digits of smSend's second number make it one of the
/// sandbox's test numbers. IntelePeer sends from a number of the account, to numbers in North America.
const SENDS: [(&str, &str, &[&str]); 5] = [
    ("smsend", "smsmux", &["+393471234567", "+393471230404"]),
    ("lox24", "smsmux", &["+4915123456789"]),
    ("ip1sms", "smsmux", &["+46701234567"]),
    ("intelepeer", "+17208675310", &["+12125550123"]),
    ("smspartner", "smsmux", &["+33612345678"]),
];

const TEXT: &str = "Hello from smsmux! Perché no?";

/// The polls after which a message at a stand-in has reached its final state.
const POLLS: usize = 4;

/// One message and its states.
struct Sent {
    vendor: &'static str,
    parts: i32,
    /// The response to the send, and to every poll after it.
    history: Vec<Message>,
    time: Duration,
}

pub(super) async fn run(arguments: ListenArguments) -> Result<(), Failure> {
    let sandboxes = start_sandboxes().await?;
    let mut draft = Draft::empty();
    draft.flag(&["server", "listen"], arguments.listen);
    draft.flag(&["log", "level"], Some("warn"));
    draft.flag(&["store", "path"], Some(IN_MEMORY));
    sandboxes.iter().for_each(|sandbox| draft.sandbox(sandbox));
    let setup = draft.read()?;
    start_log(&setup.config.log)?;
    let signals = Signals::new()?;
    let server = bind(setup).await?;
    let address = server.address()?;
    let vendors = sandboxes.iter().map(|sandbox| format!("  {:<12} {}\n", sandbox.vendor(), sandbox.address()));
    let vendors: String = vendors.collect();
    print::out(format_args!(
        "smsmux listens on {address}; behind it, over HTTP, stand in for the vendors:\n{vendors}"
    ))?;
    tokio::select! {
        // Only Ctrl-C ends serving, whichever step it interrupts.
        result = serve(server, signals) => result,
        result = show(address) => match result {
            Ok(never) => match never {},
            Err(failure) => Err(failure),
        },
    }
}

/// Sends, polls the states, prints them, and waits for ever.
async fn show(address: SocketAddr) -> Result<Infallible, Failure> {
    let channel = Channel::from_shared(format!("http://{address}")).map_err(Failure::new)?;
    let channel = channel.connect().await.map_err(Failure::new)?;
    let mut client = MessageServiceClient::new(channel);

    print::out(format_args!("\nthrough each of them: AnalyzeMessage, SendMessage, and GetMessage {POLLS} times\n\n"))?;
    let mut sent = Vec::new();
    for (vendor, sender, recipients) in SENDS {
        let failed = |status: Status| Failure::new(format!("the demo failed: {}", status.message()));
        sent.push(send(&mut client, vendor, sender, recipients).await.map_err(failed)?);
    }
    print::out(format_args!("{}\n\n", table(&sent)))?;
    let name = sent.first().and_then(|sent| sent.history.first()).map(|message| message.name.as_str());
    print::out(format_args!(
        "SENT is with the operator, DELIVERED on the handset. Now try it yourself: smsmux serves until Ctrl-C.\n\
         Paste into another terminal:\n\n\
         grpcurl -plaintext -d '{{\"name\": \"{}\"}}' \\\n  {address} smsmux.v1.MessageService/GetMessage\n\n\
         grpcurl -plaintext -d '{{\"parent\": \"accounts/smsend\", \"recipients\": [\"+393477654321\"], \"text\": \"Ciao\"}}' \\\n  \
         {address} smsmux.v1.MessageService/SendMessage\n\n",
        name.unwrap_or_default()
    ))?;
    std::future::pending().await
}

/// Sends through one account, and polls the message's state.
async fn send(
    client: &mut MessageServiceClient<Channel>,
    vendor: &'static str,
    sender: &str,
    recipients: &[&str],
) -> Result<Sent, Status> {
    let parent = format!("accounts/{vendor}");
    let recipients: Vec<_> = recipients.iter().map(|&number| number.to_owned()).collect();
    let request = SendMessageRequest {
        parent,
        recipients,
        text: TEXT.to_owned(),
        sender: sender.to_owned(),
        ..SendMessageRequest::default()
    };
    let analyze = AnalyzeMessageRequest { message: Some(request.clone()), ..AnalyzeMessageRequest::default() };
    let parts = client.analyze_message(analyze).await?.into_inner().segment_count;
    let started = Instant::now();
    let answer = client.send_message(request).await?.into_inner();
    let time = started.elapsed();
    let message = answer.message.ok_or_else(|| Status::internal("the response has no message"))?;
    let mut history = vec![message];
    for _ in 0..POLLS {
        let request = GetMessageRequest { name: history[0].name.clone() };
        history.extend(client.get_message(request).await?.into_inner().message);
    }
    Ok(Sent { vendor, parts, history, time })
}

/// Returns a table with a row per recipient.
fn table(sent: &[Sent]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::UTF8_FULL_CONDENSED).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header(["account", "vendor", "id", "to", "parts", "state", "time"]);
    for Sent { vendor, parts, history, time } in sent {
        let Some(message) = history.first() else { continue };
        let (account, id) = message.name.split_once("/messages/").unwrap_or_default();
        let account = account.trim_start_matches("accounts/");
        for (i, recipient) in message.recipients.iter().enumerate() {
            // Not every vendor returns the number, but each keeps the order.
            let states = history.iter().filter_map(|message| message.recipients.get(i));
            let time = format!("{:.1} ms", time.as_secs_f64() * 1000.0);
            table.add_row([account, vendor, id, &recipient.to, &parts.to_string(), &path(states), &time]);
        }
    }
    table
}

/// Formats states as `QUEUED > SENT > DELIVERED (DLVRD)`: each state once, the vendor's code with the last.
fn path<'a>(states: impl Iterator<Item = &'a Recipient>) -> String {
    let (mut path, mut code) = (Vec::<&str>::new(), "");
    for recipient in states {
        let state = DeliveryState::as_str_name(&recipient.state()).trim_start_matches("DELIVERY_STATE_");
        if path.last() != Some(&state) {
            path.push(state);
        }
        code = &recipient.vendor_code;
    }
    let path = path.join(" > ");
    if code.is_empty() { path } else { format!("{path} ({code})") }
}

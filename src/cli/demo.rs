//! `smsmux demo`: the main job, over real gRPC and real HTTP, in one process.

use std::net::SocketAddr;

use comfy_table::{ContentArrangement, Table, presets};
use smsmux::{
    config::LogFormat,
    pb::{DeliveryState, GetMessageRequest, Message, SendMessageRequest, message_service_client::MessageServiceClient},
};
use tonic::{Status, transport::Channel};

use super::{
    Failure, ListenArguments, Signals,
    load::Draft,
    serve::{bind, serve, start_sandboxes},
    start_log,
};

/// The second one ends as the sandbox's test numbers do: by its last digits.
const RECIPIENTS: [&str; 2] = ["+393471234567", "+393471230404"];

const TEXT: &str = "Hello from smsmux! Perché no?";

/// Asked so often, a message at the stand-in has come to its end.
const POLLS: usize = 3;

pub(super) async fn run(arguments: ListenArguments) -> Result<(), Failure> {
    let sandboxes = start_sandboxes().await?;
    let mut draft = Draft::empty();
    draft.flag(&["server", "listen"], arguments.listen);
    draft.flag(&["log", "level"], Some("warn"));
    sandboxes.iter().for_each(|sandbox| draft.sandbox(sandbox));
    let (config, vendors) = draft.read()?;
    debug_assert_eq!(config.log.format, LogFormat::Text);
    start_log(&config.log);
    let signals = Signals::new()?;
    let server = bind(config, vendors).await?;
    let address = server.address()?;
    println!("smsmux listens on {address}; behind it, over HTTP, stands in for smSend: {}\n", sandboxes[0].address());
    tokio::select! {
        // Serving ends by Ctrl-C alone, at whatever step that comes.
        result = serve(server, signals) => result,
        result = show(address) => match result {
            Ok(never) => match never {},
            Err(status) => Err(Failure::new(format!("the demo failed: {}", status.message()))),
        },
    }
}

/// Sends, asks what became of it, shows that, and waits for ever.
async fn show(address: SocketAddr) -> Result<std::convert::Infallible, Status> {
    let channel = Channel::from_shared(format!("http://{address}")).map_err(|e| Status::internal(e.to_string()))?;
    let channel = channel.connect().await.map_err(|e| Status::unavailable(e.to_string()))?;
    let mut client = MessageServiceClient::new(channel);

    println!("SendMessage   gRPC > smsmux > POST /sms");
    let request = SendMessageRequest {
        parent: "accounts/smsend".to_owned(),
        recipients: RECIPIENTS.map(str::to_owned).to_vec(),
        text: TEXT.to_owned(),
        sender: "smsmux".to_owned(),
        ..SendMessageRequest::default()
    };
    let sent = client.send_message(request).await?.into_inner();
    let sent = sent.messages.into_iter().next().ok_or_else(|| Status::internal("no message came back"))?;
    let mut history = vec![sent.clone()];
    for _ in 0..POLLS {
        println!("GetMessage    gRPC > smsmux > GET /sms/{{order_id}}");
        let request = GetMessageRequest { name: sent.name.clone() };
        history.extend(client.get_message(request).await?.into_inner().message);
    }
    println!("\n{}\n", table(&history));
    println!(
        "Now try it yourself: smsmux serves until Ctrl-C. Paste into another terminal:\n\n\
         grpcurl -plaintext -d '{{\"name\": \"{}\"}}' \\\n  {address} smsmux.v1.MessageService/GetMessage\n\n\
         grpcurl -plaintext -d '{{\"parent\": \"accounts/smsend\", \"recipients\": [\"+393477654321\"], \"text\": \"Ciao\"}}' \\\n  \
         {address} smsmux.v1.MessageService/SendMessage\n",
        sent.name
    );
    std::future::pending().await
}

/// A row per recipient, a column per answer.
fn table(history: &[Message]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::UTF8_FULL_CONDENSED).set_content_arrangement(ContentArrangement::Dynamic);
    let mut header = vec!["order id".to_owned(), "recipient".to_owned(), "sent".to_owned()];
    header.extend((1..history.len()).map(|i| format!("asked {i}x")));
    table.set_header(header);
    let Some(sent) = history.first() else { return table };
    let order_id = sent.name.rsplit('/').next().unwrap_or_default();
    for recipient in &sent.recipients {
        let mut row = vec![order_id.to_owned(), recipient.to.clone()];
        for message in history {
            let now = message.recipients.iter().find(|r| r.to == recipient.to);
            row.push(now.map_or_else(String::new, |r| state(r.state(), &r.vendor_code)));
        }
        table.add_row(row);
    }
    table
}

/// `DELIVERED (DLVRD)`.
fn state(state: DeliveryState, vendor_code: &str) -> String {
    let name = state.as_str_name().trim_start_matches("DELIVERY_STATE_");
    if vendor_code.is_empty() { name.to_owned() } else { format!("{name} ({vendor_code})") }
}

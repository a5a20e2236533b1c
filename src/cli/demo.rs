//! `smsmux demo`: the whole circle in one process, over real gRPC and real HTTP. A message goes out through each of the five
//! vendors, what becomes of it comes in by push or by look-up, and a reply arrives, in one table, as it happens.

use std::{collections::BTreeSet, convert::Infallible, net::SocketAddr, time::Duration};

use smsmux::api::pb::{
    DeliveryState, GetMessageRequest, SendMessageRequest, WatchEventsRequest, event::Subject,
    event_service_client::EventServiceClient, message_service_client::MessageServiceClient,
    watch_events_response::Item,
};
use smsmux_sandbox::Sandbox;
use tokio::time::Instant;
use tonic::{Status, Streaming, transport::Channel};

use super::{
    Failure, ListenArguments, Signals,
    events::{self, Described},
    load::Draft,
    print,
    serve::{StandIns, bind, serve},
    start_log,
};

/// What is sent through one account.
struct Send {
    account: &'static str,
    sender: &'static str,
    recipients: &'static [&'static str],
    /// The number that the first recipient replies to.
    reply_to: &'static str,
    /// Whether the vendor reports by itself what became of a message.
    pushes_reports: bool,
}

/// The last digits of smSend's second number make it one of the sandbox's test numbers. IntelePeer sends from a number of
/// the account, to numbers in North America.
#[rustfmt::skip]
const SENDS: [Send; 5] = [
    Send { account: "smsend", sender: "smsmux", recipients: &["+393471234567", "+393471230404"], reply_to: "+393400000001", pushes_reports: false },
    Send { account: "lox24", sender: "smsmux", recipients: &["+4915123456789"], reply_to: "+4915700000001", pushes_reports: true },
    Send { account: "ip1sms", sender: "smsmux", recipients: &["+46701234567"], reply_to: "+46700000001", pushes_reports: true },
    Send { account: "intelepeer", sender: "+17208675310", recipients: &["+12125550123"], reply_to: "+17208675310", pushes_reports: false },
    Send { account: "smspartner", sender: "smsmux", recipients: &["+33612345678"], reply_to: "36111", pushes_reports: true },
];

const TEXT: &str = "Hello from smsmux! Perché no?";
const REPLY: &str = "Yes, thank you!";

/// The polls after which a message at a stand-in that pushes no reports has reached its final state.
const POLLS: usize = 4;

/// When a stand-in reports that a message was delivered.
const REPORTS: Duration = Duration::from_millis(300);

pub(super) async fn run(arguments: ListenArguments) -> Result<(), Failure> {
    let stand_ins = StandIns::start().await?;
    let mut draft = Draft::empty();
    draft.flag(&["server", "listen"], arguments.listen);
    draft.flag(&["log", "level"], Some("warn"));
    stand_ins.configure(&mut draft);
    let setup = draft.read()?;
    start_log(&setup.config.log)?;
    let signals = Signals::new()?;
    let server = bind(setup).await?;
    let address = server.address()?;
    // smSend's stand-in pushes as the platform once did.
    stand_ins.push(&server, |_| true, Some(REPORTS))?;
    let sandboxes = &stand_ins.sandboxes;
    let vendors = sandboxes.iter().map(|sandbox| format!("  {:<12} {}\n", sandbox.vendor(), sandbox.address()));
    let vendors: String = vendors.collect();
    print::out(format_args!("smsmux listens on {address}, and a stand-in of each vendor on:\n{vendors}"))?;
    tokio::select! {
        // Only Ctrl-C ends serving, whichever step it interrupts.
        result = serve(server, signals) => result,
        result = show(address, sandboxes) => match result {
            Ok(never) => match never {},
            Err(failure) => Err(failure),
        },
    }
}

/// Sends, prints what happens, and waits for ever.
async fn show(address: SocketAddr, sandboxes: &[Sandbox]) -> Result<Infallible, Failure> {
    let failed = |status: Status| Failure::new(format!("the demo failed: {}", status.message()));
    let channel = Channel::from_shared(format!("http://{address}")).map_err(Failure::new)?;
    let channel = channel.connect().await.map_err(Failure::new)?;
    let watch = WatchEventsRequest { parent: "accounts/-".to_owned(), ..WatchEventsRequest::default() };
    let mut events = EventServiceClient::new(channel.clone()).watch_events(watch).await.map_err(failed)?.into_inner();
    // The first answer: from now on no event is missed.
    events.message().await.map_err(failed)?;
    let rows = Rows { begun: Instant::now(), sandboxes };
    print::out(format_args!("\nA message goes out through each vendor, and EventService.WatchEvents tells:\n\n"))?;
    print::out(format_args!("{:>10}  {}\n", "time", Described::HEADING))?;
    let sent = async {
        let mut names = Vec::new();
        for send in &SENDS {
            names.push(self::send(&channel, send).await?);
        }
        Ok(names)
    };
    let (names, ()) = tokio::try_join!(async { sent.await.map_err(failed) }, rows.follow(&mut events))?;
    // As it was called, so that it can be pasted: after `cargo run` it is on no path.
    let program = std::env::args_os().next().unwrap_or_else(|| "smsmux".into());
    let program = program.to_string_lossy();
    let name = names.first().map_or("", String::as_str);
    print::out(format_args!(
        "\nSENT is with the operator, DELIVERED on the handset. smsmux serves until Ctrl-C.\n\
         Now try it yourself: paste into another terminal\n\n\
         {program} send --address {address} --account smsend --to +393477654321 --text Ciao\n\
         {program} messages list --address {address} --account smsend\n\n\
         or, with grpcurl, what a program in any language calls:\n\n\
         grpcurl -plaintext -d '{{\"name\": \"{name}\"}}' \\\n  {address} smsmux.v1.MessageService/GetMessage\n\n\
         grpcurl -plaintext -d '{{\"parent\": \"accounts/smsend\", \"recipients\": [\"+393477654321\"], \"text\": \"Ciao\"}}' \\\n  \
         {address} smsmux.v1.MessageService/SendMessage\n\n"
    ))?;
    std::future::pending().await
}

/// Sends through one account, and asks what became of the message where the vendor does not report it. Returns its name.
async fn send(channel: &Channel, send: &Send) -> Result<String, Status> {
    let mut messages = MessageServiceClient::new(channel.clone());
    let request = SendMessageRequest {
        parent: format!("accounts/{}", send.account),
        recipients: send.recipients.iter().map(|&number| number.to_owned()).collect(),
        text: TEXT.to_owned(),
        sender: send.sender.to_owned(),
        ..SendMessageRequest::default()
    };
    let answer = messages.send_message(request).await?.into_inner();
    let name = answer.message.ok_or_else(|| Status::internal("the response has no message"))?.name;
    for _ in 0..if send.pushes_reports { 0 } else { POLLS } {
        messages.get_message(GetMessageRequest { name: name.clone() }).await?;
    }
    Ok(name)
}

/// The table of what happens.
struct Rows<'a> {
    begun: Instant,
    sandboxes: &'a [Sandbox],
}

impl Rows<'_> {
    /// Prints events until all messages have ended, and all replies have arrived. A message that was delivered is replied
    /// to.
    async fn follow(&self, events: &mut Streaming<smsmux::api::pb::WatchEventsResponse>) -> Result<(), Failure> {
        let mut open: BTreeSet<_> =
            SENDS.iter().flat_map(|send| send.recipients).map(|number| (*number).to_owned()).collect();
        let mut silent: BTreeSet<_> = SENDS.iter().map(|send| send.recipients[0].to_owned()).collect();
        while !open.is_empty() || !silent.is_empty() {
            let failed = |status: Status| Failure::new(format!("the demo failed: {}", status.message()));
            let answer = events.message().await.map_err(failed)?;
            let answer = answer.ok_or_else(|| Failure::new("the demo failed: the events have ended"))?;
            let Some(Item::Event(event)) = answer.item else { continue };
            let described = events::described(&event);
            if matches!(event.subject, Some(Subject::MessageState(_) | Subject::ReceivedMessage(_))) {
                self.print(&described)?;
            }
            let account = described.account;
            if let Some(Subject::MessageState(changed)) = &event.subject
                && changed.is_final
                && open.remove(&changed.recipient)
                && changed.state() == DeliveryState::Delivered
            {
                self.reply(account, &changed.recipient).await?;
            }
            if let Some(Subject::ReceivedMessage(received)) = &event.subject {
                silent.remove(&received.from);
            }
        }
        Ok(())
    }

    /// Lets a recipient reply.
    async fn reply(&self, account: &str, from: &str) -> Result<(), Failure> {
        let sandbox = self.sandboxes.iter().find(|sandbox| sandbox.vendor() == account);
        let send = SENDS.iter().find(|send| send.account == account);
        match sandbox.zip(send) {
            Some((sandbox, send)) => sandbox.receive(from, send.reply_to, REPLY).await.map_err(Failure::new),
            None => Ok(()),
        }
    }

    fn print(&self, event: &Described) -> Result<(), Failure> {
        let time = format!("{:.1} ms", self.begun.elapsed().as_secs_f64() * 1000.0);
        print::out(format_args!("{time:>10}  {event}\n"))
    }
}

//! `smsmux messages`: what was sent.

use std::time::Duration;

use clap::{
    Args, Subcommand,
    builder::{PossibleValuesParser, TypedValueParser as _},
};
use jiff::Timestamp;
use prost_reflect::DynamicMessage;
use serde::Serialize;
use smsmux::{
    api::pb::{CancelMessageRequest, DeliveryState, GetMessageRequest, ListMessagesRequest, Message},
    gateway::is_final,
    request::names,
};
use tokio::time::sleep;

use super::{ConnectionArguments, Failure, Session, call::Kind, report, send::keyed};
use crate::cli::{
    arguments::{Output, account, account_name, time, timestamp},
    events, json, print,
};

/// The most messages in an answer.
const PAGE: u32 = 1000;

#[derive(Debug, Args)]
pub(in crate::cli) struct MessagesArguments {
    #[command(subcommand)]
    command: MessagesCommand,
}

#[derive(Debug, Subcommand)]
enum MessagesCommand {
    /// List the messages that were sent through the server, newest first
    #[command(after_help = "\
Examples:
  smsmux messages list --account acme --limit 20
  smsmux messages list --state UNKNOWN --output json | jq -r '.messages[].name'
  smsmux messages list --recipient +393471234567")]
    List(ListArguments),
    /// Look a message up, at its vendor too while it is under way
    #[command(after_help = "\
Examples:
  smsmux messages get accounts/acme/messages/0192f6c1a1b27f3e8d5c4b3a29180706
  smsmux messages get acme/0192f6c1a1b27f3e8d5c4b3a29180706 --wait --output json | jq .

Exit codes: 0 good, 1 the call failed, 2 wrong arguments. With --wait, 0 means delivered to every \
recipient, 1 also that it was delivered to no recipient, and 3 that it was delivered to some of them.")]
    Get(GetArguments),
    /// Cancel a message whose time has not come
    #[command(after_help = "\
Example:
  smsmux messages cancel acme/0192f6c1a1b27f3e8d5c4b3a29180706

Exit codes: 0 cancelled, 1 nothing was cancelled, 2 wrong arguments, 3 cancelled for some recipients \
only, 4 it is unknown whether it was cancelled.")]
    Cancel(NameArguments),
}

#[derive(Debug, Args)]
struct ListArguments {
    /// The account: its id, or accounts/ID [default: all that the caller may use]
    #[arg(long, value_name = "ACCOUNT", default_value = "-", hide_default_value = true, value_parser = account_name)]
    account: String,
    /// Only messages that are in this state for a recipient
    #[arg(long, value_name = "STATE", ignore_case = true, value_parser = state())]
    state: Option<DeliveryState>,
    /// Only messages that were sent at or after this time, such as 2026-11-01 or 2026-11-01T12:00:00Z
    #[arg(long, value_name = "TIME", value_parser = time)]
    from: Option<Timestamp>,
    /// Only messages that were sent before this time
    #[arg(long, value_name = "TIME", value_parser = time)]
    until: Option<Timestamp>,
    /// Only messages to this number
    #[arg(long, value_name = "NUMBER", default_value = "", hide_default_value = true)]
    recipient: String,
    /// Only messages with this reference
    #[arg(long, value_name = "REFERENCE", default_value = "", hide_default_value = true)]
    reference: String,
    /// Only messages with this tag
    #[arg(long, value_name = "TAG", default_value = "", hide_default_value = true)]
    tag: String,
    /// The most messages to list
    #[arg(long, value_name = "COUNT", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..))]
    limit: u32,
    /// The token of the page before, to list what follows it
    #[arg(long, value_name = "TOKEN", default_value = "", hide_default_value = true)]
    page_token: String,
    #[command(flatten)]
    connection: ConnectionArguments,
}

#[derive(Debug, Args)]
struct GetArguments {
    /// Wait until the state of every recipient is final
    #[arg(long)]
    wait: bool,
    #[command(flatten)]
    message: NameArguments,
}

#[derive(Debug, Args)]
struct NameArguments {
    /// The message: accounts/ACCOUNT/messages/ID, or ACCOUNT/ID
    #[arg(value_name = "MESSAGE", value_parser = name)]
    name: String,
    #[command(flatten)]
    connection: ConnectionArguments,
}

fn name(text: &str) -> Result<String, String> {
    match text.split('/').collect::<Vec<_>>()[..] {
        ["accounts", _, "messages", _] => Ok(text.to_owned()),
        [account, message] => Ok(names::child(&self::account(account), "messages", message)),
        _ => Err("expected accounts/ACCOUNT/messages/ID, or ACCOUNT/ID".to_owned()),
    }
}

fn state() -> impl clap::builder::TypedValueParser<Value = DeliveryState> {
    let states = || (1..).map_while(|number| DeliveryState::try_from(number).ok());
    PossibleValuesParser::new(states().map(events::state))
        .map(move |text| states().find(|&state| events::state(state).eq_ignore_ascii_case(&text)).unwrap_or_default())
}

/// The messages of a list, and the token of what follows them.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Listed {
    messages: Vec<DynamicMessage>,
    next_page_token: String,
}

pub(super) async fn run(arguments: MessagesArguments) -> Result<(), Failure> {
    match arguments.command {
        MessagesCommand::List(arguments) => list(arguments).await,
        MessagesCommand::Get(GetArguments { wait, message: NameArguments { name, connection } }) => {
            get(name, wait, &connection.open()?).await
        }
        MessagesCommand::Cancel(NameArguments { name, connection }) => cancel(name, &connection.open()?).await,
    }
}

async fn list(arguments: ListArguments) -> Result<(), Failure> {
    let ListArguments { account, state, from, until, recipient, reference, tag, limit, page_token, connection } =
        arguments;
    let Session { client, output, json: types } = connection.open()?;
    let mut request = ListMessagesRequest {
        parent: account,
        page_size: 0,
        page_token,
        start_time: from.map(timestamp),
        end_time: until.map(timestamp),
        state: state.unwrap_or_default().into(),
        recipient,
        reference,
        tag,
    };
    let (mut messages, mut left) = (Vec::new(), limit);
    loop {
        request.page_size = left.min(PAGE) as i32;
        let page = client.call(Kind::Read, &request, async |request| client.messages().list_messages(request).await);
        let page = page.await?;
        left = left.saturating_sub(page.messages.len() as u32);
        messages.extend(page.messages);
        request.page_token = page.next_page_token;
        if request.page_token.is_empty() || left == 0 {
            break;
        }
    }
    let next_page_token = request.page_token;
    match output {
        Output::Json => json::print(&Listed { messages: types.messages("Message", &messages)?, next_page_token }),
        Output::Table => {
            print::out(report::list(&messages))?;
            if !next_page_token.is_empty() {
                print::error(format_args!(
                    "smsmux: there are more: --limit COUNT, or --page-token {next_page_token}\n"
                ));
            }
            Ok(())
        }
    }
}

/// The time between two looks at a message that is under way: at first, and at most.
const LOOKS: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(15));

/// Shows a message, at once or when it has come to its end.
async fn get(name: String, wait: bool, session: &Session) -> Result<(), Failure> {
    let client = &session.client;
    let request = GetMessageRequest { name };
    let (mut pause, longest) = LOOKS;
    let message = loop {
        let answer = client.call(Kind::Read, &request, async |request| client.messages().get_message(request).await);
        let answer = answer.await?;
        let message = answer.message.unwrap_or_default();
        if !wait || message.recipients.iter().all(|recipient| is_final(recipient.state())) {
            break message;
        }
        sleep(pause).await;
        pause = (pause * 2).min(longest);
    };
    show(session, &message)?;
    let delivered = message.recipients.iter().filter(|recipient| recipient.state() == DeliveryState::Delivered).count();
    match (delivered, message.recipients.len()) {
        _ if !wait => Ok(()),
        (delivered, all) if delivered == all => Ok(()),
        (0, _) => Err(Failure::new("it was delivered to no recipient")),
        (delivered, all) => Err(Failure::Exit(3, format!("it was delivered to {delivered} of {all} recipients"))),
    }
}

/// Cancels a message. What was cancelled for some recipients only has an exit code of its own.
async fn cancel(name: String, session: &Session) -> Result<(), Failure> {
    let client = &session.client;
    let request = CancelMessageRequest { name };
    let key = uuid::Uuid::now_v7().to_string();
    let ask = async |key: Option<&str>| {
        client.call(Kind::Write(key), &request, async |request| client.messages().cancel_message(request).await).await
    };
    let message = keyed(&key, false, ask).await?.message.unwrap_or_default();
    show(session, &message)?;
    let others = message.recipients.iter().filter(|recipient| recipient.state() != DeliveryState::Cancelled).count();
    match (others, message.recipients.len()) {
        (0, _) => Ok(()),
        (others, all) if others < all => {
            Err(Failure::Exit(3, format!("not cancelled for {others} of {all} recipients")))
        }
        _ => Err(Failure::new("not cancelled")),
    }
}

/// Prints one message.
fn show(session: &Session, message: &Message) -> Result<(), Failure> {
    match session.output {
        Output::Table => print::out(report::message(message)),
        Output::Json => json::print(&session.json.message("Message", message)?),
    }
}

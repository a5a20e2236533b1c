//! `smsmux events`: the log of events.

use clap::{
    Args, Subcommand,
    builder::{PossibleValuesParser, TypedValueParser as _},
};
use jiff::Timestamp;
use prost_reflect::DynamicMessage;
use serde::Serialize;
use smsmux::api::pb::{EventType, ListEventsRequest};

use super::{ConnectionArguments, Failure, Session, call::Kind, subscriptions};
use crate::cli::{
    arguments::{Output, account_name, time, timestamp},
    events::{Described, described},
    json, print, table,
};

/// The most events in an answer.
const PAGE: i32 = 1000;

#[derive(Debug, Args)]
pub(in crate::cli) struct EventsArguments {
    #[command(subcommand)]
    command: EventsCommand,
}

#[derive(Debug, Subcommand)]
enum EventsCommand {
    /// List events, oldest first
    #[command(after_help = "\
Examples:
  smsmux events list --from 2026-11-01
  smsmux events list --type MESSAGE_RECEIVED --output json | jq '.events[].receivedMessage.text'

JSON has a resumeToken: with --resume-token the next list begins after the last event, also if there \
is nothing yet.")]
    List(ListArguments),
    /// List the subscriptions: the places of readers, which the server keeps
    #[command(after_help = "\
Examples:
  smsmux events subscriptions
  smsmux events subscriptions --account acme --output json | jq -r '.eventSubscriptions[].name'

smsmux watch --subscription NAME makes one, and goes on at its place.")]
    Subscriptions(subscriptions::ListArguments),
    /// Delete a subscription
    #[command(after_help = "\
Example:
  smsmux events unsubscribe accounts/acme/eventSubscriptions/billing

A reader of it is told, and a webhook of it gets no more events.")]
    Unsubscribe(subscriptions::DeleteArguments),
}

#[derive(Debug, Args)]
struct ListArguments {
    #[command(flatten)]
    selection: SelectionArguments,
    /// The most events to list
    #[arg(long, value_name = "COUNT", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..))]
    limit: u32,
    #[command(flatten)]
    connection: ConnectionArguments,
}

/// Which events, and where to begin.
#[derive(Debug, Args)]
pub(super) struct SelectionArguments {
    /// The account: its id, or accounts/ID [default: all that the caller may use]
    #[arg(long, value_name = "ACCOUNT", default_value = "-", hide_default_value = true, value_parser = account_name)]
    pub(super) account: String,
    /// The types [default: all]
    #[arg(long = "type", value_name = "TYPE", value_delimiter = ',', ignore_case = true, value_parser = event_type())]
    pub(super) types: Vec<EventType>,
    /// The time of recording to begin at, such as 2026-11-01 or 2026-11-01T12:00:00Z
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub(super) from: Option<Timestamp>,
    /// The token to go on after, with the same account and types
    #[arg(long, value_name = "TOKEN", default_value = "", hide_default_value = true)]
    pub(super) resume_token: String,
}

impl SelectionArguments {
    pub(super) fn types(&self) -> Vec<i32> {
        self.types.iter().map(|&kind| kind.into()).collect()
    }
}

/// Returns the names of types as they are given.
pub(super) fn names(types: impl IntoIterator<Item = EventType>) -> String {
    types.into_iter().map(type_name).collect::<Vec<_>>().join(", ")
}

fn type_name(kind: EventType) -> &'static str {
    kind.as_str_name().trim_start_matches("EVENT_TYPE_")
}

fn event_type() -> impl clap::builder::TypedValueParser<Value = EventType> {
    let types = || (1..).map_while(|number| EventType::try_from(number).ok());
    PossibleValuesParser::new(types().map(type_name))
        .map(move |text| types().find(|&kind| type_name(kind).eq_ignore_ascii_case(&text)).unwrap_or_default())
}

/// The events of a list, and the token to go on after them.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Listed {
    events: Vec<DynamicMessage>,
    resume_token: String,
}

pub(super) async fn run(arguments: EventsArguments) -> Result<(), Failure> {
    match arguments.command {
        EventsCommand::List(arguments) => list(arguments).await,
        EventsCommand::Subscriptions(arguments) => subscriptions::list(arguments).await,
        EventsCommand::Unsubscribe(arguments) => subscriptions::delete(arguments).await,
    }
}

async fn list(arguments: ListArguments) -> Result<(), Failure> {
    let ListArguments { selection, limit, connection } = arguments;
    let Session { client, output, json: types } = connection.open()?;
    let mut left = i32::try_from(limit).unwrap_or(i32::MAX);
    let mut request = ListEventsRequest {
        types: selection.types(),
        parent: selection.account,
        page_size: 0,
        resume_token: selection.resume_token,
        start_time: selection.from.map(timestamp),
        shard: None,
    };
    let mut events = Vec::new();
    loop {
        request.page_size = left.min(PAGE);
        let page = client.call(Kind::Read, &request, async |request| client.events().list_events(request).await);
        let page = page.await?;
        left -= i32::try_from(page.events.len()).unwrap_or(left);
        events.extend(page.events);
        request.resume_token = page.resume_token;
        if page.behind == 0 || left <= 0 {
            break;
        }
    }
    match output {
        Output::Json => {
            json::print(&Listed { events: types.messages("Event", &events)?, resume_token: request.resume_token })
        }
        Output::Table => {
            let mut text = format!("{:<20}  {}\n", "time", Described::HEADING);
            events
                .iter()
                .for_each(|event| text += &format!("{:<20}  {}\n", table::time(event.receive_time), described(event)));
            print::out(text)
        }
    }
}

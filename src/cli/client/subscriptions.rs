//! Subscriptions: the places of readers, which the server keeps.

use std::collections::BTreeSet;

use clap::Args;
use prost_reflect::DynamicMessage;
use serde::Serialize;
use smsmux::{
    api::pb::{
        CreateEventSubscriptionRequest, DeleteEventSubscriptionRequest, EventSubscription, EventType,
        GetEventSubscriptionRequest, ListEventSubscriptionsRequest,
    },
    request::names,
};
use uuid::Uuid;

use super::{
    ConnectionArguments, Failure, Session,
    call::Kind,
    events::{self, SelectionArguments},
};
use crate::cli::{
    arguments::{Output, account_name, timestamp},
    json, print,
    table::{table, time},
};

/// The segment of the names.
const COLLECTION: &str = "eventSubscriptions";

/// The most subscriptions in an answer.
const PAGE: i32 = 1000;

#[derive(Debug, Args)]
pub(super) struct ListArguments {
    /// The account: its id, or accounts/ID [default: your own subscriptions of all accounts]
    #[arg(long, value_name = "ACCOUNT", default_value = "-", hide_default_value = true, value_parser = account_name)]
    account: String,
    #[command(flatten)]
    connection: ConnectionArguments,
}

#[derive(Debug, Args)]
pub(super) struct DeleteArguments {
    /// The subscription: accounts/ACCOUNT/eventSubscriptions/ID, or ID for one of all accounts
    #[arg(value_name = "SUBSCRIPTION")]
    name: String,
    #[command(flatten)]
    connection: ConnectionArguments,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Listed {
    event_subscriptions: Vec<DynamicMessage>,
}

/// Returns the name of a subscription, of which the id is enough.
fn name(parent: &str, text: &str) -> String {
    if text.contains('/') { text.to_owned() } else { names::child(parent, COLLECTION, text) }
}

/// Finds the subscription of a reader, or creates it. Returns its name.
pub(super) async fn open(
    session: &Session,
    selection: &SelectionArguments,
    subscription: &str,
) -> Result<String, Failure> {
    let client = &session.client;
    let name = name(&selection.account, subscription);
    let Some((parent, id)) = name.split_once(&format!("/{COLLECTION}/")) else {
        return Err(Failure::new(format!(
            "invalid subscription {name:?}; expected ID, or accounts/ACCOUNT/{COLLECTION}/ID"
        )));
    };
    let request = GetEventSubscriptionRequest { name: name.clone() };
    let ask = async |request| client.events().get_event_subscription(request).await;
    let found = match client.call(Kind::Read, &request, ask).await {
        Ok(answer) => answer.event_subscription.unwrap_or_default(),
        Err(error) if error.reason == "RESOURCE_NOT_FOUND" => {
            create(session, selection, parent, id).await?;
            return Ok(name);
        }
        Err(error) => return Err(error.into()),
    };
    let (types, asked) = (types(found.types), types(selection.types()));
    if !asked.is_empty() && asked != types {
        let types = if types.is_empty() { "all types".to_owned() } else { events::names(types) };
        return Err(Failure::new(format!("{name} has the events of {types}: leave --type out, or name another")));
    }
    if selection.from.is_some() {
        return Err(Failure::new(format!("{name} has a place already: leave --from out, or name another")));
    }
    Ok(name)
}

fn types(types: Vec<i32>) -> BTreeSet<EventType> {
    types.into_iter().filter_map(|number| EventType::try_from(number).ok()).collect()
}

async fn create(session: &Session, selection: &SelectionArguments, parent: &str, id: &str) -> Result<(), Failure> {
    let client = &session.client;
    let request = CreateEventSubscriptionRequest {
        parent: parent.to_owned(),
        event_subscription_id: id.to_owned(),
        types: selection.types(),
        resume_token: selection.resume_token.clone(),
        start_time: selection.from.map(timestamp),
        shard: None,
    };
    let key = Uuid::now_v7().to_string();
    let ask = async |request| client.events().create_event_subscription(request).await;
    client.call(Kind::Write(Some(&key)), &request, ask).await?;
    if session.output == Output::Table {
        print::error(format_args!(
            "smsmux: {parent}/{COLLECTION}/{id} is new; the server keeps its place from now on\n"
        ));
    }
    Ok(())
}

pub(super) async fn list(arguments: ListArguments) -> Result<(), Failure> {
    let Session { client, output, json: types } = arguments.connection.open()?;
    let mut request =
        ListEventSubscriptionsRequest { parent: arguments.account, page_size: PAGE, page_token: String::new() };
    let mut all = Vec::new();
    loop {
        let ask = async |request| client.events().list_event_subscriptions(request).await;
        let page = client.call(Kind::Read, &request, ask).await?;
        all.extend(page.event_subscriptions);
        request.page_token = page.next_page_token;
        if request.page_token.is_empty() {
            break;
        }
    }
    match output {
        Output::Json => json::print(&Listed { event_subscriptions: types.messages("EventSubscription", &all)? }),
        Output::Table => {
            let rows: Vec<_> = all.into_iter().map(row).collect();
            print::out(table(["subscription", "created", "events behind", "types", "webhook"], &rows))
        }
    }
}

fn row(subscription: EventSubscription) -> [String; 5] {
    let EventSubscription { name, types, create_time, behind, webhook, .. } = subscription;
    let webhook = webhook.map(|webhook| webhook.url).unwrap_or_default();
    [name, time(create_time), behind.to_string(), events::names(self::types(types)), webhook]
}

pub(super) async fn delete(arguments: DeleteArguments) -> Result<(), Failure> {
    let Session { client, output, .. } = arguments.connection.open()?;
    let name = name("accounts/-", &arguments.name);
    let request = DeleteEventSubscriptionRequest { name: name.clone() };
    let key = Uuid::now_v7().to_string();
    let ask = async |request| client.events().delete_event_subscription(request).await;
    client.call(Kind::Write(Some(&key)), &request, ask).await?;
    match output {
        Output::Table => print::out(format_args!("{name} was deleted\n")),
        Output::Json => json::print(&serde_json::json!({ "deleted": name })),
    }
}

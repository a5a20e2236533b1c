//! Parses answers of smSend in every way, for the fuzz targets.

use bytes::Bytes;
use http::Request;
use jiff::tz::TimeZone;
use serde::de::DeserializeOwned;

use super::{brand::SMSEND, cursor::Cursor, login::Login, webhook, wire};
use crate::{
    error::Error,
    request::check::Check,
    vendors::kit::{Reply, pushed::Pushed, watch},
};

const ACCOUNT: &str = "accounts/a";

/// Returns the entries of a list.
fn list<T: DeserializeOwned>(reply: &Reply) -> Vec<T> {
    let list = reply.object::<wire::List<T>>().ok().and_then(wire::List::entries);
    list.and_then(|list| reply.entries(list).ok()).unwrap_or_default().into_iter().flatten().collect()
}

/// Parses an answer in every way.
pub(in super::super) fn read(reply: &Reply) {
    let (zone, types) = (&TimeZone::UTC, &SMSEND.types);
    let name = || format!("{ACCOUNT}/x/1");
    let _ = (wire::failure_text(reply), wire::boolean(reply), wire::unquoted(reply.text()), reply.location_id());
    let _ = reply.object::<wire::account::UserStatus>().map(|status| status.into_status(types));
    let _ = reply.object::<wire::alias::Repeated>().map(|repeated| repeated.string);
    let _ =
        reply.object::<wire::alias::Found>().map(|found| found.alias.0.map(|alias| alias.into_alias(ACCOUNT, zone)));
    for alias in list::<wire::alias::Alias>(reply) {
        alias.into_alias(ACCOUNT, zone);
    }
    let _ = reply.object::<wire::contact::Contact>().map(|contact| contact.into_contact(ACCOUNT, name()));
    for group in list::<wire::group::GroupEntry>(reply) {
        group.into_group(ACCOUNT);
    }
    let received =
        reply.object::<wire::inbox::Received>().ok().and_then(|received| received.entries()).unwrap_or_default();
    for entry in received.into_iter().chain(list::<wire::inbox::Entry>(reply)) {
        entry.into_message(ACCOUNT, zone);
    }
    let _ = reply.object::<wire::message::Accepted>();
    let order = reply.object::<wire::message::OrderState>().map(|order| order.recipients.0).unwrap_or_default();
    for recipient in order.into_iter().flatten() {
        recipient.into_recipient(zone);
    }
    for entry in list::<wire::message::HistoryEntry>(reply) {
        entry.into_message(ACCOUNT, zone, types);
    }
    let credits = reply.object::<wire::purchase::Credits>().map(|credits| credits.credits.0).unwrap_or_default();
    for entry in credits.into_iter().flatten() {
        entry.into_credit(types);
    }
    for purchase in list::<wire::purchase::Purchase>(reply) {
        purchase.into_purchase(ACCOUNT, zone);
    }
    let _ = reply.value().map(|answer| wire::stop_list::List::read(answer, zone));
    let _ = reply.object::<wire::subaccount::Subaccount>().map(|subaccount| subaccount.into_subaccount(name(), types));
    for subaccount in list::<wire::subaccount::Subaccount>(reply) {
        subaccount.resource_name(ACCOUNT);
    }
}

/// Parses callers' input: a credential, and the token of a stream.
pub(in super::super) fn parse_caller_input(text: &str) {
    if let Ok(login) = Login::parse(text) {
        assert!(Login::parse(&login.credential()).is_ok(), "a credential that was read is one");
    }
    watch::resume(&mut Check::new(), text, &"stream".to_owned(), || Cursor::starting(0));
}

/// Parses a push.
pub(in super::super) fn parse_push(push: &Request<Bytes>) -> Result<Vec<Pushed>, Error> {
    webhook::parse(ACCOUNT, &TimeZone::UTC, push)
}

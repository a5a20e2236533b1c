//! Every reading of an answer of smSend's, for the fuzz targets.

use jiff::tz::TimeZone;
use serde::de::DeserializeOwned;

use super::{cursor::Cursor, login::Login, wire};
use crate::{
    check::Check,
    http::Reply,
    pb::{AccountStatus, Credit},
    vendors::watch,
};

const ACCOUNT: &str = "accounts/a";

/// The entries of a list.
fn list<T: DeserializeOwned>(reply: &Reply) -> Vec<T> {
    reply.json::<wire::List<T>>().map(|list| list.entries).unwrap_or_default()
}

/// Reads an answer in every way.
pub(in super::super) fn read(reply: &Reply) {
    let zone = &TimeZone::UTC;
    let name = || format!("{ACCOUNT}/x/1");
    let _ = (wire::failure_text(reply), wire::yes(reply), reply.text().map(wire::unquoted), reply.location_id());
    let _ = reply.json::<wire::account::UserStatus>().map(AccountStatus::from);
    let _ = reply.json::<wire::alias::Repeated>().map(|repeated| repeated.string);
    let _ = reply.json::<wire::alias::Found>().map(|found| found.alias.into_alias(ACCOUNT, zone));
    for alias in list::<wire::alias::Alias>(reply) {
        alias.into_alias(ACCOUNT, zone);
    }
    let _ = reply.json::<wire::contact::Contact>().map(|contact| contact.into_contact(ACCOUNT, name()));
    for group in list::<wire::group::GroupEntry>(reply) {
        group.into_group(ACCOUNT);
    }
    let received = reply.json::<wire::inbox::Received>().map(|received| received.srsmshistory).unwrap_or_default();
    for entry in received.into_iter().chain(list::<wire::inbox::Entry>(reply)) {
        entry.into_message(ACCOUNT, zone);
    }
    let _ = reply.json::<wire::message::Accepted>();
    let order = reply.json::<wire::message::OrderState>().map(|order| order.recipients).unwrap_or_default();
    for recipient in order {
        recipient.into_recipient(zone);
    }
    for entry in list::<wire::message::HistoryEntry>(reply) {
        entry.into_message(ACCOUNT, zone);
    }
    let credits = reply.json::<wire::purchase::Credits>().map(|credits| credits.credits).unwrap_or_default();
    for entry in credits {
        let _ = Credit::from(entry);
    }
    for purchase in list::<wire::purchase::Purchase>(reply) {
        purchase.into_purchase(ACCOUNT, zone);
    }
    let _ = reply.json().map(|answer| wire::stop_list::List::read(answer, zone));
    let _ = reply.json::<wire::subaccount::Subaccount>().map(|subaccount| subaccount.into_subaccount(name()));
    for subaccount in list::<wire::subaccount::Subaccount>(reply) {
        subaccount.resource_name(ACCOUNT);
    }
}

/// Reads what a caller may bring: a credential, and the token of a stream.
pub(in super::super) fn bring(text: &str) {
    if let Ok(login) = Login::parse(text) {
        assert!(Login::parse(&login.credential()).is_ok(), "a credential that was read is one");
    }
    watch::resume(&mut Check::new(), text, &"stream".to_owned(), || Cursor::starting(0));
}

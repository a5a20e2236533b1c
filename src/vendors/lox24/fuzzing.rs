//! Parses answers of LOX24 in every way, for the fuzz targets.

use bytes::Bytes;
use http::Request;

use super::{cursor::Cursor, is_token, webhook, wire};
use crate::{
    api::pb::AccountStatus,
    error::Error,
    request::check::Check,
    vendors::kit::{Reply, pushed::Pushed, watch},
};

const ACCOUNT: &str = "accounts/a";

/// Parses an answer in every way.
pub(in super::super) fn read(reply: &Reply) {
    let _ = (wire::failure_text(reply), wire::message::cancelled(reply));
    let _ = reply.object::<wire::account::Me>().map(AccountStatus::from);
    let _ = reply.object::<wire::group::StoredGroup>().map(|group| group.into_group(ACCOUNT));
    let _ = reply.object::<wire::StoredPhone>().map(|phone| phone.into_contact(ACCOUNT, None));
    let _ = reply.object::<wire::message::StoredSms>().map(|sms| (sms.has_left(), sms.into_message(ACCOUNT, 0)));
    let _ = wire::list::read::<wire::group::StoredGroup>(reply)
        .map(|list| list.entries.into_iter().flatten().for_each(|group| drop(group.into_group(ACCOUNT))));
    let _ = wire::list::read::<wire::StoredPhone>(reply)
        .map(|list| list.entries.into_iter().flatten().for_each(|phone| drop(phone.into_contact(ACCOUNT, None))));
    let _ = wire::list::read::<wire::message::StoredSms>(reply)
        .map(|list| list.entries.into_iter().flatten().for_each(|sms| drop(sms.into_message(ACCOUNT, 0))));
    let _ = wire::list::read::<wire::incoming::Incoming>(reply)
        .map(|list| list.entries.into_iter().flatten().for_each(|incoming| drop(incoming.into_message(ACCOUNT))));
}

/// Parses callers' input: a credential, and the token of a stream.
pub(in super::super) fn parse_caller_input(text: &str) {
    is_token(&text.into());
    watch::resume(&mut Check::new(), text, &"stream".to_owned(), || Cursor::starting(0));
}

/// Parses a push.
pub(in super::super) fn parse_push(push: &Request<Bytes>) -> Result<Vec<Pushed>, Error> {
    webhook::parse(ACCOUNT, push)
}

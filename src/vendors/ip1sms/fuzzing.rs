//! Parses answers of IP1SMS in every way, for the fuzz targets.

use bytes::Bytes;

use super::{sign, webhook, wire};
use crate::{
    api::pb::PhoneService,
    error::Error,
    vendors::kit::{Reply, Request, pushed::Pushed},
};

const ACCOUNT: &str = "accounts/a";

/// Parses an answer in every way.
pub(in super::super) fn read(reply: &Reply) {
    let _ = reply.words(wire::WORDS);
    let _ = reply.object::<wire::Phone>().map(PhoneService::from);
    let _ = reply.object::<wire::Changed>();
    let _ = reply.object::<wire::contact::Contact>().map(|contact| contact.read(ACCOUNT));
    let _ = reply.object::<wire::group::Group>().map(|group| group.read(ACCOUNT));
    let _ = reply.object::<wire::group::Membership>().map(|membership| (membership.is_of(1, 2), membership.id()));
    let _ = reply.object::<wire::message::Item>().map(|item| item.into_message(ACCOUNT));
    let _ = reply.object::<wire::stop_list::Entry>().map(|entry| entry.read(ACCOUNT));
    for contact in reply.list(Some::<wire::contact::Contact>).unwrap_or_default().into_iter().flatten() {
        contact.read(ACCOUNT);
    }
    for group in reply.list(Some::<wire::group::Group>).unwrap_or_default().into_iter().flatten() {
        group.read(ACCOUNT);
    }
    for membership in reply.list(Some::<wire::group::Membership>).unwrap_or_default().into_iter().flatten() {
        let _ = (membership.is_of(1, 2), membership.id());
    }
    for entry in reply.list(Some::<wire::stop_list::Entry>).unwrap_or_default().into_iter().flatten() {
        entry.read(ACCOUNT);
    }
    if let Ok(items) = reply.list(Some::<wire::message::Item>) {
        let asked = ["+46700000001".to_owned(), "+46700000002".to_owned()];
        let told: Vec<_> =
            wire::message::matched(ACCOUNT, &asked, items).into_iter().flat_map(|m| m.recipients).collect();
        for number in &asked {
            assert!(told.iter().any(|recipient| recipient.to == *number), "every recipient has an outcome");
        }
    }
}

/// Parses callers' input: a credential.
pub(in super::super) fn parse_caller_input(text: &str) {
    sign(Request::new("GET /"), &text.into());
}

/// Parses a push.
pub(in super::super) fn parse_push(push: &http::Request<Bytes>) -> Result<Vec<Pushed>, Error> {
    webhook::parse(ACCOUNT, push)
}

//! Every reading of an answer of IP1SMS, for the fuzz targets.

use super::{sign, wire};
use crate::{
    http::{Call, Reply},
    pb::PhoneService,
};

const ACCOUNT: &str = "accounts/a";

/// Reads an answer in every way.
pub(in super::super) fn read(reply: &Reply) {
    let _ = reply.words(wire::WORDS);
    let _ = reply.json::<wire::Phone>().map(PhoneService::from);
    let _ = reply.json::<wire::contact::Contact>().map(|contact| contact.read(ACCOUNT));
    let _ = reply.json::<wire::group::Group>().map(|group| group.read(ACCOUNT));
    let _ = reply.json::<wire::group::Membership>().map(|membership| (membership.is_of(1, 2), membership.id()));
    let _ = reply.json::<wire::message::Item>().map(|item| item.into_message(ACCOUNT));
    let _ = reply.json::<wire::stop_list::Entry>().map(|entry| entry.read(ACCOUNT));
    for contact in reply.json::<Vec<wire::contact::Contact>>().unwrap_or_default() {
        contact.read(ACCOUNT);
    }
    for group in reply.json::<Vec<wire::group::Group>>().unwrap_or_default() {
        group.read(ACCOUNT);
    }
    for membership in reply.json::<Vec<wire::group::Membership>>().unwrap_or_default() {
        let _ = (membership.is_of(1, 2), membership.id());
    }
    for entry in reply.json::<Vec<wire::stop_list::Entry>>().unwrap_or_default() {
        entry.read(ACCOUNT);
    }
    if let Ok(items) = reply.json::<Vec<wire::message::Item>>() {
        let asked = ["+46700000001".to_owned(), "+46700000002".to_owned()];
        let told: Vec<_> =
            wire::message::matched(ACCOUNT, &asked, items).into_iter().flat_map(|m| m.recipients).collect();
        for number in &asked {
            assert!(told.iter().any(|recipient| recipient.to == *number), "every recipient's fate is told");
        }
    }
}

/// Reads what a caller may bring: a credential.
pub(in super::super) fn bring(text: &str) {
    sign(Call::new("GET /"), &text.into());
}

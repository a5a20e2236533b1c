//! Parses answers of SMSPartner in every way, for the fuzz targets.

use bytes::Bytes;
use http::Request;
use jiff::tz::TimeZone;

use super::{
    webhook,
    wire::{self, Verdict},
};
use crate::{
    api::pb::AccountStatus,
    error::Error,
    vendors::kit::{Reply, pushed::Pushed},
};

const ACCOUNT: &str = "accounts/a";

/// Parses an answer in every way.
pub(in super::super) fn read(reply: &Reply) {
    let zone = &TimeZone::UTC;
    let _ = Verdict::read(reply);
    let _ = (wire::group::verdict_of_addition(reply), wire::group::verdict_of_list(reply));
    let _ = reply.object::<wire::account::Me>().map(AccountStatus::from);
    let _ = reply
        .object::<wire::contact::Answer>()
        .map(|answer| answer.into_contact().into_contact(ACCOUNT, format!("{ACCOUNT}/contacts/1")));
    let _ = reply.object::<wire::group::Added>();
    let _ = reply
        .object::<wire::group::List>()
        .map(|list| list.groups.0.into_iter().flatten().for_each(|group| drop(group.into_group(ACCOUNT))));
    let _ = reply.object::<wire::message::Sent>().map(|sent| (sent.schedule_time(zone), sent.price()));
    let _ = reply
        .object::<wire::message::Statuses>()
        .map(|statuses| statuses.list.0.into_iter().flatten().for_each(|status| drop(status.into_recipient(zone))));
    let _ = reply.object::<wire::stop_list::Added>();
    let _ = reply
        .object::<wire::stop_list::List>()
        .map(|list| list.data.0.into_iter().flatten().for_each(|entry| drop(entry.into_entry(ACCOUNT, zone))));
}

/// Parses a push.
pub(in super::super) fn parse_push(push: &Request<Bytes>) -> Result<Vec<Pushed>, Error> {
    webhook::parse(ACCOUNT, &TimeZone::UTC, push)
}

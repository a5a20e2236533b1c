//! Every reading of an answer of SMSPartner's, for the fuzz targets.

use jiff::tz::TimeZone;

use super::wire::{self, Verdict};
use crate::{http::Reply, pb::AccountStatus};

const ACCOUNT: &str = "accounts/a";

/// Reads an answer in every way.
pub(in super::super) fn read(reply: &Reply) {
    let zone = &TimeZone::UTC;
    let _ = Verdict::read(reply.body());
    let _ = (wire::group::verdict_of_addition(reply.body()), wire::group::verdict_of_list(reply.body()));
    let _ = reply.json::<wire::account::Me>().map(AccountStatus::from);
    let _ = reply
        .json::<wire::contact::Answer>()
        .map(|answer| answer.contact.into_contact(ACCOUNT, format!("{ACCOUNT}/contacts/1")));
    let _ = reply.json::<wire::group::Added>();
    let _ = reply
        .json::<wire::group::List>()
        .map(|list| list.groups.into_iter().for_each(|group| drop(group.into_group(ACCOUNT))));
    let _ = reply.json::<wire::message::Sent>().map(|sent| (sent.schedule_time(zone), sent.price()));
    let _ = reply
        .json::<wire::message::Statuses>()
        .map(|statuses| statuses.list.into_iter().for_each(|status| drop(status.into_recipient(zone))));
    let _ = reply.json::<wire::stop_list::Added>();
    let _ = reply
        .json::<wire::stop_list::List>()
        .map(|list| list.data.into_iter().for_each(|entry| drop(entry.into_entry(ACCOUNT, zone))));
}

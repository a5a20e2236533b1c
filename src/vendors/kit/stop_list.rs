//! Checks that all vendors' stop lists have in common.

use crate::{
    api::pb::StopListEntry,
    request::check::{Check, SET_BY_VENDOR},
};

/// Returns the number of a new entry, the field `entry` of a request. Rejects output-only fields that are set.
pub(in crate::vendors) fn new_number(check: &mut Check, entry: Option<StopListEntry>) -> String {
    let Some(StopListEntry { name: _, phone_number, create_time, vendor_origin }) = entry else {
        check.fault("entry", "is required");
        return String::new();
    };
    check.phone_number(&phone_number, || "entry.phone_number".to_owned());
    check.absent(
        [(create_time.is_some(), "entry.create_time"), (!vendor_origin.is_empty(), "entry.vendor_origin")],
        SET_BY_VENDOR,
    );
    phone_number
}

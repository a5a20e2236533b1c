//! Checks that all vendors' contacts and groups have in common: output-only fields.

use crate::{
    api::pb::{Contact, Group},
    request::check::{Check, SET_BY_VENDOR},
};

/// Rejects output-only fields that are set in a contact, the field `contact` of a request.
pub(in crate::vendors) fn check_contact(check: &mut Check, contact: &Contact) {
    check.absent(
        [
            (contact.subscribe_time.is_some(), "contact.subscribe_time"),
            (contact.unsubscribe_time.is_some(), "contact.unsubscribe_time"),
            (contact.unsubscribe_reason != 0, "contact.unsubscribe_reason"),
            (contact.vendor_unsubscribe_reason.is_some(), "contact.vendor_unsubscribe_reason"),
            (contact.vendor_gender.is_some(), "contact.vendor_gender"),
            (contact.create_time.is_some(), "contact.create_time"),
            (contact.update_time.is_some(), "contact.update_time"),
        ],
        SET_BY_VENDOR,
    );
}

/// Rejects output-only fields that are set in a group, the field `group` of a request.
pub(in crate::vendors) fn check_group(check: &mut Check, group: &Group) {
    check.absent(
        [
            (group.contact_count.is_some(), "group.contact_count"),
            (group.create_time.is_some(), "group.create_time"),
            (group.update_time.is_some(), "group.update_time"),
        ],
        SET_BY_VENDOR,
    );
}

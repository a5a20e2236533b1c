//! Groups of IP1SMS and their members. Pure: the samples are from the vendor's reference and its official client, as
//! the document of this API does not cover groups.

use serde::{Deserialize, Serialize};

use super::time;
use crate::{
    api::pb::{self, Ip1SmsGroup, group::VendorOptions},
    request::names,
    vendors::kit::lenient::{Id, Lenient},
};

/// The body of `POST /api/groups` and `PUT /api/groups/{id}`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct NewGroup<'a> {
    pub(crate) name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) color: Option<&'a str>,
}

/// A group.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct Group {
    #[serde(rename = "ID")]
    id: Id,
    name: Lenient<String>,
    color: Lenient<String>,
    contacts_count: Lenient<i32>,
    created: Lenient<String>,
    modified: Lenient<String>,
}

impl Group {
    /// Converts to a group; `None` without an id, as the group could not be looked up.
    pub(crate) fn read(self, account: &str) -> Option<pb::Group> {
        let id = self.id.0?;
        let color = self.color.0.filter(|color| !color.is_empty());
        Some(pb::Group {
            name: names::child(account, "groups", &id),
            display_name: self.name.0.unwrap_or_default(),
            description: String::new(),
            contact_count: self.contacts_count.0,
            create_time: self.created.0.as_deref().and_then(time),
            update_time: self.modified.0.as_deref().and_then(time),
            vendor_options: color.map(|color| VendorOptions::Ip1sms(Ip1SmsGroup { color: Some(color) })),
        })
    }
}

/// The body of `POST /api/memberships`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct NewMembership {
    pub(crate) group: u64,
    pub(crate) contact: u64,
}

/// The membership of a contact in a group.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct Membership {
    #[serde(rename = "ID")]
    id: Lenient<i64>,
    group: Lenient<i64>,
    contact: Lenient<i64>,
}

impl Membership {
    /// Returns whether the membership is in the group, and of the requested contact if the answer names one.
    pub(crate) fn is_of(&self, group: u64, contact: u64) -> bool {
        let is = |id: i64, of: u64| u64::try_from(id) == Ok(of);
        self.group.0.is_some_and(|id| is(id, group)) && self.contact.0.is_none_or(|id| is(id, contact))
    }

    /// Returns the id, which must be a number: it goes into the address of a deletion.
    pub(crate) fn id(&self) -> Option<u64> {
        u64::try_from(self.id.0?).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Option<pb::Group> {
        serde_json::from_str::<Group>(json).expect(json).read("accounts/se")
    }

    #[test]
    fn a_group_has_an_id_and_perhaps_a_colour() {
        let then = Some(prost_types::Timestamp { seconds: 1_482_487_810, nanos: 0 });
        let whole = pb::Group {
            name: "accounts/se/groups/7".to_owned(),
            display_name: "Pirates".to_owned(),
            description: String::new(),
            contact_count: Some(0),
            create_time: then,
            update_time: then,
            vendor_options: Some(VendorOptions::Ip1sms(Ip1SmsGroup { color: Some("#5E5E5E".to_owned()) })),
        };
        let json = r##"{"OwnerID": "ip1-12345", "ContactsCount": 0, "Created": "2016-12-23T10:10:10",
            "Modified": "2016-12-23T10:10:10Z", "ID": 7, "Name": "Pirates", "Color": "#5E5E5E"}"##;
        assert_eq!(read(json), Some(whole));
        let bare = pb::Group { name: "accounts/se/groups/7".to_owned(), ..pb::Group::default() };
        for json in [r#"{"ID": "7"}"#, r#"{"ID": 7, "Name": null, "Color": "", "ContactsCount": null}"#] {
            assert_eq!(read(json), Some(bare.clone()), "{json}");
        }
        assert_eq!((read("{}"), read(r#"{"ID": ""}"#)), (None, None));
    }

    #[test]
    fn a_membership_is_found_by_its_group_and_has_a_number_or_none() {
        let read = |json: &str| serde_json::from_str::<Membership>(json).expect(json);
        for json in [r#"{"ID": 31, "Group": 7, "Contact": 5}"#, r#"{"ID": "31", "Group": "7"}"#] {
            let membership = read(json);
            assert!(membership.is_of(7, 5) && !membership.is_of(8, 5), "{json}");
            assert_eq!(membership.id(), Some(31), "{json}");
        }
        assert!(!read(r#"{"ID": 31, "Group": 7, "Contact": 6}"#).is_of(7, 5));
        for json in ["{}", r#"{"ID": ""}"#, r#"{"ID": null}"#, r#"{"ID": "x"}"#, r#"{"ID": -1, "Group": -1}"#] {
            assert_eq!((read(json).id(), read(json).is_of(0, 5)), (None, false), "{json}");
        }
    }
}

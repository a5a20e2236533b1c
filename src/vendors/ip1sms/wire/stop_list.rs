//! The stop list of IP1SMS. Pure: the samples are from the vendor's reference and its official clients, as the document
//! of this API does not cover stop lists.

use serde::{Deserialize, Serialize};

use super::time;
use crate::{
    api::pb::StopListEntry,
    request::{check::to_e164, names},
    vendors::kit::lenient::{Id, Lenient},
};

/// The body of `POST /api/blacklist`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct NewEntry<'a> {
    pub(crate) phone: &'a str,
}

/// An entry.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct Entry {
    #[serde(rename = "ID")]
    id: Id,
    phone: Lenient<String>,
    created: Lenient<String>,
}

impl Entry {
    /// Converts to an entry; `None` without an id, as the entry could not be deleted.
    pub(crate) fn read(self, account: &str) -> Option<StopListEntry> {
        let id = self.id.0?;
        let phone = self.phone.0.unwrap_or_default();
        Some(StopListEntry {
            name: names::child(account, "stopListEntries", &id),
            phone_number: to_e164(phone),
            create_time: self.created.0.as_deref().and_then(time),
            vendor_origin: String::new(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_has_an_id_and_a_number_in_either_form() {
        let read = |json: &str| serde_json::from_str::<Entry>(json).expect(json).read("accounts/se");
        let expected = StopListEntry {
            name: "accounts/se/stopListEntries/7".to_owned(),
            phone_number: "+46700000001".to_owned(),
            ..StopListEntry::default()
        };
        for json in [r#"{"ID": 7, "Phone": "46700000001"}"#, r#"{"ID": "7", "Phone": "+46700000001", "Created": ""}"#] {
            assert_eq!(read(json), Some(expected.clone()), "{json}");
        }
        assert_eq!(read(r#"{"ID": 7, "Phone": "0700"}"#).expect("an entry").phone_number, "0700");
        assert_eq!((read("{}"), read("[]")), (None, None));
    }
}

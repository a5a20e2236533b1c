//! Contacts of IP1SMS. Pure: the samples are from the vendor's official client, as the document of this API does not
//! cover contacts.

use serde::{Deserialize, Serialize};

use super::time;
use crate::{
    api::pb,
    request::{check::to_e164, names},
    vendors::kit::lenient::{Id, Lenient},
};

/// The body of `POST /api/contacts` and `PUT /api/contacts/{id}`. The vendor's client omits empty members.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct NewContact<'a> {
    pub(crate) first_name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) last_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) title: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) organization: Option<&'a str>,
    pub(crate) phone: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) email: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) notes: Option<&'a str>,
}

/// A contact. In a list it has no title, notes and times.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct Contact {
    #[serde(rename = "ID")]
    id: Id,
    first_name: Lenient<String>,
    last_name: Lenient<String>,
    title: Lenient<String>,
    organization: Lenient<String>,
    phone: Lenient<String>,
    email: Lenient<String>,
    notes: Lenient<String>,
    created: Lenient<String>,
    modified: Lenient<String>,
}

impl Contact {
    /// Converts to a contact; `None` without an id, as the contact could not be looked up.
    pub(crate) fn read(self, account: &str) -> Option<pb::Contact> {
        let given = |text: Lenient<String>| text.0.filter(|text| !text.is_empty());
        let id = self.id.0?;
        Some(pb::Contact {
            name: names::child(account, "contacts", &id),
            phone_number: given(self.phone).map(to_e164),
            email: given(self.email),
            given_name: given(self.first_name),
            family_name: given(self.last_name),
            organization: given(self.organization),
            title: given(self.title),
            notes: given(self.notes),
            create_time: self.created.0.as_deref().and_then(time),
            update_time: self.modified.0.as_deref().and_then(time),
            ..pb::Contact::default()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Option<pb::Contact> {
        serde_json::from_str::<Contact>(json).expect(json).read("accounts/se")
    }

    #[test]
    fn the_client_s_own_sample_comes_through_whole_and_in_the_short_form_of_a_list() {
        let then = Some(prost_types::Timestamp { seconds: 1_488_451_193, nanos: 497_000_000 });
        let text = |text: &str| Some(text.to_owned());
        let short = pb::Contact {
            name: "accounts/se/contacts/1735500".to_owned(),
            phone_number: text("+12025550134"),
            email: text("jack@example.com"),
            given_name: text("Jack"),
            family_name: text("Sparrow"),
            organization: text("Black Pearl Co."),
            ..pb::Contact::default()
        };
        let whole = pb::Contact {
            title: text("Captain"),
            notes: text("Why is the rum gone?"),
            create_time: then,
            update_time: then,
            ..short.clone()
        };
        let base = r#""ID":1735500,"OwnerID":"ip1-xxxxx","FirstName":"Jack","LastName":"Sparrow",
            "Organization":"Black Pearl Co.","Phone":"12025550134","Email":"jack@example.com""#;
        let more = r#""Title":"Captain","Notes":"Why is the rum gone?","Created":"2017-03-02T10:39:53.497",
            "Modified":"2017-03-02T10:39:53.497""#;
        assert_eq!(read(&format!("{{{base}}}")), Some(short));
        assert_eq!(read(&format!("{{{more},{base}}}")), Some(whole));
    }

    #[test]
    fn empty_members_are_absent_and_a_contact_without_an_id_is_rejected() {
        let expected = pb::Contact { name: "accounts/se/contacts/7".to_owned(), ..pb::Contact::default() };
        for json in [r#"{"ID": "7"}"#, r#"{"ID": 7, "Phone": "", "Email": null, "Created": "", "Modified": null}"#] {
            assert_eq!(read(json), Some(expected.clone()), "{json}");
        }
        assert_eq!(read(r#"{"ID": 7, "Phone": "0700"}"#).expect("a contact").phone_number.as_deref(), Some("0700"));
        assert_eq!((read("{}"), read(r#"{"ID": ""}"#), read("[]")), (None, None, None));
    }
}

//! Contacts.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::day;
use crate::{
    api::pb::{self, Gender},
    request::{check::to_e164, names},
    vendors::kit::lenient::{Lenient, List},
};

/// A contact to be created: `POST /contact`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct NewContact<'a> {
    pub(crate) email: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) phone_number: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) surname: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) gender: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) fax: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) zip: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) address: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) city: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) province: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) birthdate: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) group_ids: Vec<String>,
}

/// Returns a birth date in smSend's form. Of the six forms that the document lists, this is the one with a whole date
/// and no time; the form of its answers is not among them.
pub(crate) fn birth_date(date: Date) -> String {
    date.strftime("%Y%m%d").to_string()
}

/// Returns smSend's value for a gender.
pub(crate) fn gender_word(gender: Gender) -> Option<&'static str> {
    match gender {
        Gender::Unspecified => None,
        Gender::Female => Some("f"),
        Gender::Male => Some("m"),
    }
}

/// The answer to `GET /contact/{contactid}`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Contact {
    email: Lenient<String>,
    phone_number: Lenient<String>,
    name: Lenient<String>,
    surname: Lenient<String>,
    gender: Lenient<String>,
    fax: Lenient<String>,
    zip: Lenient<String>,
    address: Lenient<String>,
    city: Lenient<String>,
    province: Lenient<String>,
    birthdate: Lenient<String>,
    group_ids: List<Lenient<String>>,
}

impl Contact {
    pub(crate) fn into_contact(self, account: &str, name: String) -> pb::Contact {
        let (gender, vendor_gender) = match self.gender.0.as_deref() {
            Some("f") => (Gender::Female, None),
            Some("m") => (Gender::Male, None),
            None | Some("") => (Gender::Unspecified, None),
            Some(_) => (Gender::Unspecified, self.gender.0),
        };
        let groups = self.group_ids.0.into_iter().flatten().filter_map(|id| id.0);
        pb::Contact {
            name,
            phone_number: self.phone_number.0.map(to_e164),
            email: self.email.0,
            given_name: self.name.0,
            family_name: self.surname.0,
            gender: gender.into(),
            vendor_gender,
            fax: self.fax.0,
            address: self.address.0,
            city: self.city.0,
            province: self.province.0,
            postal_code: self.zip.0,
            birth_date: self.birthdate.0.and_then(day),
            groups: groups.map(|id| names::child(account, "groups", &id)).collect(),
            ..pb::Contact::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> pb::Contact {
        let contact: Contact = serde_json::from_str(json).expect(json);
        contact.into_contact("accounts/acme", "accounts/acme/contacts/AV".to_owned())
    }

    #[test]
    fn the_document_s_contact_comes_through_and_null_is_absent() {
        let sample = read(
            r#"{"email":"alessandro.magno@macedonia.com", "phoneNumber":"+39349123456789", "name": "Alessandro",
                "surname": "Magno", "groupIds":[ ], "gender":"m", "fax":null, "address":null, "city":null,
                "province":null, "birthdate":"2017-05-11", "zip":null}"#,
        );
        let expected = pb::Contact {
            name: "accounts/acme/contacts/AV".to_owned(),
            email: Some("alessandro.magno@macedonia.com".to_owned()),
            phone_number: Some("+39349123456789".to_owned()),
            given_name: Some("Alessandro".to_owned()),
            family_name: Some("Magno".to_owned()),
            gender: Gender::Male.into(),
            birth_date: Some("2017-05-11".to_owned()),
            ..pb::Contact::default()
        };
        assert_eq!(sample, expected);
    }

    #[test]
    fn other_spellings_are_read_too() {
        let contact = read(r#"{"groupIds": ["a/b", 7, null], "gender": "F", "birthdate": "19560720", "zip": 38122}"#);
        assert_eq!(contact.groups, ["accounts/acme/groups/a%2Fb", "accounts/acme/groups/7"]);
        assert_eq!((contact.gender(), contact.birth_date.as_deref()), (Gender::Unspecified, Some("1956-07-20")));
        assert_eq!(contact.postal_code.as_deref(), Some("38122"));
        assert_eq!(read(r#"{"groupIds": null, "gender": "f"}"#).gender(), Gender::Female);
    }

    #[test]
    fn a_birth_date_is_written_without_hyphens() {
        assert_eq!(birth_date(jiff::civil::date(1956, 7, 2)), "19560702");
        assert_eq!(birth_date(jiff::civil::date(987, 1, 2)), "09870102");
    }
}

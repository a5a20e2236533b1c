//! Registered senders.

use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::time;
use crate::{
    api::pb::{self, AliasState},
    request::names,
    vendors::kit::lenient::{Lenient, Object},
};

/// A sender to be registered: `POST /alias`.
#[derive(Debug, Serialize)]
pub(crate) struct NewAlias<'a> {
    pub(crate) alias: AliasBody<'a>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct AliasBody<'a> {
    pub(crate) alias: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) company_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) contact_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) contact_surname: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) cod_fiscale: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) vat_number: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) contact_address: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) contact_city: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) contact_pcode: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) contact_type: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) contact_info: Option<&'a str>,
}

/// The answer to `POST /alias?getAlias=true`: the sender as smSend registered it.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Repeated {
    pub(crate) string: Lenient<String>,
}

/// The answer to `GET /alias/{alias_id}`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Found {
    pub(crate) alias: Object<Alias>,
}

/// A registered sender: of that answer, and an entry of `GET /alias`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub(crate) struct Alias {
    id_alias: Lenient<String>,
    alias: Lenient<String>,
    alias_state: Lenient<i32>,
    is_numeric: Lenient<bool>,
    notification_time: Lenient<String>,
    company_name: Lenient<String>,
    contact_name: Lenient<String>,
    contact_surname: Lenient<String>,
    cod_fiscale: Lenient<String>,
    vat_number: Lenient<String>,
    contact_address: Lenient<String>,
    contact_city: Lenient<String>,
    contact_pcode: Lenient<String>,
    contact_type: Lenient<String>,
    contact_info: Lenient<String>,
}

impl Alias {
    pub(crate) fn into_alias(self, account: &str, zone: &TimeZone) -> pb::Alias {
        pb::Alias {
            name: self.id_alias.0.map(|id| names::child(account, "aliases", &id)).unwrap_or_default(),
            sender: self.alias.0.unwrap_or_default(),
            state: self.alias_state.0.map_or(AliasState::Unspecified, state).into(),
            vendor_state: self.alias_state.0,
            numeric: self.is_numeric.0,
            notification_time: self.notification_time.0.and_then(|text| time(&text, zone)),
            company_name: self.company_name.0,
            contact_given_name: self.contact_name.0,
            contact_family_name: self.contact_surname.0,
            tax_code: self.cod_fiscale.0,
            vat_number: self.vat_number.0,
            address: self.contact_address.0,
            city: self.contact_city.0,
            postal_code: self.contact_pcode.0,
            contact_type: self.contact_type.0,
            contact_info: self.contact_info.0,
        }
    }
}

fn state(number: i32) -> AliasState {
    match number {
        0 => AliasState::Unconfirmed,
        1 => AliasState::ConfirmedByVendor,
        2 => AliasState::ConfirmedByRegulator,
        3 => AliasState::BlockedByVendor,
        4 => AliasState::BlockedByRegulator,
        9 => AliasState::Preconfirmed,
        _ => AliasState::Unspecified,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> pb::Alias {
        serde_json::from_str::<Alias>(json).expect(json).into_alias("accounts/acme", &TimeZone::UTC)
    }

    #[test]
    fn the_document_s_alias_comes_through_and_null_is_absent_but_empty_is_not() {
        let found: Found = serde_json::from_str(
            r#"{"result":"OK", "alias":{"id-alias":35, "alias":"+393458922223", "notification-time":"20140704141759",
                "alias-state":3, "is-numeric":true, "company-name":"aCompany", "contact-name":null,
                "contact-surname":null, "cod-fiscale":"", "vat-number":"", "contact-address":null,
                "contact-city":null, "contact-pcode":null, "contact-type":"123456789", "contact-info":""}}"#,
        )
        .expect("an alias");
        let expected = pb::Alias {
            name: "accounts/acme/aliases/35".to_owned(),
            sender: "+393458922223".to_owned(),
            state: AliasState::BlockedByVendor.into(),
            vendor_state: Some(3),
            numeric: Some(true),
            notification_time: Some(prost_types::Timestamp { seconds: 1_404_483_479, nanos: 0 }),
            company_name: Some("aCompany".to_owned()),
            tax_code: Some(String::new()),
            vat_number: Some(String::new()),
            contact_type: Some("123456789".to_owned()),
            contact_info: Some(String::new()),
            ..pb::Alias::default()
        };
        assert_eq!(found.alias.0.expect("an alias").into_alias("accounts/acme", &TimeZone::UTC), expected);
    }

    #[test]
    fn every_state_has_its_number_and_an_unknown_one_stays_readable() {
        for (number, state) in [
            (0, AliasState::Unconfirmed),
            (1, AliasState::ConfirmedByVendor),
            (2, AliasState::ConfirmedByRegulator),
            (3, AliasState::BlockedByVendor),
            (4, AliasState::BlockedByRegulator),
            (5, AliasState::Unspecified),
            (9, AliasState::Preconfirmed),
        ] {
            let alias = read(&format!(r#"{{"id-alias": 1, "alias-state": {number}}}"#));
            assert_eq!((alias.state(), alias.vendor_state), (state, Some(number)));
        }
        assert_eq!((read("{}").state(), read("{}").vendor_state), (AliasState::Unspecified, None));
    }
}

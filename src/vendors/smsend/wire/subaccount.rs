//! Subaccounts. Most keys have hyphens; those without are renamed individually.

use serde::{Deserialize, Serialize};

use super::{CreditEntry, day};
use crate::{
    api::pb::{self, CreditSource},
    request::names,
    vendors::{
        kit::lenient::{Lenient, List},
        smsend::brand::Types,
    },
};

/// The settable fields of a subaccount: `POST /subaccount`, `PUT /subaccount/{subaccount_id}`. No `Debug`, as it holds
/// a password.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct SubaccountBody<'a> {
    pub(crate) address: &'a str,
    pub(crate) cell: &'a str,
    pub(crate) city: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) fiscal_code: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) company: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) company_name: Option<&'a str>,
    pub(crate) credit_eat_mode: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) dfeu: Option<bool>,
    pub(crate) email: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) fax: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) invoicing_email: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) language: Option<&'a str>,
    pub(crate) login: &'a str,
    pub(crate) name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) num_cell_for_test_sms: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) password: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) phone: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) piva: Option<&'a str>,
    pub(crate) province: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) superaccount: Option<bool>,
    pub(crate) surname: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) use24: Option<bool>,
    pub(crate) zip_code: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) id_subaccount_profile: Option<i64>,
}

/// A new password: `POST /subaccount/{subaccount_id}/changepwd`.
#[derive(Serialize)]
pub(crate) struct NewPassword<'a> {
    pub(crate) passwd: &'a str,
}

/// Returns smSend's number for a credit source.
pub(crate) fn credit_eat_mode(source: CreditSource) -> Option<u8> {
    match source {
        CreditSource::Unspecified => None,
        CreditSource::Own => Some(0),
        CreditSource::Superaccount => Some(1),
        CreditSource::Both => Some(2),
    }
}

fn credit_source(number: i32) -> CreditSource {
    match number {
        0 => CreditSource::Own,
        1 => CreditSource::Superaccount,
        2 => CreditSource::Both,
        _ => CreditSource::Unspecified,
    }
}

/// The answer to `GET /subaccount/{subaccount_id}`, and an entry of `GET /subaccounts`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub(crate) struct Subaccount {
    activation_time: Lenient<String>,
    active: Lenient<bool>,
    address: Lenient<String>,
    allowtpoavalidation: Lenient<bool>,
    cell: Lenient<String>,
    city: Lenient<String>,
    fiscal_code: Lenient<String>,
    pa_code: Lenient<String>,
    company: Lenient<bool>,
    company_name: Lenient<String>,
    create_time: Lenient<String>,
    credit_eat_mode: Lenient<i32>,
    credits_sum: Lenient<String>,
    default_message_type: Lenient<String>,
    default_nation: Lenient<String>,
    dfeu: Lenient<bool>,
    email: Lenient<String>,
    fax: Lenient<String>,
    foreign: Lenient<bool>,
    id_user: Lenient<i64>,
    invoicing_email: Lenient<String>,
    language: Lenient<String>,
    legal_agreement_time: Lenient<String>,
    #[serde(rename = "legalAgreementVersion")]
    legal_agreement_version: Lenient<i32>,
    login: Lenient<String>,
    max_subaccounts: Lenient<i32>,
    name: Lenient<String>,
    num_cell_for_test_sms: Lenient<String>,
    partner: Lenient<bool>,
    partner_code: Lenient<String>,
    phone: Lenient<String>,
    piva: Lenient<String>,
    preferred_tpoa: Lenient<String>,
    private: Lenient<bool>,
    province: Lenient<String>,
    referral: Lenient<bool>,
    #[serde(rename = "shop_cart_check")]
    shop_cart_check: Lenient<bool>,
    split_payment: Lenient<bool>,
    subaccount: Lenient<bool>,
    subaccount_types: Lenient<i32>,
    super_account_name: Lenient<String>,
    superaccount: Lenient<bool>,
    surname: Lenient<String>,
    use24: Lenient<bool>,
    user_nation: Lenient<String>,
    zip_code: Lenient<String>,
    credits: List<CreditEntry>,
}

impl Subaccount {
    /// Returns the name of a list entry, whose only other id is the user's; without it the login is used.
    pub(crate) fn resource_name(&self, account: &str) -> String {
        let id = self.id_user.0.map(|id| id.to_string()).or_else(|| self.login.0.clone());
        id.map(|id| names::child(account, "subaccounts", &id)).unwrap_or_default()
    }

    pub(crate) fn into_subaccount(self, name: String, types: &Types) -> pb::Subaccount {
        pb::Subaccount {
            name,
            login: self.login.0,
            password: None,
            given_name: self.name.0,
            family_name: self.surname.0,
            email: self.email.0,
            invoicing_email: self.invoicing_email.0,
            address: self.address.0,
            city: self.city.0,
            province: self.province.0,
            postal_code: self.zip_code.0,
            mobile_number: self.cell.0,
            phone_number: self.phone.0,
            fax: self.fax.0,
            company: self.company.0,
            company_name: self.company_name.0,
            vat_number: self.piva.0,
            tax_code: self.fiscal_code.0,
            credit_source: self.credit_eat_mode.0.map_or(CreditSource::Unspecified, credit_source).into(),
            vendor_credit_source: self.credit_eat_mode.0,
            european_dates: self.dfeu.0,
            use_24_hours: self.use24.0,
            language_code: self.language.0,
            test_number: self.num_cell_for_test_sms.0,
            superaccount: self.superaccount.0,
            profile_id: None,
            user_id: self.id_user.0,
            active: self.active.0,
            activation_date: self.activation_time.0.and_then(day),
            create_date: self.create_time.0.and_then(day),
            legal_agreement_date: self.legal_agreement_time.0.and_then(day),
            legal_agreement_version: self.legal_agreement_version.0,
            alias_validation_allowed: self.allowtpoavalidation.0,
            public_administration_code: self.pa_code.0,
            credits_sum_text: self.credits_sum.0,
            credits: self.credits.0.into_iter().flatten().map(|entry| entry.into_credit(types)).collect(),
            default_message_type: self.default_message_type.0,
            default_nation: self.default_nation.0,
            foreign: self.foreign.0,
            max_subaccounts: self.max_subaccounts.0,
            partner: self.partner.0,
            partner_code: self.partner_code.0,
            preferred_sender: self.preferred_tpoa.0,
            private: self.private.0,
            referral: self.referral.0,
            shop_cart_check: self.shop_cart_check.0,
            split_payment: self.split_payment.0,
            subaccount: self.subaccount.0,
            subaccount_types: self.subaccount_types.0,
            superaccount_name: self.super_account_name.0,
            user_nation: self.user_nation.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{api::pb::Quality, vendors::smsend::brand::SMSEND};
    use serde_json::{Value, json};

    /// The entry of the document's list.
    const SAMPLE: &str = r#"{
        "activation-time": "20160823", "active": true, "address": "via viotta", "allowtpoavalidation": true,
        "cell": "+393385958233", "city": "Città", "fiscal-code": "PRRFCC92L09L488E", "pa-code": null,
        "company": false, "company-name": null, "create-time": "20160823", "credit-eat-mode": 2,
        "credits-sum": "&euro; 0,000", "default-message-type": "SI", "default-nation": "ita", "dfeu": true,
        "email": "prova@prova.pr", "fax": "0461757575", "foreign": false, "id-user": 5, "invoicing-email": null,
        "language": "ita", "legal-agreement-time": "20160823", "legalAgreementVersion": 0, "login": "logon",
        "max-subaccounts": -1, "name": "nome", "num-cell-for-test-sms": "+393385958233", "partner": false,
        "partner-code": null, "phone": "0461757575", "piva": null, "preferred-tpoa": "+393385958233",
        "private": true, "province": "Trento", "referral": false, "shop_cart_check": true,
        "split-payment": false, "subaccount": true, "subaccount-types": 0, "super-account-name": "",
        "superaccount": false, "surname": "asdasd", "use24": true, "user-nation": "ita", "zip-code": "38010",
        "credits": [{"id": "N", "qty": 10}, {"id": "L", "qty": 10}, {"id": "LL", "qty": 10}, {"id": "GS", "qty": 10}]
    }"#;

    fn sample() -> Value {
        serde_json::from_str(SAMPLE).expect("JSON")
    }

    fn read(json: Value) -> pb::Subaccount {
        let entry: Subaccount = serde_json::from_value(json).expect("a subaccount");
        let name = entry.resource_name("accounts/acme");
        entry.into_subaccount(name, &SMSEND.types)
    }

    #[test]
    fn every_one_of_the_47_keys_of_the_document_s_sample_arrives() {
        let mut sample = sample();
        for value in sample.as_object_mut().expect("an object").values_mut().filter(|value| value.is_null()) {
            *value = json!("given");
        }
        let whole = read(sample.clone());
        let keys: Vec<String> = sample.as_object().expect("an object").keys().cloned().collect();
        assert_eq!(keys.len(), 47);
        for key in &keys {
            let mut poorer = sample.clone();
            poorer.as_object_mut().expect("an object").remove(key);
            assert_ne!(read(poorer), whole, "{key}");
        }
    }

    #[test]
    fn the_document_s_subaccount_is_converted() {
        let subaccount = read(sample());
        assert_eq!(subaccount.name, "accounts/acme/subaccounts/5");
        for date in [&subaccount.activation_date, &subaccount.create_date, &subaccount.legal_agreement_date] {
            assert_eq!(date.as_deref(), Some("2016-08-23"));
        }
        assert_eq!(subaccount.credits_sum_text.as_deref(), Some("&euro; 0,000"));
        assert_eq!((subaccount.credit_source(), subaccount.vendor_credit_source), (CreditSource::Both, Some(2)));
        assert_eq!((subaccount.max_subaccounts, subaccount.superaccount_name.as_deref()), (Some(-1), Some("")));
        assert_eq!((subaccount.company_name, subaccount.vat_number, subaccount.partner_code), (None, None, None));
        let credits: Vec<_> =
            subaccount.credits.iter().map(|c| (c.message_type.as_str(), c.quality(), c.quantity)).collect();
        let expected = [
            ("N", Quality::High, 10),
            ("L", Quality::Medium, 10),
            ("LL", Quality::Low, 10),
            ("GS", Quality::Unspecified, 10),
        ];
        assert_eq!(credits, expected);
    }

    #[test]
    fn an_unknown_credit_source_stays_readable_and_nothing_stays_nothing() {
        let unknown = read(json!({"credit-eat-mode": 7, "login": "log on", "credits": null}));
        assert_eq!((unknown.credit_source(), unknown.vendor_credit_source), (CreditSource::Unspecified, Some(7)));
        assert_eq!(unknown.name, "accounts/acme/subaccounts/log%20on");
        assert_eq!(read(json!({})), pb::Subaccount::default());
    }

    #[test]
    fn every_credit_source_has_its_number() {
        for number in 0..=2 {
            assert_eq!(credit_eat_mode(credit_source(number.into())), Some(number));
        }
        assert_eq!(credit_eat_mode(CreditSource::Unspecified), None);
    }
}

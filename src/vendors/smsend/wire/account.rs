//! The balance of an account.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::CreditEntry;
use crate::{
    api::pb::{AccountStatus, EmailPlan, Money},
    vendors::{
        kit::lenient::{Decimal, Lenient, List, Object},
        smsend::brand::Types,
    },
};

/// The answer to `GET /status`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct UserStatus {
    money: Decimal,
    sms: List<CreditEntry>,
    email: Object<EmailEntry>,
    landing: Option<Box<RawValue>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct EmailEntry {
    bandwidth: Lenient<f64>,
    purchased: Lenient<String>,
    billing: Lenient<String>,
    expiry: Lenient<String>,
}

impl UserStatus {
    pub(crate) fn into_status(self, types: &Types) -> AccountStatus {
        AccountStatus {
            money: self.money.0.map(|amount| Money { amount, currency_code: String::new() }),
            credits: self.sms.0.into_iter().flatten().map(|entry| entry.into_credit(types)).collect(),
            email_plan: self.email.0.map(|plan| EmailPlan {
                bandwidth: plan.bandwidth.0,
                purchase_date: plan.purchased.0.unwrap_or_default(),
                billing: plan.billing.0.unwrap_or_default(),
                expire_date: plan.expiry.0.unwrap_or_default(),
            }),
            // PHP writes an empty object as a list.
            landing_json: self.landing.map(|landing| landing.get().to_owned()).filter(|landing| landing != "[]"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{api::pb::Quality, vendors::smsend::brand::SMSEND};

    #[test]
    fn the_document_s_status_comes_through_whole() {
        let status: UserStatus = serde_json::from_str(
            r#"{"money": 12.50, "sms": [{"type": "SI", "quantity": 16079}, {"type": "L", "quantity": 3}],
                "email": {"bandwidth": 2000.0, "purchased": "2015-01-16", "billing": "EMAILPERHOUR", "expiry": "2016-01-17"},
                "landing": {"pages": 3}}"#,
        )
        .expect("a status");
        let status = status.into_status(&SMSEND.types);
        assert_eq!(status.money.map(|m| m.amount).as_deref(), Some("12.50"));
        assert_eq!(status.credits[0].message_type, "SI");
        assert_eq!((status.credits[1].quality(), status.credits[1].quantity), (Quality::Medium, 3));
        let plan = status.email_plan.expect("a plan");
        assert_eq!((plan.bandwidth, plan.purchase_date.as_str()), (Some(2000.0), "2015-01-16"));
        assert_eq!((plan.billing.as_str(), plan.expire_date.as_str()), ("EMAILPERHOUR", "2016-01-17"));
        assert_eq!(status.landing_json.as_deref(), Some(r#"{"pages": 3}"#));
    }

    #[test]
    fn nulls_are_absent() {
        for json in [
            "{}",
            r#"{"money": null, "sms": null, "email": null, "landing": null}"#,
            r#"{"money": {"EUR": 5}, "sms": "", "email": [], "landing": []}"#,
        ] {
            let status: UserStatus = serde_json::from_str(json).expect(json);
            assert_eq!(status.into_status(&SMSEND.types), AccountStatus::default(), "{json}");
        }
    }

    #[test]
    fn an_invalid_member_does_not_affect_the_others() {
        let json = r#"{"money": "12,50", "sms": [{"type": "N", "quantity": 5}, 7], "email": {"bandwidth": "2e3", "billing": {}}}"#;
        let status = serde_json::from_str::<UserStatus>(json).expect(json).into_status(&SMSEND.types);
        assert_eq!(status.money.map(|m| m.amount).as_deref(), Some("12.50"));
        assert_eq!((status.credits.len(), status.email_plan.expect("a plan").bandwidth), (1, Some(2000.0)));
    }
}

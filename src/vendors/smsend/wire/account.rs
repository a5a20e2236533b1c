//! What an account has left.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{CreditEntry, unquoted};
use crate::{
    lenient::null_is_default,
    pb::{AccountStatus, Credit, EmailPlan, Money},
};

/// The answer to `GET /status`.
#[derive(Debug, Deserialize)]
pub(crate) struct UserStatus {
    money: Option<Box<RawValue>>,
    #[serde(default, deserialize_with = "null_is_default")]
    sms: Vec<CreditEntry>,
    email: Option<EmailEntry>,
    landing: Option<Box<RawValue>>,
}

#[derive(Debug, Deserialize)]
struct EmailEntry {
    bandwidth: Option<f64>,
    purchased: Option<String>,
    billing: Option<String>,
    expiry: Option<String>,
}

impl From<UserStatus> for AccountStatus {
    fn from(status: UserStatus) -> Self {
        Self {
            // The digits as they came: a float would round them.
            money: status
                .money
                .map(|money| Money { amount: unquoted(money.get()).to_owned(), currency_code: String::new() }),
            credits: status.sms.into_iter().map(Credit::from).collect(),
            email_plan: status.email.map(|plan| EmailPlan {
                bandwidth: plan.bandwidth,
                purchase_date: plan.purchased.unwrap_or_default(),
                billing: plan.billing.unwrap_or_default(),
                expire_date: plan.expiry.unwrap_or_default(),
            }),
            landing_json: status.landing.map(|landing| landing.get().to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pb::Quality;

    #[test]
    fn the_document_s_status_comes_through_whole() {
        let status: UserStatus = serde_json::from_str(
            r#"{"money": 12.50, "sms": [{"type": "SI", "quantity": 16079}, {"type": "L", "quantity": 3}],
                "email": {"bandwidth": 2000.0, "purchased": "2015-01-16", "billing": "EMAILPERHOUR", "expiry": "2016-01-17"},
                "landing": {"pages": 3}}"#,
        )
        .expect("a status");
        let status = AccountStatus::from(status);
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
        let status: UserStatus =
            serde_json::from_str(r#"{"money": null, "email": null, "landing": null}"#).expect("a status");
        assert_eq!(AccountStatus::from(status), AccountStatus::default());
    }
}

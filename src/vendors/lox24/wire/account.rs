//! The balance of an account.

use serde::Deserialize;

use crate::{
    api::pb::{AccountStatus, Money},
    vendors::kit::lenient::{Decimal, Lenient},
};

/// The answer to `GET /me`. Its members `id`, `balance_changed_at`, `is_text_deleted`, `services` and `groups` are not
/// needed for the balance.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in super::super) struct Me {
    currency: Lenient<String>,
    /// For a prepaid account its balance without tax, else the rest of its limit.
    balance_amount: Decimal,
}

impl Me {
    /// Returns whether the answer has no balance.
    pub(in super::super) fn is_empty(&self) -> bool {
        self.currency.0.is_none() && self.balance_amount.0.is_none()
    }
}

impl From<Me> for AccountStatus {
    fn from(me: Me) -> Self {
        let currency_code = me.currency.0.unwrap_or_default();
        Self { money: me.balance_amount.0.map(|amount| Money { amount, currency_code }), ..Self::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_balance_keeps_its_digits_and_an_absent_one_stays_absent() {
        let status = |json: &str| AccountStatus::from(serde_json::from_str::<Me>(json).expect(json));
        let money = status(r#"{"id": 1234567, "currency": "CHF", "balance_amount": 120.10, "services": []}"#).money;
        assert_eq!(money, Some(Money { amount: "120.10".to_owned(), currency_code: "CHF".to_owned() }));
        for json in [r#"{"currency": "EUR", "balance_amount": null}"#, r#"{"currency": null}"#] {
            assert_eq!(status(json), AccountStatus::default(), "{json}");
        }
    }
}

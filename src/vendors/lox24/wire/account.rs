//! What an account has left.

use serde::Deserialize;

use crate::{
    lenient::optional_digits,
    pb::{AccountStatus, Money},
};

/// The answer to `GET /me`. It has `id`, `balance_changed_at`, `is_text_deleted`, `services` and `groups` besides, which
/// say nothing of what is left.
#[derive(Debug, Deserialize)]
pub(in super::super) struct Me {
    currency: Option<String>,
    /// Of an account that pays in advance its balance without tax, else what is left of its limit.
    #[serde(default, deserialize_with = "optional_digits")]
    balance_amount: Option<String>,
}

impl From<Me> for AccountStatus {
    fn from(me: Me) -> Self {
        let currency_code = me.currency.unwrap_or_default();
        Self { money: me.balance_amount.map(|amount| Money { amount, currency_code }), ..Self::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_balance_keeps_its_digits_and_no_balance_is_no_money() {
        let status = |json: &str| AccountStatus::from(serde_json::from_str::<Me>(json).expect(json));
        let money = status(r#"{"id": 1234567, "currency": "CHF", "balance_amount": 120.10, "services": []}"#).money;
        assert_eq!(money, Some(Money { amount: "120.10".to_owned(), currency_code: "CHF".to_owned() }));
        for json in [r#"{"currency": "EUR", "balance_amount": null}"#, r#"{"currency": null}"#] {
            assert_eq!(status(json), AccountStatus::default(), "{json}");
        }
    }
}

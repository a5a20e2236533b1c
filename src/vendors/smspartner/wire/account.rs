//! The balance of an account.

use serde::Deserialize;

use crate::{
    api::pb::{AccountStatus, Credit, Money, Quality},
    vendors::kit::lenient::{Decimal, Lenient, Object},
};

/// The answer to `GET /me`. It also describes the user, which is not needed for the balance.
#[derive(Debug, Deserialize)]
pub(crate) struct Me {
    credits: Object<Credits>,
}

/// `balance` was `solde` once, and `creditSmsECO` was `creditSmsLowCost`: where both are present, they are equal.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Credits {
    balance: Decimal,
    solde: Decimal,
    currency: Lenient<String>,
    credit_sms: Lenient<i64>,
    #[serde(rename = "creditSmsECO")]
    credit_sms_eco: Lenient<i64>,
    credit_sms_low_cost: Lenient<i64>,
    credit_hlr: Lenient<i64>,
}

impl From<Me> for AccountStatus {
    fn from(Me { credits }: Me) -> Self {
        let credits = credits.0.unwrap_or_default();
        let row = |message_type: &str, quality: Quality, quantity: Lenient<i64>| {
            let (message_type, quality) = (message_type.to_owned(), quality.into());
            quantity.0.map(|quantity| Credit { message_type, quality, quantity })
        };
        let eco = row("creditSmsECO", Quality::Low, credits.credit_sms_eco);
        let eco = eco.or_else(|| row("creditSmsLowCost", Quality::Low, credits.credit_sms_low_cost));
        let rows = [
            row("creditSms", Quality::High, credits.credit_sms),
            eco,
            row("creditHlr", Quality::Unspecified, credits.credit_hlr),
        ];
        let amount = credits.balance.0.or(credits.solde.0);
        let currency_code = credits.currency.0.unwrap_or_default();
        Self {
            money: amount.map(|amount| Money { amount, currency_code }),
            credits: rows.into_iter().flatten().collect(),
            ..Self::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(json: &str) -> AccountStatus {
        serde_json::from_str::<Me>(json).expect(json).into()
    }

    #[test]
    fn the_money_keeps_its_digits_and_the_credits_their_names() {
        for (json, amount) in [
            (r#"{"credits": {"balance": "10225.119", "solde": "1", "currency": "EUR"}}"#, "10225.119"),
            (r#"{"credits": {"balance": 0.900, "currency": "EUR"}}"#, "0.900"),
            (r#"{"credits": {"balance": null, "solde": "-0.10", "currency": "EUR"}}"#, "-0.10"),
        ] {
            let money = Money { amount: amount.to_owned(), currency_code: "EUR".to_owned() };
            assert_eq!(status(json), AccountStatus { money: Some(money), ..AccountStatus::default() }, "{json}");
        }
        let older =
            status(r#"{"credits": {"creditSms": "20", "creditSmsLowCost": 37, "creditHlr": 180, "toSend": 0}}"#);
        let rows = older.credits.iter().map(|c| (c.message_type.as_str(), c.quality(), c.quantity));
        let expected = [
            ("creditSms", Quality::High, 20),
            ("creditSmsLowCost", Quality::Low, 37),
            ("creditHlr", Quality::Unspecified, 180),
        ];
        assert_eq!(rows.collect::<Vec<_>>(), expected);
        assert_eq!(older.money, None);
        let newer = status(r#"{"credits": {"creditSmsECO": 38, "creditSmsLowCost": 38}}"#);
        assert_eq!((newer.credits.len(), newer.credits[0].message_type.as_str()), (1, "creditSmsECO"));
    }
}

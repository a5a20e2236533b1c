//! Credit transfers and purchases. Prices are decimal text on our side and JSON numbers on smSend's: the digits are
//! passed on unchanged, as a float would round them.

use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize, Serializer, ser::Error as _};
use serde_json::value::RawValue;

use super::{CreditEntry, time};
use crate::{
    api::pb,
    request::names,
    vendors::kit::lenient::{self, Lenient, List},
};

/// A credit transfer: `POST /subaccount/{subaccount_id}/credit`.
#[derive(Debug, Serialize)]
pub(crate) struct Transfers<'a> {
    pub(crate) credits: Vec<Transfer<'a>>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Transfer<'a> {
    pub(crate) message_type: &'a str,
    pub(crate) amount: i64,
    pub(crate) super_to_sub: bool,
}

/// The answer to `GET /subaccount/{subaccount_id}/credit`.
#[derive(Debug, Deserialize)]
pub(crate) struct Credits {
    #[serde(default)]
    pub(crate) credits: List<CreditEntry>,
}

/// Purchases to be booked: `POST /subaccount/{subaccount}/purchase`.
#[derive(Debug, Serialize)]
pub(crate) struct NewPurchases<'a> {
    pub(crate) purchases: Vec<NewPurchase<'a>>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct NewPurchase<'a> {
    pub(crate) super_to_sub: bool,
    pub(crate) price: Decimal,
    pub(crate) message_types: Vec<NewUnitPrice<'a>>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct NewUnitPrice<'a> {
    pub(crate) message_type: &'a str,
    pub(crate) unit_price: Decimal,
}

/// A decimal number with all its digits.
#[derive(Debug, Default)]
pub(crate) struct Decimal(String);

impl Decimal {
    /// Parses a non-negative number of digits with at most one point between them, as in JSON.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        let right = digits(whole) && digits(fraction) && (whole == "0" || !whole.starts_with('0'));
        right.then(|| Self(text.to_owned()))
    }
}

impl Serialize for Decimal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serde_json::from_str::<&RawValue>(&self.0).map_err(S::Error::custom)?.serialize(serializer)
    }
}

/// An entry of `GET /subaccount/{subaccount_id}/purchase`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub(crate) struct Purchase {
    #[serde(rename = "id_purchase")]
    id_purchase: Lenient<String>,
    super_to_sub: Lenient<bool>,
    price: lenient::Decimal,
    message_types: List<UnitPrice>,
    amount: lenient::Decimal,
    available: lenient::Decimal,
    create_time: Lenient<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
struct UnitPrice {
    message_type: Lenient<String>,
    unit_price: lenient::Decimal,
}

impl Purchase {
    /// Converts the purchase of `subaccount`, which is a resource name.
    pub(crate) fn into_purchase(self, subaccount: &str, zone: &TimeZone) -> pb::Purchase {
        let unit_price = |price: UnitPrice| pb::UnitPrice {
            message_type: price.message_type.0.unwrap_or_default(),
            price: price.unit_price.0.unwrap_or_default(),
        };
        pb::Purchase {
            name: self.id_purchase.0.map(|id| names::child(subaccount, "purchases", &id)).unwrap_or_default(),
            to_superaccount: self.super_to_sub.0 == Some(false),
            price: self.price.0.unwrap_or_default(),
            unit_prices: self.message_types.0.into_iter().flatten().map(unit_price).collect(),
            amount: self.amount.0.unwrap_or_default(),
            available: self.available.0.unwrap_or_default(),
            create_time: self.create_time.0.and_then(|text| time(&text, zone)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{super::List, *};

    #[test]
    fn the_document_s_purchase_comes_through_whole() {
        let list: List<Purchase> = serde_json::from_str(
            r#"{"result": "OK", "purchases": [{"super-to-sub": false, "amount": 37, "create-time": "20160826104539",
                "id_purchase": 20, "price": 37, "available": 0, "message-types": [
                    {"message-type": "N", "unit-price": 1.2}, {"message-type": "LL", "unit-price": 0.8}]}],
                "pageNumber": 1, "pageSize": 10, "total": 2}"#,
        )
        .expect("purchases");
        let purchases = list
            .entries()
            .expect("a list")
            .0
            .into_iter()
            .flatten()
            .map(|p| p.into_purchase("accounts/a/subaccounts/5", &TimeZone::UTC));
        let unit_price =
            |word: &str, price: &str| pb::UnitPrice { message_type: word.to_owned(), price: price.to_owned() };
        let expected = pb::Purchase {
            name: "accounts/a/subaccounts/5/purchases/20".to_owned(),
            to_superaccount: true,
            price: "37".to_owned(),
            unit_prices: vec![unit_price("N", "1.2"), unit_price("LL", "0.8")],
            amount: "37".to_owned(),
            available: "0".to_owned(),
            create_time: Some(prost_types::Timestamp { seconds: 1_472_208_339, nanos: 0 }),
        };
        assert_eq!(purchases.collect::<Vec<_>>(), [expected]);
    }

    #[test]
    fn a_price_keeps_every_digit_both_ways() {
        for text in ["37", "25.0", "0.10", "1.23456789012345678901234567890", "123456789012345678901234567890"] {
            let price = Decimal::parse(text).expect(text);
            let written = serde_json::to_string(&price).expect("JSON");
            assert_eq!(written, text);
            assert_eq!(serde_json::from_str::<lenient::Decimal>(&written).expect(text).0.as_deref(), Some(text));
        }
    }

    #[test]
    fn only_a_plain_number_is_a_price() {
        for bad in ["", ".", "1.", ".5", "1,5", "-1", "+1", "1e2", "01", "1.2.3", " 1", "1 ", "NaN", "0x1", "१"] {
            assert!(Decimal::parse(bad).is_none(), "{bad}");
        }
    }
}

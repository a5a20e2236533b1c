//! Amounts of money.

use std::fmt;

use rust_decimal::{Decimal, prelude::ToPrimitive as _};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

/// An amount of money, such as `12.50 EUR`, or `12.50` if the vendor names no currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Amount {
    /// In millionths, so that sums are exact.
    pub millionths: u64,
    /// The currency.
    pub currency: Currency,
}

/// The code of a currency, of ISO 4217; empty if the vendor names none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Currency([u8; 3]);

/// The millionths of one.
const ONE: u64 = 1_000_000;

impl Amount {
    /// Reads an amount that is not negative. What is less than a millionth is rounded up.
    pub fn read(amount: &str, currency: &str) -> Option<Self> {
        let amount = Decimal::from_str_exact(amount).ok().filter(|amount| !amount.is_sign_negative())?;
        let millionths = amount.checked_mul(Decimal::from(ONE))?.ceil().to_u64()?;
        Some(Self { millionths, currency: Currency::read(currency)? })
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let amount = (Decimal::from(self.millionths) / Decimal::from(ONE)).normalize();
        match self.currency.name() {
            "" => write!(f, "{amount}"),
            currency => write!(f, "{amount} {currency}"),
        }
    }
}

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let (amount, currency) = text.split_once(' ').unwrap_or((&text, ""));
        let read = Self::read(amount, currency);
        read.ok_or_else(|| D::Error::custom("invalid amount of money; expected for example \"12.50 EUR\""))
    }
}

impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl Currency {
    /// Reads three capital letters, or nothing.
    fn read(code: &str) -> Option<Self> {
        match *code.as_bytes() {
            [] => Some(Self::default()),
            [a, b, c] if [a, b, c].iter().all(u8::is_ascii_uppercase) => Some(Self([a, b, c])),
            _ => None,
        }
    }

    /// Returns the code.
    pub fn name(&self) -> &str {
        if *self == Self::default() { "" } else { std::str::from_utf8(&self.0).unwrap_or_default() }
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let code = String::deserialize(deserializer)?;
        Self::read(&code).ok_or_else(|| D::Error::custom("invalid code of a currency"))
    }
}

impl Serialize for Currency {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_is_read_exactly_and_written_as_it_was() {
        for (text, millionths) in [("12.50 EUR", 12_500_000), ("0.0375 SEK", 37_500), ("7", 7_000_000), ("0 EUR", 0)] {
            let amount: Amount = serde_json::from_value(text.into()).expect(text);
            assert_eq!(amount.millionths, millionths, "{text}");
            let again: Amount = serde_json::from_value(amount.to_string().into()).expect("as written");
            assert_eq!(again, amount);
        }
        assert_eq!(Amount::read("0.0000001", "").map(|amount| amount.millionths), Some(1), "rounded up");
        for text in ["", "EUR", "-1 EUR", "1 euro", "1 eur", "1,5 EUR", "1  EUR", "99999999999999999999 EUR"] {
            serde_json::from_value::<Amount>(text.into()).expect_err(text);
        }
    }
}

//! What a message cost.

use std::collections::BTreeMap;

use crate::{
    api::pb::{Encoding, Message, Money},
    config::Amount,
    gateway::screen,
    text::countries::country_of,
};

/// Returns the prices of a segment that a message had, by country, as far as the vendor reported them. The vendor may not have
/// reported the number of segments: then the text tells it, if the log keeps it. A price of nothing is not known yet.
pub(super) fn of(message: &Message) -> BTreeMap<&'static str, Amount> {
    let mut prices = BTreeMap::new();
    for recipient in &message.recipients {
        let (Some(Money { amount, currency_code }), Some(country)) = (&recipient.price, country_of(&recipient.to))
        else {
            continue;
        };
        let reported = recipient.segment_count.and_then(|count| u32::try_from(count).ok()).filter(|count| *count > 0);
        let counted = || (!message.text.is_empty()).then(|| screen::segments(&message.text, Encoding::Unspecified));
        let price = Amount::read(amount, currency_code).filter(|price| price.millionths > 0);
        if let (Some(segments), Some(price)) = (reported.or_else(counted), price) {
            let millionths = price.millionths.div_ceil(segments.into());
            prices.insert(country, Amount { millionths, ..price });
        }
    }
    prices
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::pb::Recipient;

    #[test]
    fn a_price_is_that_of_a_segment_and_nothing_is_guessed() {
        let paid = |amount: &str, currency: &str, segment_count| {
            let price = Some(Money { amount: amount.to_owned(), currency_code: currency.to_owned() });
            Recipient { to: "+4915123456789".to_owned(), price, segment_count, ..Recipient::default() }
        };
        let text = |length| "a".repeat(length);
        for (recipient, text, expected) in [
            (paid("0.15", "EUR", Some(2)), String::new(), Some("0.075 EUR")),
            (paid("0.1", "EUR", Some(3)), String::new(), Some("0.033334 EUR")),
            (paid("0.15", "", None), text(161), Some("0.075")),
            (paid("0.15", "EUR", None), String::new(), None),
            (paid("0", "EUR", Some(1)), String::new(), None),
            (paid("-1", "EUR", Some(1)), String::new(), None),
            (paid("1", "Euro", Some(1)), String::new(), None),
            (Recipient { price: None, ..paid("1", "EUR", Some(1)) }, text(1), None),
            (Recipient { to: "+999".to_owned(), ..paid("1", "EUR", Some(1)) }, text(1), None),
        ] {
            let found = of(&Message { recipients: vec![recipient.clone()], text, ..Message::default() });
            let expected: Vec<_> = expected.into_iter().map(|price| ("DE", price.to_owned())).collect();
            let found: Vec<_> = found.into_iter().map(|(country, price)| (country, price.to_string())).collect();
            assert_eq!(found, expected, "{recipient:?}");
        }
    }
}

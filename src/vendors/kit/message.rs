//! One message of what vendors report of its parts.

use rust_decimal::Decimal;

use crate::{
    api::pb::{DeliveryState, Message, Money},
    request::names,
};

/// Completes what the vendor of `account` reports of its message `id` with the message's name, the account and the id.
pub(in crate::vendors) fn identified(name: String, account: &str, id: &str, message: Message) -> Message {
    let mut message = Message { name, ..message };
    for recipient in &mut message.recipients {
        account.clone_into(&mut recipient.account);
        id.clone_into(&mut recipient.vendor_message_id);
    }
    if message.recipients.is_empty() {
        message.vendor_message_ids = vec![id.to_owned()];
    }
    message
}

/// Merges the parts of a send into the message `id` of `account`. The parts are in the order of the recipients.
pub(in crate::vendors) fn merge(account: &str, id: &str, parts: Vec<Message>) -> Message {
    merge_as(names::child(account, "messages", id), account, parts)
}

/// Merges the parts of a send into the message of this name.
pub(crate) fn merge_as(name: String, account: &str, mut parts: Vec<Message>) -> Message {
    if parts.len() != 1 {
        parts = vec![sum(parts)];
    }
    let mut message = parts.swap_remove(0);
    message.name = name;
    // Recipients of failed parts lack their account.
    for recipient in message.recipients.iter_mut().filter(|recipient| recipient.account.is_empty()) {
        account.clone_into(&mut recipient.account);
    }
    message
}

/// Adds up the parts. What the parts of one send share is that of the first which has it.
fn sum(parts: Vec<Message>) -> Message {
    let accepted = || parts.iter().filter(|part| !is_rejected(part));
    let count = |of: fn(&Message) -> Option<i32>| accepted().map(of).try_fold(0, |sum: i32, n| sum.checked_add(n?));
    let mut whole = Message {
        sent_count: count(|part| part.sent_count),
        credits_used: count(|part| part.credits_used),
        price: total(accepted().map(|part| part.price.as_ref())),
        create_time: accepted().filter_map(|part| part.create_time).min_by_key(|time| (time.seconds, time.nanos)),
        ..Message::default()
    };
    for part in parts {
        let Message {
            name: _,
            recipients,
            sender,
            quality,
            vendor_message_type,
            create_time: _,
            schedule_time,
            recipient_count: _,
            sent_count: _,
            credits_used: _,
            credits_remaining,
            text,
            reference,
            price: _,
            vendor_message_ids,
            update_time: _,
            attempts: _,
            tag: _,
            purpose: _,
            requested: _,
        } = part;
        whole.recipients.extend(recipients);
        whole.vendor_message_ids.extend(vendor_message_ids);
        whole.credits_remaining = credits_remaining.or(whole.credits_remaining);
        whole.schedule_time = whole.schedule_time.or(schedule_time);
        whole.quality = if whole.quality == 0 { quality } else { whole.quality };
        for (first, text) in [
            (&mut whole.sender, sender),
            (&mut whole.vendor_message_type, vendor_message_type),
            (&mut whole.text, text),
            (&mut whole.reference, reference),
        ] {
            if first.is_empty() {
                *first = text;
            }
        }
    }
    whole.recipient_count = i32::try_from(whole.recipients.len()).ok();
    whole
}

/// Whether the vendor rejected all of a part, or it was not sent: it adds nothing to a total.
fn is_rejected(part: &Message) -> bool {
    let rejected = DeliveryState::Rejected as i32;
    part.vendor_message_ids.is_empty()
        && !part.recipients.is_empty()
        && part.recipients.iter().all(|r| r.state == rejected && r.vendor_message_id.is_empty())
}

/// Adds prices up; `None` if one is absent or unreadable, or if the currencies differ.
fn total<'a>(prices: impl Iterator<Item = Option<&'a Money>>) -> Option<Money> {
    let mut total: Option<(Decimal, &str)> = None;
    for price in prices {
        let Money { amount, currency_code } = price?;
        let amount = Decimal::from_str_exact(amount).ok()?;
        total = match total {
            None => Some((amount, currency_code)),
            Some((sum, currency)) if currency == currency_code => Some((sum.checked_add(amount)?, currency)),
            Some(_) => return None,
        };
    }
    total.map(|(sum, currency)| Money { amount: sum.to_string(), currency_code: currency.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::pb::Recipient;

    const ACCOUNT: &str = "accounts/acme";

    fn euro(amount: &str) -> Option<Money> {
        Some(Money { amount: amount.to_owned(), currency_code: "EUR".to_owned() })
    }

    fn recipient(to: &str, state: DeliveryState, id: &str) -> Recipient {
        Recipient {
            to: to.to_owned(),
            state: state.into(),
            vendor_message_id: id.to_owned(),
            account: ACCOUNT.to_owned(),
            ..Recipient::default()
        }
    }

    /// A part that the vendor accepted as its message `id`.
    fn accepted(to: &str, id: &str, price: &str) -> Message {
        let recipients = vec![Recipient { to: to.to_owned(), ..Recipient::default() }];
        let part = Message { recipients, price: euro(price), sender: "Shop".to_owned(), ..Message::default() };
        identified(String::new(), ACCOUNT, id, part)
    }

    fn failed(to: &str, state: DeliveryState) -> Message {
        let recipient = Recipient { account: String::new(), ..recipient(to, state, "") };
        Message { recipients: vec![recipient], recipient_count: Some(1), ..Message::default() }
    }

    #[test]
    fn the_parts_become_one_message_with_every_recipient_in_order() {
        let parts = vec![
            failed("+491", DeliveryState::Rejected),
            Message { credits_remaining: Some(9), sent_count: Some(1), ..accepted("+492", "b", "0.085") },
            Message { credits_remaining: Some(7), sent_count: Some(2), ..accepted("+493", "c", "0.075") },
        ];
        let expected = Message {
            name: "accounts/acme/messages/m".to_owned(),
            recipients: vec![
                recipient("+491", DeliveryState::Rejected, ""),
                recipient("+492", DeliveryState::Unspecified, "b"),
                recipient("+493", DeliveryState::Unspecified, "c"),
            ],
            sender: "Shop".to_owned(),
            recipient_count: Some(3),
            sent_count: Some(3),
            credits_remaining: Some(7),
            price: euro("0.160"),
            ..Message::default()
        };
        assert_eq!(merge(ACCOUNT, "m", parts), expected);
    }

    #[test]
    fn a_total_is_absent_if_a_part_that_may_have_been_accepted_lacks_its_own() {
        let other = Money { amount: "1".to_owned(), currency_code: "SEK".to_owned() };
        for (part, price) in [
            (accepted("+492", "b", "1"), euro("1.5")),
            (failed("+492", DeliveryState::Rejected), euro("0.5")),
            (failed("+492", DeliveryState::Unknown), None),
            (Message { price: None, ..accepted("+492", "b", "1") }, None),
            (Message { price: Some(other), ..accepted("+492", "b", "1") }, None),
            (accepted("+492", "b", "many"), None),
            (Message { recipients: Vec::new(), vendor_message_ids: vec!["b".to_owned()], ..Message::default() }, None),
        ] {
            let merged = merge(ACCOUNT, "m", vec![accepted("+491", "a", "0.5"), part.clone()]);
            assert_eq!((merged.price, merged.sent_count), (price, None), "{part:?}");
        }
    }

    #[test]
    fn an_id_without_recipients_is_the_message_s() {
        let message = identified("accounts/acme/messages/m".to_owned(), ACCOUNT, "7", Message::default());
        assert_eq!((message.vendor_message_ids, message.recipients), (vec!["7".to_owned()], Vec::new()));
    }
}

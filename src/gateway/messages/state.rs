//! The states of messages.

use crate::{
    api::pb::{DeliveryState, Message, Recipient},
    store::StoredRecipient,
};

/// The state, which only the log has, of a recipient to whom a call with the same key may send: it provably did not so
/// far. Callers are shown another one.
const UNSENT: i32 = -1;

/// The text that callers are shown of such a recipient.
const UNSENT_TEXT: &str = "not sent: a repeated call with the same idempotency-key sends it";

/// Marks a recipient as not sent to, which a repeated call may make up for.
pub(super) fn unsent(recipient: &mut Recipient) {
    not_sent(recipient);
    recipient.state = UNSENT;
    recipient.vendor_text.clear();
}

/// Whether a repeated call may send to a recipient.
pub(super) fn is_unsent(recipient: &Recipient) -> bool {
    recipient.state == UNSENT
}

/// Returns the state that callers are shown of a recipient whose message is not being sent.
pub(super) fn shown_state(recipient: &Recipient) -> DeliveryState {
    if is_unsent(recipient) { DeliveryState::Rejected } else { recipient.state() }
}

/// Changes a recipient of a message, which is being sent or not, to what callers are shown.
pub(super) fn show(recipient: &mut Recipient, is_running: bool) {
    if !is_unsent(recipient) {
        return;
    }
    let (state, text) =
        if is_running { (DeliveryState::Unknown, "not sent yet") } else { (shown_state(recipient), UNSENT_TEXT) };
    recipient.state = state.into();
    text.clone_into(&mut recipient.vendor_text);
}

/// Marks a recipient as not sent to.
pub(super) fn not_sent(recipient: &mut Recipient) {
    let (to, account) = (std::mem::take(&mut recipient.to), std::mem::take(&mut recipient.account));
    let (state, vendor_text) = (DeliveryState::Rejected.into(), "not sent".to_owned());
    *recipient = Recipient { to, account, state, vendor_text, ..Recipient::default() };
}

/// Marks a recipient to whom a repeated call may send: none does.
pub(super) fn withdraw(recipient: &mut Recipient) {
    recipient.state = DeliveryState::Cancelled.into();
    "cancelled before it was sent".clone_into(&mut recipient.vendor_text);
}

/// Brings a recipient up to date, whose message was interrupted.
pub(super) fn overlay(recipient: &mut Recipient, stored: &StoredRecipient) {
    if stored.state != recipient.state {
        recipient.state = stored.state;
        recipient.vendor_code.clear();
        recipient.vendor_text.clear();
    }
    if let Some(id) = &stored.vendor_message_id {
        recipient.vendor_message_id.clone_from(id);
    }
    if let Some(account) = &stored.account {
        recipient.account.clone_from(account);
    }
}

/// Whether a state does not change any more.
pub fn is_final(state: DeliveryState) -> bool {
    use DeliveryState::{
        Cancelled, Delivered, Expired, Queued, Rejected, Scheduled, Sent, Undeliverable, Unknown, Unspecified,
    };
    match state {
        Delivered | Undeliverable | Expired | Rejected | Cancelled => true,
        Unspecified | Queued | Scheduled | Sent | Unknown => false,
    }
}

/// Returns how far a state is: reports come in any order, and the most advanced state holds.
pub(super) fn progress(state: DeliveryState) -> u8 {
    use DeliveryState::{Queued, Scheduled, Sent, Unknown, Unspecified};
    match state {
        Unknown | Unspecified => 0,
        Queued | Scheduled => 1,
        Sent => 2,
        _ => 3,
    }
}

/// Returns the state that a message is listed by: of all recipients, the one that needs attention most. What is
/// unknown comes before what is open, that before what failed, and that before what was delivered. `None`: the
/// recipients, of a send to groups, are not known.
pub(super) fn overall(message: &Message) -> Option<DeliveryState> {
    let rank = |state: &DeliveryState| match state {
        DeliveryState::Unknown => 9,
        DeliveryState::Unspecified => 8,
        DeliveryState::Queued => 7,
        DeliveryState::Scheduled => 6,
        DeliveryState::Sent => 5,
        DeliveryState::Undeliverable => 4,
        DeliveryState::Expired => 3,
        DeliveryState::Rejected => 2,
        DeliveryState::Cancelled => 1,
        DeliveryState::Delivered => 0,
    };
    message.recipients.iter().map(shown_state).max_by_key(rank)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::pb::Recipient;

    #[test]
    fn the_recipient_that_needs_attention_most_decides() {
        use DeliveryState::{Delivered, Queued, Rejected, Sent, Unknown};
        let overall = |states: &[DeliveryState]| {
            let recipient = |state: &DeliveryState| Recipient { state: (*state).into(), ..Recipient::default() };
            overall(&Message { recipients: states.iter().map(recipient).collect(), ..Message::default() })
        };
        assert_eq!(overall(&[Delivered, Delivered]), Some(Delivered));
        assert_eq!(overall(&[Delivered, Rejected]), Some(Rejected));
        assert_eq!(overall(&[Rejected, Sent]), Some(Sent));
        assert_eq!(overall(&[Sent, Unknown, Queued]), Some(Unknown));
        assert_eq!(overall(&[]), None);
        assert!(is_final(Rejected) && !is_final(Unknown));
    }

    #[test]
    fn a_recipient_not_sent_to_is_known_by_its_state_alone() {
        let mut recipient = Recipient { to: "+393471234567".to_owned(), ..Recipient::default() };
        not_sent(&mut recipient);
        UNSENT_TEXT.clone_into(&mut recipient.vendor_text);
        assert!(!is_unsent(&recipient), "a vendor may have any text");
        unsent(&mut recipient);
        assert!(is_unsent(&recipient) && !is_final(recipient.state()));
        for (is_running, state) in [(true, DeliveryState::Unknown), (false, DeliveryState::Rejected)] {
            let mut shown = recipient.clone();
            show(&mut shown, is_running);
            assert_eq!((shown.state(), shown.vendor_text.is_empty()), (state, false));
        }
    }
}

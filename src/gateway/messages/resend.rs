//! The recipients to whom a route sends a message again. One whose account reported that the message was not delivered is kept
//! open, as the route is about to make up for it: no event reports a final state that does not hold.

use std::time::SystemTime;

use super::state::{is_final, progress};
use crate::api::pb::{DeliveryState, Recipient, Resend};

/// Keeps a recipient open, whose account reported a final state: the message is to be sent again.
pub(super) fn hold(recipient: &mut Recipient) {
    let name = recipient.state().as_str_name().trim_start_matches("DELIVERY_STATE_");
    let explanation = format!("{} reported {name}: the message is sent again", recipient.account);
    leave(recipient);
    recipient.state = DeliveryState::Queued.into();
    recipient.vendor_text = explanation;
}

/// Notes what the account of a recipient reported, and forgets the vendor's id.
fn leave(recipient: &mut Recipient) {
    recipient.resend = Some(Resend {
        account: recipient.account.clone(),
        vendor_message_id: std::mem::take(&mut recipient.vendor_message_id),
        state: recipient.state,
        vendor_code: std::mem::take(&mut recipient.vendor_code),
        vendor_text: std::mem::take(&mut recipient.vendor_text),
        create_time: None,
    });
}

/// Whether a recipient is kept open.
pub(in crate::gateway) fn is_held(recipient: &Recipient) -> bool {
    let is_to_come = recipient.resend.as_ref().is_some_and(|resend| resend.create_time.is_none());
    is_to_come && recipient.state() == DeliveryState::Queued && recipient.vendor_message_id.is_empty()
}

/// Whether an account took the message to a recipient, and has reported no final state.
pub(in crate::gateway) fn is_under_way(state: DeliveryState) -> bool {
    matches!(state, DeliveryState::Queued | DeliveryState::Sent)
}

/// Hands a recipient over to another account. The state is UNKNOWN until that account answers or a look-up finds the message.
pub(in crate::gateway) fn hand_over(recipient: &mut Recipient, account: &str, message_id: &str, now: SystemTime) {
    if recipient.resend.is_none() {
        leave(recipient);
    }
    if let Some(resend) = &mut recipient.resend {
        resend.create_time = Some(now.into());
    }
    recipient.state = DeliveryState::Unknown.into();
    recipient.vendor_text.clear();
    account.clone_into(&mut recipient.account);
    message_id.clone_into(&mut recipient.vendor_message_id);
}

/// Gives a recipient back to the account that took the message first: no other one did, and none is asked once more.
pub(in crate::gateway) fn give_back(recipient: &mut Recipient) {
    if recipient.resend.is_none() {
        leave(recipient);
    }
    let Some(resend) = &mut recipient.resend else { return };
    resend.create_time = None;
    recipient.state = resend.state;
    recipient.account.clone_from(&resend.account);
    recipient.vendor_message_id.clone_from(&resend.vendor_message_id);
    recipient.vendor_code.clone_from(&resend.vendor_code);
    recipient.vendor_text.clone_from(&resend.vendor_text);
}

/// Notes what the first account reports after the message was handed over. If it delivered the message, the recipient has it, whatever
/// becomes of the second one.
pub(super) fn note_first(recipient: &mut Recipient, found: &Recipient) {
    let Some(resend) = &mut recipient.resend else { return };
    let is_news = !is_final(resend.state()) && progress(found.state()) >= progress(resend.state());
    let is_delivered = found.state() == DeliveryState::Delivered;
    if !is_news && !is_delivered {
        return;
    }
    resend.state = found.state;
    resend.vendor_code.clone_from(&found.vendor_code);
    resend.vendor_text.clone_from(&found.vendor_text);
    let first = resend.account.clone();
    if is_delivered && is_held(recipient) {
        give_back(recipient);
    } else if is_delivered && recipient.state() != DeliveryState::Delivered {
        recipient.state = found.state;
        recipient.delivery_time = found.delivery_time;
        recipient.vendor_text = format!("{first} delivered the message that it took first");
    }
}

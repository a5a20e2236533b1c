//! One message of what all accounts answered, or the error of the call.

use std::collections::BTreeMap;

use super::group::Delivered;
use crate::{
    api::pb::{DeliveryState, Message, Recipient, SendMessageRequest, SendMessageResponse},
    call::{Ended, Intent},
    error::{Error, Outcome, Reason},
    vendors::kit::message::merge_as,
};

/// A send by a route.
pub(super) struct Whole<'a> {
    /// The route's resource name.
    pub(super) account: &'a str,
    /// The message's resource name.
    pub(super) name: String,
    pub(super) request: &'a SendMessageRequest,
}

/// Returns the reply of a send. `refused` has the places of recipients that a rule refuses, and
/// `earlier` what became of recipients in an earlier attempt that was interrupted.
///
/// # Errors
/// If no account accepted anything: the error of the first group that failed, or OUTCOME_UNKNOWN if any failed with that.
pub(super) fn assemble(
    Whole { account, name, request }: Whole<'_>,
    refused: &[(usize, usize, &str)],
    earlier: Vec<(usize, Recipient)>,
    delivered: Delivered,
    intent: Option<&dyn Intent>,
) -> Result<SendMessageResponse, Error> {
    let was_taken =
        |recipient: &Recipient| !matches!(recipient.state(), DeliveryState::Unknown | DeliveryState::Rejected);
    let was_any_taken = earlier.iter().any(|(_, known)| was_taken(known));
    let is_unknown = |recipient: &Recipient| recipient.state() == DeliveryState::Unknown;
    let error = earlier.iter().any(|(_, known)| is_unknown(known)).then(|| {
        let text = "an earlier attempt was interrupted";
        Error::new(Reason::OutcomeUnknown, text).outcome(Outcome::Unknown)
    });
    let Delivered { parts, mut known, open, attempts, error: failed_by } = delivered;
    known.extend(earlier);
    let error = error.or(failed_by);
    let is_any_taken = was_any_taken || !parts.is_empty();
    for &(place, rule, why) in refused {
        let to = request.recipients.get(place).cloned().unwrap_or_default();
        known.push((place, Recipient { account: account.to_owned(), ..rejected(to, Reason::RouteRefused, rule, why) }));
    }
    if !is_any_taken {
        let error = error.unwrap_or_else(|| route_refused(refused));
        if let Some(intent) = intent {
            record_failed(intent, request.recipients.len(), &known, &open);
            intent.attempted(attempts);
        }
        return Err(error);
    }
    let mut message = merge_as(name, account, parts);
    for (place, why) in open {
        let to = request.recipients.get(place).map_or("", String::as_str);
        known.push((place, failed(to, account, &why)));
    }
    known.sort_by_key(|(place, _)| *place);
    message.recipients = known.into_iter().map(|(_, known)| known).collect();
    message.recipient_count = i32::try_from(message.recipients.len()).ok();
    message.attempts = attempts;
    Ok(SendMessageResponse { message: Some(message) })
}

/// Records what became of each recipient of a call that fails. Of a single one, the call's error tells.
fn record_failed(intent: &dyn Intent, count: usize, known: &[(usize, Recipient)], open: &BTreeMap<usize, Error>) {
    if count < 2 {
        return;
    }
    for (place, recipient) in known {
        let one = Message { recipients: vec![recipient.clone()], ..Message::default() };
        intent.part_ended(*place, Ended::Known(&[one]));
    }
    open.keys().for_each(|&place| intent.part_ended(place, Ended::NotSent(1)));
}

/// Returns the state of a recipient of a part that failed.
pub(super) fn failed(to: &str, account: &str, error: &Error) -> Recipient {
    let (code, text) = error.explanation();
    let (state, text) = match (error.was_not_sent(), error.was_refused()) {
        (true, _) => (DeliveryState::Rejected, format!("not sent: {text}")),
        (_, true) => (DeliveryState::Rejected, text.to_owned()),
        _ => (DeliveryState::Unknown, text.to_owned()),
    };
    Recipient {
        to: to.to_owned(),
        state: state.into(),
        vendor_code: code.to_owned(),
        vendor_text: text,
        account: account.to_owned(),
        ..Recipient::default()
    }
}

/// Returns the state of a recipient that an account's answer does not have.
pub(super) fn unlisted(to: &str, account: &str) -> Recipient {
    Recipient {
        to: to.to_owned(),
        state: DeliveryState::Unknown.into(),
        vendor_text: "the answer does not list this recipient".to_owned(),
        account: account.to_owned(),
        ..Recipient::default()
    }
}

/// Returns the state of a recipient that smsmux sends nothing to.
fn rejected(to: String, reason: Reason, rule: usize, why: &str) -> Recipient {
    let name = reason.as_str_name();
    Recipient {
        to,
        state: DeliveryState::Rejected.into(),
        vendor_code: name.strip_prefix("ERROR_REASON_").unwrap_or(name).to_owned(),
        vendor_text: format!("not sent: rule {rule} of the route refuses it: {why}"),
        ..Recipient::default()
    }
}

/// Returns the error of a send whose recipients all are refused.
fn route_refused(refused: &[(usize, usize, &str)]) -> Error {
    let text = match refused.first() {
        Some((_, rule, why)) => format!("rule {rule} of the route refuses the message: {why}; nothing was sent"),
        None => "no account of the route could be asked; nothing was sent".to_owned(),
    };
    Error::new(Reason::RouteRefused, text).outcome(Outcome::NotSent)
}

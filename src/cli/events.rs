//! Events for people.

use std::fmt;

use smsmux::{
    api::pb::{
        AccountChanged, ConsentChanged, ConsentSuspected, DeliveryState, Event, EventSource, MessageStateChanged,
        ReceivedMessage, UnreadablePush, account_changed::Condition, event::Subject,
    },
    request::names,
};

/// What happened, in the columns of a table.
pub(super) struct Described<'a> {
    pub(super) account: &'a str,
    number: &'a str,
    what: String,
    by: &'static str,
}

impl Described<'_> {
    /// The heading of the columns.
    pub(super) const HEADING: Described<'static> =
        Described { account: "account", number: "number", what: String::new(), by: "by" };
}

impl fmt::Display for Described<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { account, number, what, by } = self;
        let what = if what.is_empty() { "event" } else { what };
        write!(f, "{account:<10}  {number:<14}  {what:<26}  {by}")
    }
}

/// Describes an event.
pub(super) fn described(event: &Event) -> Described<'_> {
    let (number, what) = match &event.subject {
        Some(Subject::MessageState(changed)) => (&*changed.recipient, state_changed(changed)),
        Some(Subject::ReceivedMessage(ReceivedMessage { from, text, .. })) => (&**from, format!("received \"{text}\"")),
        Some(Subject::Consent(ConsentChanged { phone_number, blocked, .. })) => {
            (&**phone_number, if *blocked { "opted out" } else { "may be written to again" }.to_owned())
        }
        Some(Subject::ConsentSuspected(ConsentSuspected { phone_number, .. })) => {
            (&**phone_number, "may have meant to opt out".to_owned())
        }
        Some(Subject::Account(changed)) => ("", account_changed(changed)),
        Some(Subject::Unreadable(UnreadablePush { problem, .. })) => ("", format!("unreadable push: {problem}")),
        None => ("", event.r#type().as_str_name().trim_start_matches("EVENT_TYPE_").to_owned()),
    };
    Described { account: names::account_id(&event.name), number, what, by: by(event.source()) }
}

/// Returns a state as `DELIVERED`.
pub(super) fn state(state: DeliveryState) -> &'static str {
    state.as_str_name().trim_start_matches("DELIVERY_STATE_")
}

/// Returns a state as `DELIVERED (DLVRD)`, with the vendor's code.
pub(super) fn state_with_code(state: DeliveryState, code: &str) -> String {
    let state = self::state(state);
    if code.is_empty() { state.to_owned() } else { format!("{state} ({code})") }
}

fn state_changed(changed: &MessageStateChanged) -> String {
    state_with_code(changed.state(), &changed.vendor_code)
}

fn account_changed(changed: &AccountChanged) -> String {
    let condition = match changed.condition() {
        Condition::Unspecified => "condition",
        Condition::CredentialRefused => "credential rejected",
        Condition::VendorUnavailable => "vendor unavailable",
        Condition::CreditLow => "credit low",
        Condition::ShareReduced => "share reduced",
    };
    let over = if changed.active { "" } else { " no longer" };
    format!("{condition}{over}: {}", changed.text).trim_end_matches(": ").to_owned()
}

/// Returns how smsmux learned of an event.
fn by(source: EventSource) -> &'static str {
    match source {
        EventSource::Call => "answer to the send",
        EventSource::Lookup => "look-up",
        EventSource::Poll => "poll",
        EventSource::Push => "push",
        EventSource::Operator | EventSource::Unspecified => "smsmux",
    }
}

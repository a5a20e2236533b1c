//! What smSend's platform pushed before its present API: delivery reports and received SMS, by GET. **Built from
//! third-hand facts**: programs that received them. The present API pushes nothing, and so does the stand-in until the
//! settings of the pushes have an address.
//!
//! # Guesses
//!
//! - A push is attempted three times, a minute and five minutes apart, and every 2xx is a success.
//! - `user_reference` is the order's id, `skebby_dispatch_id` counts the orders, and `skebby_message_id` the recipients of
//!   an order. The times are `yyyyMMddHHmmss`, as in the present API.
//! - `status` and `error_code` of the states that only the present API has are the nearest of the older ones.

use jiff::Timestamp;

use super::Smsend;
use super::wire::compact;
use crate::push::{Content, Push, PushKind, Retries};

const RETRIES: Retries = Retries { waits: &[60, 300], accepts: |status| status.is_success() };

/// The older status, code and words of a final state.
fn older(state: &str) -> (&'static str, u16, &'static str) {
    match state {
        "DLVRD" => ("DELIVERED", 1, ""),
        "TIMEOUT" => ("EXPIRED", 401, "expired"),
        "UNKNRCPT" => ("UNDELIVERABLE", 301, "unknown number"),
        "INVALIDDST" | "UNKNPFX" => ("UNDELIVERABLE", 302, "wrong number"),
        "BLACKLISTED" | "INVALIDCONTENTS" => ("REJECTD", 304, "rejected"),
        "ERROR" | "KO" => ("UNDELIVERABLE", 101, "operator fault"),
        _ => ("UNKNOWN", 0, ""),
    }
}

/// The final state of one recipient of an order.
pub(super) struct End<'a> {
    pub(super) order: &'a str,
    pub(super) dispatch: u64,
    pub(super) message: usize,
    pub(super) destination: &'a str,
    pub(super) state: &'a str,
}

impl Smsend {
    /// Pushes the final state of a message.
    pub(super) fn push_report(&self, end: &End<'_>) {
        let (status, code, words) = older(end.state);
        let now = compact(Timestamp::now());
        let query = vec![
            ("skebby_dispatch_id", end.dispatch.to_string()),
            ("skebby_message_id", end.message.to_string()),
            ("recipient", end.destination.trim_start_matches('+').to_owned()),
            ("status", status.to_owned()),
            ("error_code", code.to_string()),
            ("error_message", words.to_owned()),
            ("user_reference", end.order.to_owned()),
            ("skebby_date_time", now.clone()),
            ("operator_date_time", now),
        ];
        self.pusher.push(Push::new(PushKind::Report, Content::Query(query), RETRIES));
    }

    /// Pushes a received SMS.
    pub(super) fn push_received(&self, from: &str, to: &str, text: &str, date: &str) {
        let query = vec![
            ("sender", from.trim_start_matches('+').to_owned()),
            ("receiver", to.trim_start_matches('+').to_owned()),
            ("text", text.to_owned()),
            ("timestamp", date.to_owned()),
        ];
        self.pusher.push(Push::new(PushKind::Received, Content::Query(query), RETRIES));
    }
}

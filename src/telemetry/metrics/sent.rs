//! What vendors accepted.

use prometheus_client::{metrics::counter::Counter, registry::Registry};

use super::{Counters, METRICS, add, label};

#[derive(Debug)]
pub(super) struct Sent {
    recipients: Counters<1>,
    segments: Counters<1>,
}

impl Sent {
    pub(super) fn new(registry: &mut Registry) -> Self {
        let recipients = "Recipients whose message a vendor accepted";
        let segments = "Segments of these messages: one for each recipient and part of the text";
        Self {
            recipients: add(registry, "smsmux_recipients_accepted", recipients, Counters::default()),
            segments: add(registry, "smsmux_segments_accepted", segments, Counters::default()),
        }
    }
}

/// The counters of what the vendor of one account accepted.
#[derive(Debug)]
pub struct SentMetrics {
    recipients: Counter,
    segments: Counter,
}

impl SentMetrics {
    /// Creates the counters of the account with this id.
    pub fn new(account: &str) -> Self {
        let (labels, sent) = (label(account), &METRICS.sent);
        Self {
            recipients: sent.recipients.get_or_create_owned(&labels),
            segments: sent.segments.get_or_create_owned(&labels),
        }
    }

    /// Counts recipients whose message takes so many segments.
    pub fn count(&self, recipients: u64, segments: u32) {
        self.recipients.inc_by(recipients);
        self.segments.inc_by(recipients * u64::from(segments));
    }
}

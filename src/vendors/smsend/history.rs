//! The pages of a history: `GET /smshistory` and `GET /srsmshistory` take the same four parameters.

use jiff::tz::TimeZone;
use prost_types::Timestamp;
use serde::Serialize;

use super::wire;
use crate::{
    epoch,
    request::{check::Check, page::Page},
    vendors::kit::Request,
};

/// smSend requires `from`; it has nothing older than 2000-01-01.
const BEGINNING: Timestamp = Timestamp { seconds: 946_684_800, nanos: 0 };

/// One page of the entries between two times.
pub(super) struct Window {
    pub(super) page: Page,
    from: String,
    to: String,
}

impl Window {
    /// Reads a list request. `filter` is everything else in the request.
    pub(super) fn new(
        check: &mut Check,
        zone: &TimeZone,
        page_size: i32,
        page_token: &str,
        filter: impl Serialize,
        start_time: Option<Timestamp>,
        end_time: Option<Timestamp>,
    ) -> Self {
        let filter = (filter, start_time.map(|t| t.seconds), end_time.map(|t| t.seconds));
        let mut page = Page::new(check, page_size, page_token, filter);
        let until = *page.until.get_or_insert_with(|| end_time.map_or_else(epoch::now_in_seconds, |t| t.seconds));
        let from = time(check, zone, start_time.unwrap_or(BEGINNING), "start_time");
        let to = time(check, zone, Timestamp { seconds: until, nanos: 0 }, "end_time");
        Self { page, from, to }
    }

    /// Adds the window to the request.
    pub(super) fn of(&self, request: Request) -> Request {
        request.query("from", &self.from).query("to", &self.to)
    }
}

/// Returns a time in smSend's form, or records a violation of `field`.
pub(super) fn time(check: &mut Check, zone: &TimeZone, time: Timestamp, field: &str) -> String {
    let text = wire::time_text(&time, zone);
    check.that(text.is_some(), field, "must lie between the years 1 and 9999");
    text.unwrap_or_default()
}

//! What every smSend operation shares on the wire: bodies and queries, rejections, pages, times.
//!
//! # Guesses
//!
//! - A rejection's body is JSON with the reason in `result`. The document says only that details are in
//!   the body; other brands of the same platform answer like this.
//! - Beside the six forms of a date that the document lists, those that its quick starts send are read: ISO 8601, as
//!   Python and C# write it, and `Aug 18, 2017 1:31:00 PM`, as Java's Gson does. Any other is rejected with 400.
//! - Times without a zone are in UTC, and the two-digit years of `ddMMyy` are those from 1969 to 2068. The document
//!   names no zone.

use axum::Json;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::response::{IntoResponse, Response};
use http::request::Parts;
use http::{StatusCode, header};
use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::read;
pub(super) use crate::read::is_email;

/// An answer other than success.
#[derive(Debug)]
pub(super) struct Refusal {
    status: StatusCode,
    reason: String,
}

impl Refusal {
    pub(super) fn new(status: StatusCode, reason: impl Into<String>) -> Self {
        Self { status, reason: reason.into() }
    }

    /// 400: the document's "other errors".
    pub(super) fn bad(reason: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, reason)
    }

    /// 404, which the document has for some operations and not for others.
    pub(super) fn not_found(reason: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, reason)
    }

    /// Converts to plain text, for the operations whose answers are plain text.
    pub(super) fn into_text(self) -> Response {
        (self.status, self.reason).into_response()
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        (self.status, Json(json!({"result": self.reason}))).into_response()
    }
}

/// The result of a handler.
pub(super) type Answer = Result<Response, Refusal>;

/// Fails with a reason unless the condition holds.
pub(super) fn ensure(holds: bool, reason: impl FnOnce() -> String) -> Result<(), Refusal> {
    if holds { Ok(()) } else { Err(Refusal::bad(reason())) }
}

/// Builds an answer in JSON.
pub(super) fn ok_json(status: StatusCode, body: impl Serialize) -> Answer {
    Ok((status, Json(body)).into_response())
}

/// Builds an answer with only the `Location` of what was created or changed. The document prints locations without the
/// base path.
pub(super) fn located(status: StatusCode, place: String) -> Answer {
    Ok((status, [(header::LOCATION, place)]).into_response())
}

/// The body of a request.
pub(super) struct Body<T>(pub(super) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, _: &S) -> Result<Self, Refusal> {
        read::body(request).await.map(Self).map_err(Refusal::bad)
    }
}

/// The parameters of a query.
pub(super) struct Params<T>(pub(super) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Params<T> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        read::query(&parts.uri).map(Self).map_err(Refusal::bad)
    }
}

/// The query parameters of a list.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PageParams {
    page_number: Option<usize>,
    page_size: Option<usize>,
}

/// The requested part of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Page {
    pub(super) number: usize,
    pub(super) size: usize,
}

impl Page {
    /// Creates a page; pages count from 1.
    pub(super) fn new(number: Option<usize>, size: Option<usize>, default_size: usize) -> Result<Self, Refusal> {
        let page = Self { number: number.unwrap_or(1), size: size.unwrap_or(default_size) };
        ensure(page.number > 0 && page.size > 0, || "pageNumber and pageSize start at 1".to_owned())?;
        Ok(page)
    }

    pub(super) fn of(params: &PageParams, default_size: usize) -> Result<Self, Refusal> {
        Self::new(params.page_number, params.page_size, default_size)
    }

    /// Returns the items on this page, and the number of items on all pages.
    pub(super) fn cut<T>(self, items: impl IntoIterator<Item = T>) -> (Vec<T>, usize) {
        let mut total = 0;
        let skipped = (self.number - 1).saturating_mul(self.size);
        let mut page = Vec::new();
        for item in items {
            if total >= skipped && page.len() < self.size {
                page.push(item);
            }
            total += 1;
        }
        (page, total)
    }
}

/// Parses the number at the end of a path, for the document types most ids as integers.
pub(super) fn number(text: &str, what: &str) -> Result<u64, Refusal> {
    text.parse().map_err(|_| Refusal::bad(format!("invalid {what}")))
}

/// Formats a time as `yyyyMMddHHmmss`.
pub(super) fn compact(time: Timestamp) -> String {
    time.to_zoned(TimeZone::UTC).strftime("%Y%m%d%H%M%S").to_string()
}

/// Parses a date: one of the six forms that the document lists, or one that its samples send.
pub(super) fn parse_date(text: &str) -> Option<DateTime> {
    listed_date(text).or_else(|| {
        let gson = text.replace([',', '\u{202f}', ' '], "-");
        let zoned = text.parse::<Timestamp>().map(|time| time.to_zoned(TimeZone::UTC).datetime());
        zoned
            .or_else(|_| text.parse())
            .or_else(|_| DateTime::strptime("%b-%d-%Y-%I:%M:%S-%p", gson.replace("--", "-")))
            .ok()
    })
}

/// Parses one of the six forms that the document lists for a date.
fn listed_date(text: &str) -> Option<DateTime> {
    let shape: String = text.chars().map(|c| if c.is_ascii_digit() { '9' } else { c }).collect();
    let at_midnight = |date: Date| date.to_datetime(Time::midnight());
    match shape.as_str() {
        "999999" => Date::strptime("%d%m%y", text).ok().map(at_midnight),
        "99999999" => Date::strptime("%Y%m%d", text).ok().map(at_midnight),
        "9999999999" => DateTime::strptime("%d%m%y%H%M", text).ok(),
        "99999999999999" => DateTime::strptime("%Y%m%d%H%M%S", text).ok(),
        "9999-99-99 99:99" => DateTime::strptime("%Y-%m-%d %H:%M", text).ok(),
        "9999-99-99 99:99.9" => DateTime::strptime("%Y-%m-%d %H:%M", text.strip_suffix(".0")?).ok(),
        _ => None,
    }
}

/// Checks a time of a history's query, which must be `yyyyMMddHHmmss`.
pub(super) fn history_time(text: &str, what: &str) -> Result<String, Refusal> {
    ensure(text.len() == 14 && listed_date(text).is_some(), || format!("{what} must be yyyyMMddHHmmss"))?;
    Ok(text.to_owned())
}

/// Returns whether this is a phone number in international form: `+` or `00`, and 4 to 15 digits.
pub(super) fn is_phone(text: &str) -> bool {
    text.strip_prefix('+')
        .or_else(|| text.strip_prefix("00"))
        .is_some_and(|digits| (4..=15).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Returns the number with `+`, for both prefixes mean the same number.
pub(super) fn with_plus(phone: &str) -> String {
    phone.strip_prefix("00").map_or_else(|| phone.to_owned(), |digits| format!("+{digits}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::datetime;

    #[test]
    fn the_six_forms_of_a_date_and_those_of_the_samples() {
        for text in ["231216", "20161223", "2016-12-23"] {
            assert_eq!(parse_date(text), Some(datetime(2016, 12, 23, 0, 0, 0, 0)), "{text}");
        }
        for text in [
            "2312161011",
            "20161223101100",
            "2016-12-23 10:11",
            "2016-12-23 10:11.0",
            "2016-12-23 10:11:00",
            "2016-12-23T10:11:00",
            "2016-12-23T11:11:00+01:00",
            "Dec 23, 2016 10:11:00 AM",
            "Dec 23, 2016, 10:11:00\u{202f}AM",
        ] {
            assert_eq!(parse_date(text), Some(datetime(2016, 12, 23, 10, 11, 0, 0)), "{text}");
        }
        assert_eq!(parse_date("Jan 2, 2017 1:31:00 PM"), Some(datetime(2017, 1, 2, 13, 31, 0, 0)));
        assert_eq!(parse_date("2016-12-23T10:11:12.5"), Some(datetime(2016, 12, 23, 10, 11, 12, 500_000_000)));
        for text in [
            "",
            "2016",
            "tomorrow",
            "320116",
            "20161323",
            "20160230",
            "2312162511",
            "20161223101161",
            "2016-12-23 10:11.5",
            "2016-02-30T10:11:00",
            "Dec 32, 2016 10:11:00 AM",
            "+0161223",
        ] {
            assert_eq!(parse_date(text), None, "{text}");
        }
    }

    #[test]
    fn pages_count_from_one() {
        let page = |number, size| Page::new(number, size, 5).unwrap();
        assert_eq!(page(None, None), Page { number: 1, size: 5 });
        assert_eq!(page(Some(2), Some(3)).cut(1..=7), (vec![4, 5, 6], 7));
        assert_eq!(page(Some(3), Some(3)).cut(1..=7), (vec![7], 7));
        assert_eq!(page(Some(usize::MAX), Some(usize::MAX)).cut(1..=7), (vec![], 7));
        assert!(Page::new(Some(0), None, 5).is_err());
        assert!(Page::new(None, Some(0), 5).is_err());
    }

    #[test]
    fn phones() {
        for good in ["+3934", "+393471234567", "00393471234567", "+123456789012345"] {
            assert!(is_phone(good), "{good}");
        }
        for bad in ["", "+", "+123", "393471234567", "+39 347", "+1234567890123456", "0039a471", "+３９３４７１"]
        {
            assert!(!is_phone(bad), "{bad}");
        }
        assert_eq!(with_plus("00393471234567"), "+393471234567");
    }
}

//! A vendor's answer to a call.

use std::{collections::BTreeMap, fmt, sync::Arc, time::Duration};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, StatusCode, header};
use percent_encoding::percent_decode_str;
use secrecy::ExposeSecret;
use serde::{
    Deserialize,
    de::{DeserializeOwned, IgnoredAny},
};

use super::{
    client::{retry_after, unreadable, unreadable_status},
    redact::redact,
    request::{Effect, Request, Secrets},
};
use crate::{
    error::{Error, Outcome, Reason},
    vendors::kit::lenient::{self, List, Words},
};

/// A vendor's answer, whatever its status. Boxed, because futures reserve space for it.
pub struct Reply(Box<Answer>);

struct Answer {
    operation: &'static str,
    effect: Effect,
    status: StatusCode,
    headers: HeaderMap,
    /// UTF-8.
    body: Bytes,
    secrets: Secrets,
}

impl Reply {
    pub(super) fn new(request: &Request, status: StatusCode, headers: HeaderMap, body: Bytes) -> Self {
        let (operation, effect, secrets) = (request.operation(), request.effect(), Arc::clone(request.secrets()));
        Self(Box::new(Answer { operation, effect, status, headers, body: lenient::decoded(body), secrets }))
    }

    /// Creates an answer of these bytes; the first line is its `Location` too.
    #[cfg(any(test, feature = "fuzzing"))]
    pub(crate) fn of(bytes: &[u8]) -> Self {
        let line = bytes.split(|b| *b == b'\n').next().unwrap_or_default();
        let location = http::HeaderValue::from_bytes(line).ok();
        let headers = location.map(|location| (header::LOCATION, location)).into_iter().collect();
        Self::new(&Request::new("POST /"), StatusCode::OK, headers, Bytes::copy_from_slice(bytes))
    }

    /// Returns the HTTP status.
    pub fn status(&self) -> StatusCode {
        self.0.status
    }

    /// Returns a header's value, if it is text.
    pub fn header(&self, name: HeaderName) -> Option<&str> {
        self.0.headers.get(name)?.to_str().ok()
    }

    /// Returns the vendor's `Retry-After`.
    pub fn retry_after(&self) -> Option<Duration> {
        retry_after(self.header(header::RETRY_AFTER))
    }

    /// Returns the id of a created resource from an answer that has it only in `Location`: the last segment.
    ///
    /// # Errors
    /// As [`Reply::unreadable`], when there is no id.
    pub fn location_id(&self) -> Result<String, Error> {
        let location = self.header(header::LOCATION).unwrap_or_default().trim();
        let path = location.split(['?', '#']).next().unwrap_or_default().trim_end_matches('/');
        let id = path.rsplit('/').next().filter(|id| !id.is_empty() && path.contains('/'));
        let id = id.map(|id| percent_decode_str(id).decode_utf8_lossy().into_owned());
        id.ok_or_else(|| self.unreadable("it has no Location with an id"))
    }

    /// Returns whether the call may have changed something.
    pub fn effect(&self) -> Effect {
        self.0.effect
    }

    /// Returns the body as text, without surrounding white space. Undecodable bytes are U+FFFD.
    pub fn text(&self) -> &str {
        let text = std::str::from_utf8(&self.0.body).unwrap_or_default();
        text.trim_matches(|c: char| c.is_whitespace() || c == '\0')
    }

    /// Returns the body as a JSON object. PHP writes an empty one as `[]`.
    ///
    /// # Errors
    /// As [`Reply::unreadable`], when it is not an object of this type.
    pub fn object<T: DeserializeOwned>(&self) -> Result<T, Error> {
        match self.text() {
            text if text.starts_with('{') => self.json(text),
            // serde would take a list for the members of an object, one after the other.
            text if text.strip_prefix('[').is_some_and(|rest| rest.trim_start() == "]") => self.json("{}"),
            _ => Err(self.unreadable("it is not a JSON object")),
        }
    }

    /// Returns the body as a JSON list, with `None` for each entry that cannot be read, or not by `read`.
    ///
    /// # Errors
    /// As [`Reply::unreadable`], when it is not a list.
    pub fn list<T: DeserializeOwned, U>(&self, read: impl Fn(T) -> Option<U>) -> Result<Vec<Option<U>>, Error> {
        match self.text() {
            text if text.starts_with('[') => {
                let List(entries) = self.json(text)?;
                self.entries(List(entries.into_iter().map(|entry| entry.and_then(&read)).collect()))
            }
            _ => Err(self.unreadable("it is not a JSON list")),
        }
    }

    /// Returns the body as JSON of any kind.
    ///
    /// # Errors
    /// As [`Reply::unreadable`], when it is not JSON.
    pub fn value(&self) -> Result<serde_json::Value, Error> {
        self.json(self.text())
    }

    /// Returns the entries of a list within the answer. The number of unreadable entries is logged.
    ///
    /// # Errors
    /// As [`Reply::unreadable`], when there are entries and none can be read: the list must not look empty.
    pub fn entries<T>(&self, list: List<T>) -> Result<Vec<Option<T>>, Error> {
        let (unreadable, operation) = (list.unreadable(), self.0.operation);
        if unreadable > 0 {
            if unreadable == list.0.len() {
                return Err(self.unreadable("no entry of its list can be read"));
            }
            tracing::warn!(operation, unreadable, "skipped unreadable entries of a vendor's list");
        }
        Ok(list.0)
    }

    fn json<T: DeserializeOwned>(&self, text: &str) -> Result<T, Error> {
        // serde's text can quote the answer, and with it a phone number: only the position is reported.
        lenient::read(text)
            .map_err(|e| self.unreadable(&format!("unexpected JSON at line {} column {}", e.line(), e.column())))
    }

    /// Checks only that the body is empty or JSON without an error. Rejects, for example, a proxy's HTML page.
    ///
    /// # Errors
    /// As [`Reply::unreadable`], when the body is neither.
    pub fn acknowledged(&self) -> Result<(), Error> {
        match self.text() {
            "" => Ok(()),
            text if text.starts_with('{') => match self.json::<Fault>(text)?.is_there() {
                true => Err(self.unreadable("it contains an error")),
                false => Ok(()),
            },
            text => self.json::<IgnoredAny>(text).map(drop),
        }
    }

    /// Returns the error for an answer that cannot be read: for a write, the outcome is unknown.
    pub fn unreadable(&self, what: &str) -> Error {
        unreadable(self.0.effect, what).operation(self.0.operation).http_status(self.0.status.as_u16())
    }

    /// Returns the error for an answer whose status is neither 2xx nor one that the vendor documents.
    pub(super) fn unexpected(&self) -> Error {
        let error = unreadable_status(self.0.effect, self.0.status).operation(self.0.operation);
        error.http_status(self.0.status.as_u16()).vendor_message(&self.excerpt())
    }

    /// Returns the error for a vendor's rejection: `message` for people, `text` in the vendor's own words.
    pub fn refused(&self, reason: Reason, message: impl Into<String>, text: &str) -> Error {
        Error::new(reason, message)
            .outcome(Outcome::Refused)
            .operation(self.0.operation)
            .http_status(self.0.status.as_u16())
            .vendor_message(&self.redact(text))
    }

    /// Returns the beginning of the body as text, without secrets of the call.
    pub fn excerpt(&self) -> String {
        let text = self.text();
        let end = (0..=text.len().min(2048)).rev().find(|&end| text.is_char_boundary(end)).unwrap_or_default();
        self.redact(&text[..end])
    }

    /// Returns the vendor's text for its rejection: the first non-empty of these members of a JSON object, else the
    /// body as it is.
    pub fn words(&self, members: &[&str]) -> String {
        let object: BTreeMap<String, Words> = self.object().unwrap_or_default();
        let mut texts = members.iter().filter_map(|&member| object.get(member)?.0.as_deref());
        texts.next().map_or_else(|| self.excerpt(), |text| self.redact(text))
    }

    /// Removes every secret of the call from `text`: some vendors repeat the request.
    fn redact(&self, text: &str) -> String {
        let secrets = self.0.secrets.iter().map(ExposeSecret::expose_secret);
        secrets.fold(text.to_owned(), |text, secret| redact(&text, secret))
    }
}

/// Omits body and headers: those of a login are its keys.
impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Reply({}, {}, {} bytes)", self.0.operation, self.0.status, self.0.body.len())
    }
}

/// Members that a successful answer does not have.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Fault {
    error: Words,
    errors: Words,
}

impl Fault {
    fn is_there(&self) -> bool {
        [&self.error, &self.errors]
            .iter()
            .any(|words| words.0.as_deref().is_some_and(|text| !matches!(text, "false" | "0")))
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn the_text_of_a_rejection_is_found_in_any_member() {
        let request = Request::new("GET /x").secret_query("password", &"hunter2".into());
        for (body, words) in [
            (r#"{"error": "", "detail": "no hunter2"}"#, "no ***"),
            (r#"{"error": {"code": 7}}"#, "code: 7"),
            (r#"{"error": [], "detail": ["no", "hunter2"]}"#, "no; ***"),
            ("just text", "just text"),
            ("", ""),
        ] {
            let reply = Reply::new(&request, StatusCode::BAD_REQUEST, HeaderMap::new(), Bytes::from(body));
            assert_eq!(reply.words(&["error", "detail"]), words);
        }
    }

    #[test]
    fn an_excerpt_blacks_out_what_the_vendor_repeats() {
        let request = Request::new("GET /x").secret_query("password", &"hunter2".into());
        let reply =
            Reply::new(&request, StatusCode::BAD_REQUEST, HeaderMap::new(), Bytes::from("bad password hunter2"));
        assert_eq!(reply.excerpt(), "bad password ***");
        let request = Request::new("POST /x").secret_in_body("hunter3");
        let reply =
            Reply::new(&request, StatusCode::BAD_REQUEST, HeaderMap::new(), Bytes::from("hunter3 is too short"));
        assert_eq!(reply.excerpt(), "*** is too short");
    }

    #[test]
    fn an_id_is_the_last_segment_of_the_location() {
        let request = Request::new("POST /contact");
        let id = |location: &'static str| {
            let headers = HeaderMap::from_iter([(header::LOCATION, HeaderValue::from_static(location))]);
            Reply::new(&request, StatusCode::CREATED, headers, Bytes::new()).location_id().ok()
        };
        assert_eq!(id("/contact/AVvZEw").as_deref(), Some("AVvZEw"));
        assert_eq!(id(" /list/1/issue/5 ").as_deref(), Some("5"));
        assert_eq!(id("https://example.com/API/v1.0/REST/group/a%2Fb/").as_deref(), Some("a/b"));
        assert_eq!((id(""), id("/"), id("x")), (None, None, None));
    }

    #[test]
    fn unreadable_json_quotes_nothing_of_the_answer() {
        let request = Request::new("POST /x");
        let reply = Reply::new(&request, StatusCode::OK, HeaderMap::new(), Bytes::from(r#"{"a":"+393471234567"}"#));
        let error = reply.list(Some::<u8>).expect_err("no list").to_string();
        assert!(error.starts_with("OUTCOME_UNKNOWN") && !error.contains("39"), "{error}");
    }

    fn reply(operation: &'static str, body: &'static [u8]) -> Reply {
        Reply::new(&Request::new(operation), StatusCode::OK, HeaderMap::new(), Bytes::from_static(body))
    }

    #[test]
    fn one_bad_byte_replaces_only_that_byte() {
        #[derive(Debug, PartialEq, Deserialize)]
        struct Answer {
            text: String,
        }
        for (body, text) in [
            (&b"{\"text\": \"citt\xe0\"}"[..], "citt\u{fffd}"),
            (b"\xef\xbb\xbf{\"text\": \"a\"}", "a"),
            (br#"{"text": "a\ud83d"}"#, "a\u{fffd}"),
            (br#"{"a\udc00": 1, "text": "a"}"#, "a"),
            (b"{\"text\": \"a\nb\"}\0\0<!-- 7 -->", "a\nb"),
            (br#"{"text": "a", "x": NaN, "text": "a"}"#, "a"),
        ] {
            let answer = reply("GET /x", body).object::<Answer>().unwrap_or_else(|e| panic!("{body:?}: {e}"));
            assert_eq!(answer.text, text, "{body:?}");
        }
    }

    #[test]
    fn a_list_is_not_an_object_and_an_object_is_not_a_list() {
        #[derive(Debug, Deserialize)]
        struct Answer {
            #[serde(default)]
            id: Option<String>,
        }
        assert_eq!(reply("GET /x", b" [ ] ").object::<Answer>().expect("PHP's empty object").id, None);
        for body in [&br#"["an id"]"#[..], b"7", b"", b"<html>", b"null"] {
            assert!(reply("GET /x", body).object::<Answer>().is_err(), "{body:?}");
        }
        for body in [&b"{}"[..], b"7", b"", b"null"] {
            assert!(reply("GET /x", body).list(Some::<Answer>).is_err(), "{body:?}");
        }
        let entries =
            reply("GET /x", br#"[{"id": "1"}, 7, {"id": "cut \ud83d"}]"#).list(Some::<Answer>).expect("a list");
        let ids: Vec<_> = entries.into_iter().map(|entry| entry.and_then(|answer| answer.id)).collect();
        assert_eq!(ids, [Some("1".to_owned()), None, Some("cut \u{fffd}".to_owned())]);
    }

    #[test]
    fn an_acknowledgement_is_empty_or_json_without_an_error() {
        for body in [&b""[..], b" \n", b"{}", b"true", b"\"\"", br#"{"id": 1, "error": null, "errors": []}"#, b"[1]"] {
            assert!(reply("DELETE /x", body).acknowledged().is_ok(), "{body:?}");
        }
        for body in [&b"<html>Down</html>"[..], b"OK", br#"{"error": "upstream timeout"}"#, br#"{"errors": ["no"]}"#] {
            let error = reply("DELETE /x", body).acknowledged().expect_err("no yes");
            assert_eq!(error.reason(), Reason::OutcomeUnknown, "{body:?}");
        }
    }
}

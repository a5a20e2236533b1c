//! Reads the requests by which vendors push: JSON in the body, a form, or the pairs of a query.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::Request;
use ring::digest::{SHA256, digest};
use serde::de::DeserializeOwned;

use super::lenient::{self, List};
pub use crate::api::pushed::{Key, OptOut, Other, Part, Pushed, Received, Registered, Registration, Report, Webhook};
use crate::{
    error::{Error, Reason},
    text::hex,
};

/// Reads the objects of a push: that of the body or each of a list, else the pairs of a form, else those of the query. An
/// object that is no `T` becomes `None`.
///
/// # Errors
/// VENDOR_REPLY_UNREADABLE.
pub(in crate::vendors) fn objects<T: DeserializeOwned>(push: &Request<Bytes>) -> Result<Vec<Option<T>>, Error> {
    let body = lenient::decoded(push.body().clone());
    let text = std::str::from_utf8(&body).unwrap_or_default().trim();
    match text.as_bytes().first() {
        Some(b'{') => Ok(vec![lenient::read(text).ok()]),
        Some(b'[') => Ok(lenient::read::<List<T>>(text).map_err(|_| unreadable())?.0),
        Some(_) => Ok(vec![pairs(text.as_bytes())]),
        None => Ok(vec![pairs(push.uri().query().unwrap_or_default().as_bytes())]),
    }
}

/// Reads the pairs of a form or a query like the members of an object.
fn pairs<T: DeserializeOwned>(text: &[u8]) -> Option<T> {
    let pairs: BTreeMap<_, _> = url::form_urlencoded::parse(text).collect();
    serde_json::to_string(&pairs).ok().and_then(|json| lenient::read(&json).ok())
}

/// Returns the error of a push that has none of the vendor's forms.
pub(in crate::vendors) fn unreadable() -> Error {
    Error::new(Reason::VendorReplyUnreadable, "the push has none of the vendor's forms")
}

/// Hashes what a push has in place of an id.
pub(in crate::vendors) fn content(parts: &[&str]) -> String {
    // With its length, so that no two lists of parts are the same text.
    let text: String = parts.iter().map(|part| format!("{}:{part}", part.len())).collect();
    hex(&digest(&SHA256, text.as_bytes()).as_ref()[..16])
}

#[cfg(test)]
pub(in crate::vendors) mod tests {
    use super::*;

    /// A push by POST, as JSON.
    pub(in crate::vendors) fn post(body: &str) -> Request<Bytes> {
        let request = Request::post("https://sms.example.com/a/t").header("content-type", "application/json");
        request.body(Bytes::copy_from_slice(body.as_bytes())).expect("a request")
    }

    /// A push by GET.
    pub(in crate::vendors) fn get(query: &str) -> Request<Bytes> {
        Request::get(format!("https://sms.example.com/a/t?{query}")).body(Bytes::new()).expect("a request")
    }

    type Pairs = BTreeMap<String, String>;

    fn read(push: &Request<Bytes>) -> Option<Vec<Option<Pairs>>> {
        objects(push).ok()
    }

    #[test]
    fn json_a_form_and_a_query_are_the_same() {
        let pairs = Pairs::from([("a".to_owned(), "1 é".to_owned()), ("b".to_owned(), String::new())]);
        for push in [post(r#"{"a": "1 é", "b": ""}"#), post("a=1+%C3%A9&b="), get("a=1%20%C3%A9&b"), get("a=0&b&a=1+é")]
        {
            assert_eq!(read(&push), Some(vec![Some(pairs.clone())]), "{push:?}");
        }
        assert_eq!(read(&post(r#" [{"a": "1 é", "b": ""}, 5]"#)), Some(vec![Some(pairs), None]));
        assert_eq!(read(&post("[")), None);
        assert_eq!((read(&post("{")), read(&get(""))), (Some(vec![None]), Some(vec![Some(Pairs::new())])));
    }

    #[test]
    fn a_hash_of_the_content_keeps_its_parts_apart() {
        assert_eq!(content(&["a", "bc"]), content(&["a", "bc"]));
        assert_eq!(content(&["a", "bc"]).len(), 32);
        assert_ne!(content(&["a", "bc"]), content(&["ab", "c"]));
    }
}

//! Reads requests as leniently as the vendors' own servers: what a document does not reject is accepted.
//!
//! The vendors' own clients must work with the stand-ins, and send more than the documents list: members of newer
//! pages, `null` for unset members, numbers in quotes, JSON under the content type of a form. So unknown members and
//! parameters are ignored, `null` and an empty parameter are absent, and the content type only selects the parsing of a
//! body that is not JSON. `tests/conformance` compares the requests of our own adapters with the documents, member by
//! member.

use axum::body::to_bytes;
use axum::extract::Request;
use http::{HeaderMap, Uri, header};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use url::form_urlencoded;

use super::loose::Loose;

/// Reads the body of a request as a `T`, or returns why it is invalid.
pub(super) async fn body<T: DeserializeOwned>(request: Request) -> Result<T, String> {
    of(value(request).await?)
}

/// Reads the body of a request: JSON, or the fields of a form where the request declares one.
pub(super) async fn value(request: Request) -> Result<Value, String> {
    let form = is_form(request.headers());
    // Not by an extractor, for those stop at 2 MB, and an e-mail's attachments may be larger. The server has a limit.
    let body = to_bytes(request.into_body(), usize::MAX).await.map_err(|error| error.to_string())?;
    // .NET writers prepend a byte order mark.
    let text = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&body);
    match serde_json::from_slice(text) {
        Err(_) if form && !text.is_empty() => Ok(fields(text).into()),
        json => json.map_err(|error| format!("invalid body: {error}")),
    }
}

/// Converts a value to a `T`, or returns why it is invalid.
pub(super) fn of<T: DeserializeOwned>(value: Value) -> Result<T, String> {
    T::deserialize(Loose(value)).map_err(|error| format!("invalid request: {error}"))
}

/// Reads the query of an address as a `T`, or returns why it is invalid.
pub(super) fn query<T: DeserializeOwned>(uri: &Uri) -> Result<T, String> {
    of(parameters(uri).into())
}

/// Returns the parameters of an address.
pub(super) fn parameters(uri: &Uri) -> Map<String, Value> {
    fields(uri.query().unwrap_or_default().as_bytes())
}

/// Parses fields in the encoding of forms and queries, with brackets as in PHP: `a[]=1` and `a[0]=1` make lists,
/// `a[b]=1` makes an object. An empty field is absent, and of duplicates the last one counts.
fn fields(encoded: &[u8]) -> Map<String, Value> {
    let mut fields = Map::new();
    for (name, value) in form_urlencoded::parse(encoded).filter(|(_, value)| !value.is_empty()) {
        let value = Value::String(value.into_owned());
        match name.strip_suffix(']').and_then(|name| name.split_once('[')) {
            None => drop(fields.insert(name.into_owned(), value)),
            Some((list, index)) if index.bytes().all(|byte| byte.is_ascii_digit()) => {
                if let Value::Array(list) = fields.entry(list).or_insert_with(|| Value::Array(Vec::new())) {
                    list.push(value);
                }
            }
            Some((object, member)) => {
                if let Value::Object(object) = fields.entry(object).or_insert_with(|| Map::new().into()) {
                    object.insert(member.to_owned(), value);
                }
            }
        }
    }
    fields
}

fn is_form(headers: &HeaderMap) -> bool {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    content_type.to_ascii_lowercase().starts_with("application/x-www-form-urlencoded")
}

/// Returns the value of a header that occurs exactly once.
///
/// Header names are case-insensitive in HTTP, but an underscore is part of them: `User-Key` is another header than
/// `user_key`, and a client that rewrites the names is unauthenticated.
pub(super) fn only<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => value.to_str().ok(),
        _ => None,
    }
}

/// Returns whether this looks like an e-mail address: enough to catch a phone number in the wrong field.
pub(super) fn is_email(text: &str) -> bool {
    text.split_once('@').is_some_and(|(local, domain)| {
        !local.is_empty()
            && domain.contains('.')
            && !domain.starts_with('.')
            && !domain.ends_with('.')
            && !domain.contains('@')
            && !text.contains(char::is_whitespace)
    })
}

/// Returns whether this is an address that a vendor could call.
pub(super) fn is_web_address(text: &str) -> bool {
    let url = url::Url::parse(text);
    url.is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
        && !text.contains(char::is_whitespace)
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use serde_json::json;

    use super::*;

    async fn read(content_type: Option<&str>, body: &[u8]) -> Result<Value, String> {
        let request =
            content_type.into_iter().fold(http::Request::builder(), |r, value| r.header("content-type", value));
        value(request.body(Body::from(body.to_vec())).unwrap()).await
    }

    #[tokio::test]
    async fn json_is_read_under_any_content_type_and_a_form_under_its_own() {
        let form = "application/x-www-form-urlencoded; charset=utf-8";
        for content_type in [None, Some("text/plain"), Some("application/json"), Some("Application/JSON"), Some(form)] {
            assert_eq!(read(content_type, b"\xef\xbb\xbf{\"a\": 1}").await, Ok(json!({"a": 1})), "{content_type:?}");
        }
        assert_eq!(read(Some(form), b"a=https%3A%2F%2Fb.c&d=").await, Ok(json!({"a": "https://b.c"})));
        for content_type in [None, Some("application/json"), Some("text/plain")] {
            assert!(read(content_type, b"a=b").await.is_err(), "{content_type:?}");
            assert!(read(content_type, b"").await.is_err(), "{content_type:?}");
        }
        assert!(read(Some(form), b"").await.is_err());
    }

    #[test]
    fn brackets_make_lists_and_objects() {
        let uri = "/?u%5B0%5D=a&u[]=b&t[gte]=1&t[lt]=9&p=2&p=3&e=&x=+39".parse().unwrap();
        let expected = json!({"u": ["a", "b"], "t": {"gte": "1", "lt": "9"}, "p": "3", "x": " 39"});
        assert_eq!(Value::from(parameters(&uri)), expected);
        assert_eq!(parameters(&"/".parse().unwrap()), Map::new());
    }

    #[test]
    fn addresses() {
        assert!(is_email("a@b.it"));
        for bad in ["", "a", "a@b", "@b.it", "a@b.", "a@.it", "a b@c.it", "a@b@c.it"] {
            assert!(!is_email(bad), "{bad}");
        }
        assert!(is_web_address("https://www.myserver.com/myapp"));
        for bad in ["", "www.myserver.com", "ftp://a.it", "https://", "https://a b.it"] {
            assert!(!is_web_address(bad), "{bad}");
        }
    }

    #[test]
    fn a_header_counts_when_it_came_once() {
        let mut headers = HeaderMap::new();
        assert_eq!(only(&headers, "authorization"), None);
        headers.append(header::AUTHORIZATION, "a".parse().unwrap());
        assert_eq!(only(&headers, "authorization"), Some("a"));
        headers.append(header::AUTHORIZATION, "a".parse().unwrap());
        assert_eq!(only(&headers, "authorization"), None);
    }
}

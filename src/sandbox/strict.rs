//! Reading requests without mercy, the same for every stand-in.

use axum::body::to_bytes;
use axum::extract::Request;
use http::{HeaderMap, header};
use serde::de::DeserializeOwned;

/// The JSON body of a request, or why it is none. That it names no field we do not know is for `T` to see to.
pub(super) async fn json<T: DeserializeOwned>(request: Request) -> Result<T, String> {
    if !is_json(request.headers()) {
        return Err("Content-Type must be application/json".to_owned());
    }
    // Not by an extractor, for those stop at 2 MB, and an e-mail's attachments may be larger. The server has a limit.
    let body = to_bytes(request.into_body(), usize::MAX).await.map_err(|error| error.to_string())?;
    serde_json::from_slice(&body).map_err(|error| format!("invalid body: {error}"))
}

fn is_json(headers: &HeaderMap) -> bool {
    let Some(value) = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()) else {
        return false;
    };
    let essence = value.split_once(';').map_or(value, |(essence, _)| essence);
    essence.trim().eq_ignore_ascii_case("application/json")
}

/// The value of a header that came exactly once.
///
/// HTTP gives no meaning to the letter case of a name, but an underscore is part of it: `User-Key` is another header than
/// `user_key`, and a client that rewrites the names is not signed in.
pub(super) fn only<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => value.to_str().ok(),
        _ => None,
    }
}

/// Whether this looks like an e-mail address: enough to catch a phone number in the wrong field.
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

/// Whether this is an address that a vendor could call.
pub(super) fn is_web_address(text: &str) -> bool {
    let url = url::Url::parse(text);
    url.is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
        && !text.contains(char::is_whitespace)
}

#[cfg(test)]
mod tests {
    use super::*;

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

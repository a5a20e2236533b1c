//! The HTTP request of an attempt.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderValue, Method, Request, header};
use http_body_util::Full;
use percent_encoding::percent_decode_str;
use serde_json::Value;
use url::Url;

use super::{Content, PushFault};

/// Neither JSON nor UTF-8.
const GARBAGE: &[u8] = b"\xff\xfe{\"id\": ";

/// Builds the request of a push to an address, whose credentials become HTTP Basic.
pub(super) fn build(to: &str, content: Content, fault: Option<&PushFault>) -> Result<Request<Full<Bytes>>, String> {
    let mut url = Url::parse(to).map_err(|error| format!("invalid address: {error}"))?;
    let basic = basic(&url);
    // The URL of a request has no credentials. They cannot be removed where there can be none.
    let _ = (url.set_username(""), url.set_password(None));
    let (method, body) = match content {
        Content::Json(value) => (Method::POST, Bytes::from(body(value, fault))),
        Content::Query(parameters) => {
            add(&mut url, &parameters, fault);
            (Method::GET, Bytes::new())
        }
    };
    let mut request = Request::builder().method(&method).uri(url.as_str());
    if method == Method::POST {
        request = request.header(header::CONTENT_TYPE, "application/json");
    }
    if let Some(basic) = basic {
        request = request.header(header::AUTHORIZATION, basic);
    }
    request.body(Full::new(body)).map_err(|error| format!("invalid request: {error}"))
}

/// Returns the header of the credentials in an address.
fn basic(url: &Url) -> Option<HeaderValue> {
    let password = url.password()?;
    let decoded = |text| percent_decode_str(text).collect::<Vec<u8>>();
    let pair = [&decoded(url.username())[..], b":", &decoded(password)].concat();
    HeaderValue::from_str(&format!("Basic {}", STANDARD.encode(pair))).ok()
}

fn body(mut value: Value, fault: Option<&PushFault>) -> Vec<u8> {
    match fault {
        Some(PushFault::Garbage) => return GARBAGE.to_vec(),
        Some(PushFault::Oversized { bytes }) => value["padding"] = "x".repeat(*bytes).into(),
        _ => {}
    }
    value.to_string().into_bytes()
}

fn add(url: &mut Url, parameters: &[(&str, String)], fault: Option<&PushFault>) {
    if fault == Some(&PushFault::Garbage) {
        url.set_query(Some("%FF%FE&=&=="));
        return;
    }
    let mut query = url.query_pairs_mut();
    query.extend_pairs(parameters);
    if let Some(PushFault::Oversized { bytes }) = fault {
        query.append_pair("padding", &"x".repeat(*bytes));
    }
}

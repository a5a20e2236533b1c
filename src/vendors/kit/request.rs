//! One HTTP request to a vendor.

use std::{fmt, io::Write as _, sync::Arc};

use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use http::{
    HeaderMap, HeaderName, HeaderValue, Method, Uri, header,
    uri::{self, PathAndQuery},
};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;

use crate::error::Error;

/// In a query all but RFC 3986's unreserved characters is encoded: a `+` becomes `%2B` and a space `%20`, which no
/// server can misinterpret.
const QUERY: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// In a path segment the characters that RFC 3986 permits there stay as they are: the vendors' documents print `+` and
/// `,`.
#[rustfmt::skip]
const SEGMENT: &AsciiSet = &QUERY
    .remove(b'!').remove(b'$').remove(b'&').remove(b'\'').remove(b'(').remove(b')').remove(b'*').remove(b'+')
    .remove(b',').remove(b';').remove(b'=').remove(b':').remove(b'@');

/// Whether a call changes something at the vendor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Changes nothing: may be repeated.
    Read,
    /// May change something: repeated only when the vendor provably has not acted.
    Write,
}

/// One HTTP request, which can be sent again after a renewed login. Boxed, as it is moved often.
#[derive(Clone)]
pub struct Request(Box<Parts>);

#[derive(Clone)]
struct Parts {
    method: Method,
    operation: &'static str,
    effect: Effect,
    bypass_breaker: bool,
    target: String,
    rest: &'static str,
    /// The index of the `?` in the target, if there is a query.
    query: Option<usize>,
    malformed: bool,
    /// Without those that every request has.
    headers: Vec<(HeaderName, HeaderValue)>,
    body: Option<Bytes>,
    secrets: Secrets,
}

/// The secrets that no error may repeat. Shared by a call and its answers, to avoid copies.
pub(super) type Secrets = Arc<Vec<SecretString>>;

impl Request {
    /// Creates a request for `operation`, which is the method and the path as the vendor documents them: `GET
    /// /sms/{order_id}`. A GET is a read, any other method a write, unless [`Request::effect_is`] overrides it.
    pub fn new(operation: &'static str) -> Self {
        let (method, path) = operation.split_once(' ').unwrap_or(("GET", operation));
        let method = Method::from_bytes(method.as_bytes()).unwrap_or(Method::GET);
        let effect = if method == Method::GET { Effect::Read } else { Effect::Write };
        let (fixed, rest) = split(path);
        let mut target = String::with_capacity(128);
        target.push_str(fixed);
        Self(Box::new(Parts {
            method,
            operation,
            effect,
            bypass_breaker: false,
            target,
            rest,
            query: None,
            malformed: false,
            // As many as most vendors' credentials need; a vector makes room for four otherwise.
            headers: Vec::with_capacity(2),
            body: None,
            secrets: Secrets::default(),
        }))
    }

    /// Fills the next placeholder of the path.
    #[must_use]
    pub fn id(mut self, value: &str) -> Self {
        // Servers would resolve these dot segments, encoded or not, to another resource.
        self.0.malformed |= value == "." || value == "..";
        self.0.target.extend(utf8_percent_encode(value, SEGMENT));
        let (fixed, rest) = self.0.rest.split_once('}').map_or(("", ""), |(_, rest)| split(rest));
        self.0.target.push_str(fixed);
        self.0.rest = rest;
        self
    }

    /// Appends a query parameter.
    #[must_use]
    pub fn query(mut self, key: &str, value: impl AsRef<str>) -> Self {
        self.0.target.push(if self.0.query.is_some() { '&' } else { '?' });
        self.0.query.get_or_insert(self.0.target.len() - 1);
        self.0.target.push_str(key);
        self.0.target.push('=');
        self.0.target.extend(utf8_percent_encode(value.as_ref(), QUERY));
        self
    }

    /// Appends a query parameter that is a secret.
    #[must_use]
    pub fn secret_query(mut self, key: &str, value: &SecretString) -> Self {
        self.conceal(value.clone());
        self.query(key, value.expose_secret())
    }

    /// Sets a header that is a secret.
    #[must_use]
    pub fn secret_header(mut self, name: HeaderName, value: &SecretString) -> Self {
        self.conceal(value.clone());
        // A value that is invalid in a header is left out, and the vendor rejects the call.
        match HeaderValue::from_str(value.expose_secret()) {
            Ok(mut value) => {
                value.set_sensitive(true);
                self.header(name, value)
            }
            Err(_) => self,
        }
    }

    /// Sets a bearer token (RFC 6750).
    #[must_use]
    pub fn bearer(self, token: &SecretString) -> Self {
        self.authorization("Bearer", token.clone())
    }

    /// Sets a name, which must not contain a colon, and a password as basic authentication (RFC 7617).
    #[must_use]
    pub fn basic(mut self, username: &str, password: &SecretString) -> Self {
        self.conceal(password.clone());
        let pair = STANDARD.encode(format!("{username}:{}", password.expose_secret()));
        self.authorization("Basic", pair.into())
    }

    fn authorization(self, scheme: &str, credential: SecretString) -> Self {
        let value = format!("{scheme} {}", credential.expose_secret()).into();
        let mut request = self.secret_header(header::AUTHORIZATION, &value);
        // By itself too: a vendor that repeats it may omit the scheme.
        request.conceal(credential);
        request
    }

    /// Marks a secret that the body contains, so that no error repeats it.
    #[must_use]
    pub fn secret_in_body(mut self, value: &str) -> Self {
        self.conceal(value.into());
        self
    }

    fn conceal(&mut self, secret: SecretString) {
        Arc::make_mut(&mut self.0.secrets).push(secret);
    }

    /// Sets a header.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.0.headers.retain(|(other, _)| *other != name);
        self.0.headers.push((name, value));
        self
    }

    /// Sets the JSON body.
    ///
    /// # Errors
    /// INTERNAL when `body` cannot be written as JSON.
    pub fn json(mut self, body: &impl Serialize) -> Result<Self, Error> {
        let bytes =
            serde_json::to_vec(body).map_err(|e| Error::internal(format!("cannot write the request body: {e}")))?;
        self.0.body = Some(bytes.into());
        Ok(self)
    }

    /// Overrides whether the call changes something, where its method does not show it.
    #[must_use]
    pub fn effect_is(mut self, effect: Effect) -> Self {
        self.0.effect = effect;
        self
    }

    /// Sends the call even though the breaker is open, and does not report its result to the breaker: for looking up a
    /// write whose reply was lost. The vendor is in trouble at that very moment, and there are no more of these calls
    /// than writes that were sent. If their answers counted, a vendor that answers look-ups and loses every send would
    /// never open the breaker.
    #[must_use]
    pub fn bypass_breaker(mut self) -> Self {
        self.0.bypass_breaker = true;
        self
    }

    /// Returns whether the call bypasses the breaker.
    pub(super) fn bypasses_breaker(&self) -> bool {
        self.0.bypass_breaker
    }

    /// Returns whether the call changes something at the vendor.
    pub fn effect(&self) -> Effect {
        self.0.effect
    }

    /// Returns the vendor's operation, for logs and errors: it holds no values.
    pub fn operation(&self) -> &'static str {
        self.0.operation
    }

    /// Returns the secrets that no error about the call may repeat.
    pub(super) fn secrets(&self) -> &Secrets {
        &self.0.secrets
    }

    /// Returns the request as it is sent under the vendor's base address; `None` if it is invalid.
    pub(super) fn under<'a>(&'a self, base: &'a Base) -> Option<Outgoing<'a>> {
        let valid = !self.0.malformed && base.path.len() + self.0.target.len() <= LONGEST_TARGET;
        valid.then(|| Outgoing { request: self, base, trace: HeaderMap::new() })
    }
}

/// The address that the paths of a vendor's operations are appended to.
#[derive(Debug, Clone)]
pub(super) struct Base {
    uri: Uri,
    /// Without a slash at its end.
    path: String,
}

impl Base {
    pub(super) fn new(uri: Uri) -> Self {
        Self { path: uri.path().trim_end_matches('/').to_owned(), uri }
    }

    /// Returns the address.
    pub(super) fn uri(&self) -> &Uri {
        &self.uri
    }
}

/// A request under a base address, with what only this attempt has.
pub(super) struct Outgoing<'a> {
    request: &'a Request,
    base: &'a Base,
    /// The headers of the trace.
    pub(super) trace: HeaderMap,
}

impl Outgoing<'_> {
    /// Returns the body.
    pub(super) fn body(&self) -> Bytes {
        self.request.0.body.clone().unwrap_or_default()
    }

    /// Returns the length of the body, if the request has one or should say that it has none (RFC 9110, section 8.6):
    /// some servers answer 411 otherwise.
    fn content_length(&self) -> Option<usize> {
        let parts = &self.request.0;
        let expected = matches!(parts.method, Method::POST | Method::PUT | Method::PATCH);
        parts.body.as_ref().map(Bytes::len).or(expected.then_some(0))
    }

    /// Calls `each` with every header but `Host` and `Content-Length`.
    fn headers(&self, mut each: impl FnMut(&HeaderName, &HeaderValue)) {
        let own = &self.request.0.headers;
        for (name, value) in &COMMON {
            if own.iter().all(|(other, _)| other != name) {
                each(name, value);
            }
        }
        own.iter().for_each(|(name, value)| each(name, value));
        self.trace.iter().for_each(|(name, value)| each(name, value));
    }

    /// Returns the head of HTTP/1.1.
    pub(super) fn http1(&self) -> Vec<u8> {
        let parts = &self.request.0;
        let mut head = Vec::with_capacity(512);
        let authority = self.base.uri.authority().map_or("", |authority| authority.as_str());
        let line =
            [parts.method.as_str(), " ", &self.base.path, &parts.target, " HTTP/1.1\r\nhost: ", authority, "\r\n"];
        line.iter().for_each(|part| head.extend_from_slice(part.as_bytes()));
        self.headers(|name, value| {
            for part in [name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"] {
                head.extend_from_slice(part);
            }
        });
        if let Some(length) = self.content_length() {
            // Writing to a vector does not fail.
            let _ = write!(head, "content-length: {length}\r\n");
        }
        head.extend_from_slice(b"\r\n");
        head
    }

    /// Returns the request for a client that writes it itself; `None` if it is invalid.
    pub(super) fn http(&self) -> Option<http::Request<Bytes>> {
        let parts = &self.request.0;
        // Assembled from parts: the host is not parsed again for each request.
        let path = [&self.base.path, &*parts.target].concat();
        let mut address = uri::Parts::default();
        address.scheme = self.base.uri.scheme().cloned();
        address.authority = self.base.uri.authority().cloned();
        address.path_and_query = Some(PathAndQuery::from_maybe_shared(Bytes::from(path)).ok()?);
        let mut request = http::Request::new(self.body());
        *request.uri_mut() = Uri::from_parts(address).ok()?;
        request.method_mut().clone_from(&parts.method);
        let headers = request.headers_mut();
        headers.reserve(COMMON.len() + parts.headers.len() + self.trace.len() + 1);
        self.headers(|name, value| {
            headers.append(name, value.clone());
        });
        if let Some(length) = self.content_length() {
            headers.insert(header::CONTENT_LENGTH, length.into());
        }
        Some(request)
    }
}

/// Prints only what the vendor documents: the rest holds passwords, numbers and texts.
impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Request({}, {:?})", self.0.operation, self.0.effect)
    }
}

/// The longest path with a query, as in `http`.
const LONGEST_TARGET: usize = u16::MAX as usize - 1;

/// The headers that every request has, unless it has one of the same name.
static COMMON: [(HeaderName, HeaderValue); 4] = [
    // All five vendors' documents print it on every request, with a body or without.
    (header::CONTENT_TYPE, HeaderValue::from_static("application/json")),
    (header::ACCEPT, HeaderValue::from_static("*/*")),
    // A request without it accepts any coding (RFC 9110, section 12.5.3).
    (header::ACCEPT_ENCODING, HeaderValue::from_static("identity")),
    (header::USER_AGENT, HeaderValue::from_static(concat!("smsmux/", env!("CARGO_PKG_VERSION")))),
];

/// Splits a path at the brace of its first placeholder.
fn split(path: &'static str) -> (&'static str, &'static str) {
    path.find('{').map_or((path, ""), |at| path.split_at(at))
}

#[cfg(test)]
mod tests;

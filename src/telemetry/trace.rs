//! W3C Trace Context: propagates the caller's trace to the vendor.

use std::{fmt::Write as _, sync::OnceLock, time::SystemTime};

use http::{HeaderMap, HeaderName, HeaderValue, Uri};
use tonic::Code;

use crate::telemetry::otlp::{self, Span, Work};

const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
const TRACESTATE: HeaderName = HeaderName::from_static("tracestate");

/// The most bytes of `tracestate` that must be propagated (Trace Context, section 3.3.1.5).
const LONGEST_STATE: usize = 512;

/// The known flags: sampled, and random trace id.
const KNOWN_FLAGS: u8 = 0b11;
const SAMPLED: u8 = 0b01;

/// The trace that a call is part of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trace {
    /// The id of the trace.
    pub id: u128,
    /// The id of the caller's span; 0 if the trace begins here.
    pub parent: u64,
    /// The id of this server's span.
    pub span: u64,
    flags: u8,
    state: Vec<HeaderValue>,
    account: OnceLock<String>,
}

impl Trace {
    /// Returns the caller's trace in these headers. If spans are exported, the sampler decides whether the call is sampled,
    /// and a sampled one without a trace begins one.
    pub fn of_call(headers: &HeaderMap) -> Option<Self> {
        let given = Self::read(headers);
        if !otlp::is_on() {
            return given;
        }
        let Some(mut trace) = given else {
            let id = fastrand::u128(1..);
            return otlp::samples(id, None).then(|| Self::new(id, 0, KNOWN_FLAGS, Vec::new()));
        };
        let is_sampled = otlp::samples(trace.id, Some((trace.parent, trace.is_sampled())));
        trace.flags = if is_sampled { trace.flags | SAMPLED } else { trace.flags & !SAMPLED };
        Some(trace)
    }

    fn is_sampled(&self) -> bool {
        self.flags & SAMPLED != 0
    }

    fn is_exported(&self) -> bool {
        otlp::is_on() && self.is_sampled()
    }

    fn new(id: u128, parent: u64, flags: u8, state: Vec<HeaderValue>) -> Self {
        Self { id, parent, span: new_id(), flags, state, account: OnceLock::new() }
    }

    /// Notes the account that the call is for, by its id.
    pub fn is_for(&self, account: &str) {
        if self.is_exported() {
            self.account.get_or_init(|| account.to_owned());
        }
    }

    /// Starts the span of the call itself, at this address and with this request id, if it is exported.
    pub fn call(&self, name: &'static str, server: &Uri, request_id: &HeaderValue) -> Option<Span> {
        let work = || Work::Call { code: Code::Cancelled, reason: None, request_id: request_id.clone() };
        self.begin(self.span, self.parent, name, Some(server), work)
    }

    /// Starts the span of a request to a vendor at this address, which was sent this span id, if it is exported. The
    /// request was sent so many times before.
    pub fn request(&self, id: u64, operation: &'static str, server: &Uri, resends: u32) -> Option<Span> {
        self.begin(id, self.span, operation, Some(server), || Work::Request { status: None, resends })
    }

    /// Starts the span of a question to the store, if it is exported.
    pub fn claim(&self) -> Option<Span> {
        self.begin(new_id(), self.span, "store/claim", None, || Work::Claim(None))
    }

    fn begin(
        &self,
        id: u64,
        parent: u64,
        name: &'static str,
        server: Option<&Uri>,
        work: impl FnOnce() -> Work,
    ) -> Option<Span> {
        self.is_exported().then(|| Span {
            trace: self.id,
            id,
            parent,
            name,
            work: work(),
            server: server.cloned(),
            begun: SystemTime::now(),
            account: None,
            error: None,
        })
    }

    /// Returns the account that the call is for, if known.
    pub fn account(&self) -> Option<&str> {
        self.account.get().map(String::as_str)
    }

    /// Returns the trace in a request's headers; `None` if it is missing or invalid.
    pub fn read(headers: &HeaderMap) -> Option<Self> {
        let mut given = headers.get_all(TRACEPARENT).iter();
        let (Some(value), None) = (given.next(), given.next()) else { return None };
        let text = value.to_str().ok()?;
        let (version, rest) = (hex(text.get(..2)?)?, text.get(2..55)?);
        let more = &text[55..];
        // Later versions may append further fields.
        if version == 0xff || !(more.is_empty() || version > 0 && more.starts_with('-')) {
            return None;
        }
        let mut parts = rest.strip_prefix('-')?.split('-');
        let (Some(id), Some(parent), Some(flags), None) = (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return None;
        };
        if (id.len(), parent.len()) != (32, 16) {
            return None;
        }
        let (trace, parent, flags) = (hex(id)?, hex(parent)? as u64, hex(flags)? as u8);
        if trace == 0 || parent == 0 {
            return None;
        }
        let state: Vec<_> = headers.get_all(TRACESTATE).iter().cloned().collect();
        let fits = state.iter().map(HeaderValue::len).sum::<usize>() <= LONGEST_STATE;
        let state = if fits { state } else { Vec::new() };
        Some(Self::new(trace, parent, flags & KNOWN_FLAGS, state))
    }

    /// Adds the trace to the headers of a request to a vendor; returns the id of the request's span.
    pub fn write(&self, headers: &mut HeaderMap) -> u64 {
        let span = new_id();
        let mut text = String::with_capacity(55);
        let _ = write!(text, "00-{:032x}-{:016x}-{:02x}", self.id, span, self.flags);
        if let Ok(value) = HeaderValue::try_from(text) {
            headers.insert(TRACEPARENT, value);
            for value in &self.state {
                headers.append(TRACESTATE, value.clone());
            }
        }
        span
    }
}

/// Generates the id of a span.
fn new_id() -> u64 {
    fastrand::u64(1..)
}

/// Parses a number of lowercase hexadecimal digits.
fn hex(text: &str) -> Option<u128> {
    let digits = text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    u128::from_str_radix(text, 16).ok().filter(|_| digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the specification.
    const GIVEN: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    fn headers(parents: &[&str], states: &[&str]) -> HeaderMap {
        let parents = parents.iter().map(|v| (TRACEPARENT, v.parse().expect("a value")));
        let states = states.iter().map(|v| (TRACESTATE, v.parse().expect("a value")));
        let mut headers = HeaderMap::new();
        parents.chain(states).for_each(|(name, value)| {
            headers.append(name, value);
        });
        headers
    }

    #[test]
    fn a_trace_goes_on_under_a_new_parent_with_its_state() {
        let trace = Trace::read(&headers(&[GIVEN], &["a=1", "b=2"])).expect("a trace");
        let mut on = HeaderMap::new();
        trace.write(&mut on);
        let next = Trace::read(&on).expect("a trace");
        assert_eq!(next.id, 0x4bf9_2f35_77b3_4da6_a3ce_929d_0e0e_4736);
        assert_ne!(next.parent, trace.parent);
        assert_eq!(next, Trace { parent: next.parent, span: next.span, ..trace });
        assert_eq!(on.get_all(TRACESTATE).iter().collect::<Vec<_>>(), ["a=1", "b=2"]);
    }

    #[test]
    fn an_invalid_traceparent_is_ignored() {
        let later = GIVEN.replacen("00", "cc", 1) + "-what-comes";
        assert!(Trace::read(&headers(&[&later], &[])).is_some());
        for bad in [
            "",
            "00",
            &GIVEN[..54],
            &format!("{GIVEN}-more"),
            &GIVEN.to_uppercase(),
            &GIVEN.replacen("00", "ff", 1),
            &GIVEN.replacen("4bf92f", "000000", 1).replace("3577b34da6a3ce929d0e0e4736", &"0".repeat(26)),
            &GIVEN.replace("00f067aa0ba902b7", "0000000000000000"),
            &GIVEN.replace('-', "_"),
            &GIVEN.replace("4b", "+b"),
            &format!("00-{}-{}-01", &"a".repeat(33), "b".repeat(15)),
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-é",
        ] {
            let mut all = HeaderMap::new();
            all.insert(TRACEPARENT, HeaderValue::from_bytes(bad.as_bytes()).expect("a value"));
            assert_eq!(Trace::read(&all), None, "{bad}");
        }
        assert_eq!(Trace::read(&headers(&[GIVEN, GIVEN], &[])), None);
        let long = Trace::read(&headers(&[GIVEN], &[&format!("a={}", "x".repeat(512))])).expect("a trace");
        assert!(long.state.is_empty());
    }
}

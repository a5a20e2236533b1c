//! What goes wrong.

use std::time::Duration;

use h2::Reason;
use http::StatusCode;
use smsmux_sandbox::{
    Fault,
    LastStream::{self, All, Before, This},
    Phase,
};

use crate::operations::{Effect, Operation};

/// Longer than an attempt may take.
const SLOW: u64 = 2_000;

/// A page for people, as proxies answer with it.
pub const PAGE: &str = "<html>\n<body>Down for maintenance;&nbsp;please wait</body></html>";

/// How the gateway talks to the vendor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// HTTP/1.1 in plain text.
    Http1,
    /// HTTP/1.1 over TLS.
    Tls1,
    /// HTTP/2 over TLS.
    Http2,
}

/// Something that goes wrong.
pub struct Injection {
    pub name: &'static str,
    pub kind: Kind,
    /// Whether a call must succeed all the same.
    pub harmless: bool,
    pub protocols: &'static [Protocol],
    /// How long after an answer the next call is made on its connection; `None` makes all calls at once.
    pub pause: Option<Duration>,
}

pub enum Kind {
    /// Nothing listens at the address.
    Refused,
    /// The host has no address.
    Unresolved,
    /// The vendor's certificate is of another authority.
    Impostor,
    /// The connection is reset before anything is read.
    Reset,
    /// Every request of the operation meets this.
    Always(fn() -> Fault),
    /// The first requests meet this, so many for each call.
    First(usize, fn() -> Fault),
    /// The requests are answered with these statuses in turn, one time without being handled and one time after it, and with
    /// these bodies; else with none, or their own.
    Answers(&'static [(u16, Option<&'static str>)]),
    /// The same, of sends alone.
    AnswersToSends(&'static [(u16, Option<&'static str>)]),
    /// The session has ended, and a page comes in the place of a login.
    Login,
    /// The vendor names another address.
    Redirect,
    /// The login ends when half of the calls have arrived.
    Expiry,
}

const fn inject(name: &'static str, kind: Kind) -> Injection {
    let protocols: &'static [Protocol] = match kind {
        // What goes wrong before anything is said.
        Kind::Refused | Kind::Unresolved | Kind::Impostor | Kind::Reset => &[Protocol::Http1],
        _ => &[Protocol::Http1, Protocol::Http2],
    };
    Injection { name, kind, harmless: false, protocols, pause: None }
}

const fn harmless(name: &'static str, kind: Kind) -> Injection {
    Injection { harmless: true, ..inject(name, kind) }
}

/// What TLS makes a difference to.
const fn with_tls(name: &'static str, fault: fn() -> Fault) -> Injection {
    let protocols = &[Protocol::Http1, Protocol::Tls1, Protocol::Http2];
    Injection { protocols, ..inject(name, Kind::Always(fault)) }
}

/// What happens to the next request on a connection.
const fn next(name: &'static str, ms: u64, fault: fn() -> Fault) -> Injection {
    Injection { pause: Some(Duration::from_millis(ms)), ..with_tls(name, fault) }
}

const fn http2(name: &'static str, fault: fn() -> Fault) -> Injection {
    Injection { protocols: &[Protocol::Http2], ..inject(name, Kind::Always(fault)) }
}

/// When an idle connection is closed, and the next call made.
const IDLE: u64 = 3;

fn reset_stream(code: Reason, phase: Phase) -> Fault {
    Fault::ResetStream { code: code.into(), phase }
}

fn go_away(last: LastStream, code: Reason, close: bool) -> Fault {
    Fault::GoAway { last, code: code.into(), close }
}

fn settings(max_concurrent_streams: Option<u32>, initial_window_size: Option<u32>) -> Fault {
    Fault::Settings { max_concurrent_streams, initial_window_size }
}

fn status(code: StatusCode, retry_after: Option<u64>) -> Fault {
    Fault::Status { code, retry_after, body: None }
}

#[rustfmt::skip]
const FINAL_1XX: &[(u16, Option<&str>)] = &[(101, None), (100, None), (102, None), (103, None), (199, None)];

/// Yes, without what the vendors' documents say a yes has.
const NO_VERDICT: &[(u16, Option<&str>)] = &[
    (200, Some("{}")),
    (201, Some("{}")),
    (202, Some(r#"{"error": "upstream timeout"}"#)),
    (200, Some(r#"{"result": null}"#)),
    (201, Some("null")),
    (200, Some("[]")),
    (203, Some(PAGE)),
    (299, Some("accepted")),
];

#[rustfmt::skip]
const REDIRECTIONS: &[(u16, Option<&str>)] = &[
    (300, None), (301, None), (303, None), (304, None), (305, None), (307, None), (308, None), (399, None),
];

/// Of proxies and content delivery networks; no vendor documents one.
#[rustfmt::skip]
const UNASSIGNED_4XX: &[(u16, Option<&str>)] = &[
    (418, None), (419, None), (420, Some(PAGE)), (430, None), (440, None), (444, None), (449, Some(PAGE)), (450, None),
    (460, None), (463, None), (494, Some(PAGE)), (499, None),
];

#[rustfmt::skip]
const OTHER_5XX: &[(u16, Option<&str>)] = &[
    (501, None), (505, None), (507, Some(PAGE)), (508, None), (511, Some(PAGE)), (520, None), (521, None), (522, None),
    (523, Some(PAGE)), (524, None), (525, None), (526, None), (527, None), (530, None), (561, None), (599, None),
];

const PAST_599: &[(u16, Option<&str>)] = &[(600, None), (666, Some(PAGE)), (799, None), (800, None), (999, Some(PAGE))];

pub const INJECTIONS: &[Injection] = &[
    inject("connection refused", Kind::Refused),
    inject("no such host", Kind::Unresolved),
    inject("certificate of another CA", Kind::Impostor),
    inject("reset before the request", Kind::Reset),
    inject("reset during the request", Kind::Always(|| Fault::ResetDuring)),
    inject("reset after the request", Kind::Always(|| Fault::ResetAfter)),
    inject("closed, not handled", Kind::Always(|| Fault::CutBefore)),
    inject("closed, handled", Kind::Always(|| Fault::CutAfter)),
    inject("no answer, not handled", Kind::Always(|| Fault::HangBefore)),
    inject("no answer, handled", Kind::Always(|| Fault::HangAfter)),
    inject("slow headers", Kind::Always(|| Fault::Delay { ms: SLOW })),
    inject("slow body", Kind::Always(|| Fault::SlowBody { ms: SLOW })),
    inject("truncated", Kind::Always(|| Fault::Truncate)),
    inject("garbage", Kind::Always(|| Fault::Garbage)),
    inject("64 MB", Kind::Always(|| Fault::Huge { bytes: 64 << 20 })),
    harmless("a Latin-1 byte", Kind::Always(|| Fault::Latin1)),
    harmless("gzip, not asked for", Kind::Always(|| Fault::Gzip)),
    inject("429", Kind::Always(|| status(StatusCode::TOO_MANY_REQUESTS, None))),
    inject("429 with Retry-After, once", Kind::First(1, || status(StatusCode::TOO_MANY_REQUESTS, Some(1)))),
    inject("500", Kind::Always(|| status(StatusCode::INTERNAL_SERVER_ERROR, None))),
    inject("502", Kind::Always(|| status(StatusCode::BAD_GATEWAY, None))),
    inject("503", Kind::Always(|| status(StatusCode::SERVICE_UNAVAILABLE, None))),
    inject("504", Kind::Always(|| status(StatusCode::GATEWAY_TIMEOUT, None))),
    inject("other 5xx", Kind::Answers(OTHER_5XX)),
    inject("4xx without a meaning", Kind::Answers(UNASSIGNED_4XX)),
    inject("600 to 999", Kind::Answers(PAST_599)),
    inject("a final 1xx", Kind::Answers(FINAL_1XX)),
    inject("2xx without a verdict", Kind::AnswersToSends(NO_VERDICT)),
    inject("3xx", Kind::Answers(REDIRECTIONS)),
    inject("redirect to elsewhere", Kind::Redirect),
    harmless("login ends in a burst", Kind::Expiry),
    harmless("login ends twice in a call", Kind::First(2, || status(StatusCode::UNAUTHORIZED, None))),
    inject("a page as a login", Kind::Login),
    inject("closed within the request", Kind::Always(|| Fault::CutDuring)),
    inject("closed within the answer's head", Kind::Always(|| Fault::CutAnswer)),
    inject("half closed, not handled", Kind::Always(|| Fault::HalfCloseBefore)),
    inject("half closed, handled", Kind::Always(|| Fault::HalfCloseAfter)),
    with_tls("a body that ends with the connection", || Fault::UntilClose { half: false }),
    with_tls("the same, cut short", || Fault::UntilClose { half: true }),
    next("closed while idle", IDLE, || Fault::CloseIdle { ms: IDLE, announced: false }),
    next("closed while idle, announced", IDLE, || Fault::CloseIdle { ms: IDLE, announced: true }),
    next("closed when the next request arrives", 0, || Fault::CloseNext { reset: false }),
    next("reset when the next request arrives", 0, || Fault::CloseNext { reset: true }),
    next("nothing more is read", 0, || Fault::StopReading),
    Injection { harmless: true, ..http2("SETTINGS: one stream", || settings(Some(1), None)) },
    Injection { pause: Some(Duration::ZERO), ..http2("SETTINGS: no stream", || settings(Some(0), None)) },
    Injection { pause: Some(Duration::ZERO), ..http2("SETTINGS: no window", || settings(None, Some(0))) },
    http2("GOAWAY after all", || go_away(All, Reason::NO_ERROR, false)),
    http2("GOAWAY after the request", || go_away(This, Reason::NO_ERROR, false)),
    http2("GOAWAY before the request", || go_away(Before, Reason::NO_ERROR, false)),
    http2("GOAWAY before the request, an error", || go_away(Before, Reason::ENHANCE_YOUR_CALM, false)),
    http2("GOAWAY and closed, handled", || go_away(This, Reason::NO_ERROR, true)),
    http2("GOAWAY and closed, handled, an error", || go_away(This, Reason::INTERNAL_ERROR, true)),
    http2("GOAWAY and closed, not handled", || go_away(Before, Reason::NO_ERROR, true)),
    http2("REFUSED_STREAM after the head", || reset_stream(Reason::REFUSED_STREAM, Phase::Head)),
    http2("REFUSED_STREAM after the request", || reset_stream(Reason::REFUSED_STREAM, Phase::Body)),
    http2("CANCEL, not handled", || reset_stream(Reason::CANCEL, Phase::Body)),
    http2("CANCEL, handled", || reset_stream(Reason::CANCEL, Phase::Handled)),
    http2("INTERNAL_ERROR, handled", || reset_stream(Reason::INTERNAL_ERROR, Phase::Handled)),
    http2("INTERNAL_ERROR within the answer", || reset_stream(Reason::INTERNAL_ERROR, Phase::Answer)),
];

impl Injection {
    /// Only smSend has logins that end, and only a send has a verdict at all vendors. Reads, which prove little, meet what
    /// does not depend on the protocol, and that in HTTP/1.1.
    pub fn can_meet(&self, operation: &Operation, protocol: Protocol) -> bool {
        let depends = self.pause.is_some() || self.protocols.contains(&Protocol::Tls1);
        if operation.effect == Effect::Read && (depends || protocol != Protocol::Http1) {
            return false;
        }
        match self.kind {
            Kind::Expiry | Kind::Login | Kind::First(2, _) => operation.vendor == "smsend",
            Kind::AnswersToSends(_) => operation.effect == Effect::Send,
            _ => true,
        }
    }
}

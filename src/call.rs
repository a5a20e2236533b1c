//! One RPC on its way to a vendor: what every function from the gateway down to the HTTP kit is given.
//!
//! A write leaves only through [`Call::begin_write`]. What must hold before one may leave, a caller that still waits and a
//! call that is not a dry run, is asked there and nowhere else.

use std::{
    fmt,
    sync::{
        Arc, OnceLock,
        atomic::{
            AtomicBool, AtomicUsize,
            Ordering::{Relaxed, SeqCst},
        },
    },
    time::Duration,
};

use futures::future::BoxFuture;
use http::HeaderValue;
use secrecy::{ExposeSecret, SecretString};
use tokio::{task::yield_now, time::Instant};

use crate::{
    error::{Error, Outcome, Reason},
    telemetry::trace::Trace,
};

/// The metadata key of a credential that the caller brings.
pub const CREDENTIAL_KEY: &str = "smsmux-credential";

/// How long a call may take that nobody set a deadline for.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(30);

/// From how many bytes on a request or an answer is large: reading it takes about a millisecond.
pub const LARGE: usize = 128 << 10;

tokio::task_local! {
    /// For lines of the log, and for nothing else.
    static REQUEST_ID: HeaderValue;
}

/// Who makes a call, and what it may.
pub trait Caller: fmt::Debug + Send + Sync {
    /// Whether the caller may call the method of this index, see [`crate::api::METHODS`].
    fn may_call(&self, method: usize) -> bool;

    /// Whether the caller may use the account of this id, whether that exists or not.
    fn may_use(&self, account: &str) -> bool;

    /// Returns when the caller may not go on any more: it was revoked, changed, or has expired.
    fn ends(&self) -> BoxFuture<'_, ()>;
}

/// The account that a call is for.
#[derive(Debug, Clone)]
pub struct Site {
    /// The account's resource name, for example `accounts/acme`.
    pub account: Arc<str>,
    /// The vendor's name in the configuration.
    pub vendor: Arc<str>,
}

/// One RPC on its way to a vendor. A clone is the same call.
#[derive(Clone)]
pub struct Call(Arc<Inner>);

struct Inner {
    started: Instant,
    origin: Origin,
    dry_run: bool,
    site: OnceLock<Site>,
    resource: OnceLock<String>,
    /// How many writes have left that the vendor may have acted on, or [`FORBIDDEN`].
    writes: AtomicUsize,
    /// Whether the vendor was asked.
    asked: AtomicBool,
    /// Whether the request or an answer is large.
    large: AtomicBool,
}

/// Where a call comes from: what the door knows of it.
#[derive(Clone)]
pub struct Origin {
    /// When the caller stops waiting.
    pub deadline: Instant,
    /// Who calls; `None` where everybody may do everything.
    pub caller: Option<Arc<dyn Caller>>,
    /// The vendor credential that the caller brought.
    pub credential: Option<SecretString>,
    /// The request id: visible ASCII.
    pub request_id: Option<HeaderValue>,
    /// The trace that the call is part of.
    pub trace: Option<Arc<Trace>>,
}

/// Instead of a number of writes: none may leave any more.
const FORBIDDEN: usize = usize::MAX;

impl Call {
    /// Creates a call of this origin.
    pub fn new(origin: Origin) -> Self {
        Self::with(origin, false)
    }

    fn with(origin: Origin, dry_run: bool) -> Self {
        Self(Arc::new(Inner {
            started: Instant::now(),
            origin,
            dry_run,
            site: OnceLock::new(),
            resource: OnceLock::new(),
            writes: AtomicUsize::new(0),
            asked: AtomicBool::new(false),
            large: AtomicBool::new(false),
        }))
    }

    /// Creates a call that nobody waits for, such as a login that many calls share.
    pub fn background() -> Self {
        Self::until(Instant::now() + DEFAULT_TIMEOUT)
    }

    /// Creates a call of nobody that must end by `deadline`.
    pub fn until(deadline: Instant) -> Self {
        Self::new(Origin { deadline, caller: None, credential: None, request_id: None, trace: None })
    }

    /// Returns a further call of the same origin with a deadline of its own, for example to ask what became of a write whose
    /// reply was lost.
    pub fn follow_up(&self, deadline: Instant) -> Self {
        Self::new(Origin { deadline, ..self.0.origin.clone() })
    }

    /// Returns a call for the next look of a stream, which goes on after the call that began it.
    pub fn next_look(&self) -> Self {
        self.follow_up(Instant::now() + DEFAULT_TIMEOUT)
    }

    /// Returns a call of the same origin that ends where the first request would leave: what a vendor would refuse before
    /// that, it refuses.
    pub fn dry_run(&self) -> Self {
        let dry = Self::with(self.0.origin.clone(), true);
        dry.forbid_writes();
        dry
    }

    /// When the call began.
    pub fn started(&self) -> Instant {
        self.0.started
    }

    /// When the caller stops waiting.
    pub fn deadline(&self) -> Instant {
        self.0.origin.deadline
    }

    /// Who calls; `None` where everybody may do everything.
    pub fn caller(&self) -> Option<&Arc<dyn Caller>> {
        self.0.origin.caller.as_ref()
    }

    /// Whether the caller may use the account of this id.
    pub fn may_use(&self, account: &str) -> bool {
        self.caller().is_none_or(|caller| caller.may_use(account))
    }

    /// The vendor credential that the caller brought.
    pub fn credential(&self) -> Option<&SecretString> {
        self.0.origin.credential.as_ref()
    }

    /// The trace that the call is part of.
    pub fn trace(&self) -> Option<&Trace> {
        self.0.origin.trace.as_deref()
    }

    /// Sets the account that the call is for. The first one stays.
    pub fn set_site(&self, site: &Site) {
        self.0.site.get_or_init(|| site.clone());
    }

    /// The account that the call is for, once that is known.
    pub fn site(&self) -> Option<&Site> {
        self.0.site.get()
    }

    /// Sets the resource that the call concerns, so that its outcome can be logged and looked up even when nobody waits for
    /// the answer any more. The first name stays.
    pub fn set_resource(&self, resource: impl FnOnce() -> String) {
        self.0.resource.get_or_init(resource);
    }

    /// The resource that the call concerns, as far as that is known.
    pub fn resource(&self) -> Option<&str> {
        self.0.resource.get().map(String::as_str)
    }

    /// Checks whether a request may leave for this call.
    ///
    /// # Errors
    /// DEADLINE_EXCEEDED when the caller has stopped waiting. In a dry run always, with an error that nobody sees.
    pub fn check_active(&self) -> Result<(), Error> {
        if self.0.dry_run {
            return Err(Error::internal("the dry run ends before the vendor is asked").outcome(Outcome::NotSent));
        }
        if Instant::now() < self.deadline() { Ok(()) } else { Err(too_late()) }
    }

    /// Begins a write of the vendor's `operation`. The one gate that every write passes before it leaves.
    ///
    /// # Errors
    /// DEADLINE_EXCEEDED when the caller has stopped waiting: the write must not leave.
    pub async fn begin_write(&self, operation: &'static str) -> Result<(), Error> {
        let one_more = |writes: usize| (writes != FORBIDDEN).then(|| writes + 1);
        match self.0.writes.fetch_update(SeqCst, SeqCst, one_more) {
            Ok(_) => Ok(()),
            Err(_) => Err(too_late().operation(operation)),
        }
    }

    /// Notes that the vendor provably did not act on a write that had left.
    pub fn write_rejected(&self) {
        let one_less = |writes: usize| (writes != FORBIDDEN).then(|| writes.saturating_sub(1));
        let _ = self.0.writes.fetch_update(SeqCst, SeqCst, one_less);
    }

    /// Forbids writes unless one has left that the vendor may have acted on. Returns whether none has.
    pub fn forbid_writes(&self) -> bool {
        let forbidden = self.0.writes.compare_exchange(0, FORBIDDEN, SeqCst, SeqCst);
        forbidden.map_or_else(|writes| writes == FORBIDDEN, |_| true)
    }

    /// Notes that the vendor is asked now.
    pub fn mark_asked(&self) {
        self.0.asked.store(true, Relaxed);
    }

    /// Whether the vendor was asked; else the call was refused on its way there.
    pub fn was_asked(&self) -> bool {
        self.0.asked.load(Relaxed)
    }

    /// Notes that the request is large.
    pub fn mark_large(&self) {
        self.0.large.store(true, Relaxed);
    }

    /// Notes that an answer is large, before it is read: the gateway may go on with the call on another thread.
    pub async fn mark_large_answer(&self) {
        self.mark_large();
        yield_now().await;
    }

    /// Whether the request or an answer is large.
    pub fn is_large(&self) -> bool {
        self.0.large.load(Relaxed)
    }

    /// Runs `work`, which goes on without its caller, with the request id of this call in its log lines.
    pub async fn logged<F: Future>(&self, work: F) -> F::Output {
        match self.0.origin.request_id.clone() {
            Some(request_id) => REQUEST_ID.scope(request_id, work).await,
            None => work.await,
        }
    }
}

/// Does `work` with this request id in its log lines.
pub fn with_request_id<T>(request_id: HeaderValue, work: impl FnOnce() -> T) -> T {
    REQUEST_ID.sync_scope(request_id, work)
}

/// Returns the request id of the running work, if it has one.
pub fn request_id() -> Option<HeaderValue> {
    REQUEST_ID.try_with(HeaderValue::clone).ok()
}

/// Passes the request id of the running work to `look`, if it has one.
pub fn look_at_request_id(look: impl FnOnce(&str)) {
    let _ = REQUEST_ID.try_with(|id| look(id.to_str().unwrap_or_default()));
}

/// The error for a caller that does not wait any more, of a call of which nothing left.
pub fn too_late() -> Error {
    Error::new(Reason::DeadlineExceeded, "the caller stopped waiting before the vendor was asked")
        .outcome(Outcome::NotSent)
}

/// The credential that a call is made with, at vendors where one text is all there is to it.
#[derive(Debug, Clone, Copy)]
pub struct Credential<'a> {
    /// The text.
    pub secret: &'a SecretString,
    /// Whether the caller brought it; else it is the configured one.
    pub callers_own: bool,
}

impl<'a> Credential<'a> {
    /// Returns the caller's own if it brought one, else the account's.
    ///
    /// # Errors
    /// CALLER_CREDENTIAL_REFUSED when the caller's is empty.
    pub fn of(call: &'a Call, configured: &'a SecretString) -> Result<Self, Error> {
        match call.credential() {
            Some(secret) if secret.expose_secret().is_empty() => {
                let text = format!("{CREDENTIAL_KEY} is empty");
                Err(Error::new(Reason::CallerCredentialRefused, text).outcome(Outcome::NotSent))
            }
            Some(secret) => Ok(Self { secret, callers_own: true }),
            None => Ok(Self { secret: configured, callers_own: false }),
        }
    }

    /// See [`credential_refused`].
    pub fn refused(self) -> (Reason, &'static str) {
        credential_refused(self.callers_own)
    }
}

/// What it means that the vendor does not accept the credential: whose it is decides who can mend that.
pub fn credential_refused(callers_own: bool) -> (Reason, &'static str) {
    match callers_own {
        true => (Reason::CallerCredentialRefused, "the vendor does not accept the credential in smsmux-credential"),
        false => {
            (Reason::AccountCredentialRefused, "the vendor does not accept the configured credential of this account")
        }
    }
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Call({:?})", self.0.site.get())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(credential: Option<&str>) -> Call {
        let credential = credential.map(SecretString::from);
        let deadline = Instant::now() + DEFAULT_TIMEOUT;
        Call::new(Origin { deadline, caller: None, credential, request_id: None, trace: None })
    }

    #[test]
    fn the_caller_s_own_credential_comes_first_and_an_empty_one_is_refused() {
        let configured = SecretString::from("configured");
        let of = |callers: Option<&str>| {
            let call = call(callers);
            let credential = Credential::of(&call, &configured).map_err(|e| e.reason())?;
            Ok((credential.secret.expose_secret().to_owned(), credential.callers_own))
        };
        assert_eq!(of(None), Ok(("configured".to_owned(), false)));
        assert_eq!(of(Some("own")), Ok(("own".to_owned(), true)));
        assert_eq!(of(Some("")), Err(Reason::CallerCredentialRefused));
    }

    #[tokio::test]
    async fn no_write_leaves_once_writes_are_forbidden_and_none_is_forbidden_once_one_has_left() {
        let forbidden = call(None);
        assert!(forbidden.forbid_writes() && forbidden.forbid_writes());
        let error = forbidden.begin_write("POST /sms").await.expect_err("forbidden");
        assert!(error.was_not_sent());

        let open = call(None);
        open.begin_write("POST /sms").await.expect("open");
        assert!(!open.forbid_writes());
        open.write_rejected();
        assert!(open.forbid_writes());
    }

    #[tokio::test]
    async fn a_dry_run_lets_nothing_leave_and_a_follow_up_may_write_again() {
        let dry = call(Some("own")).dry_run();
        assert!(dry.check_active().is_err_and(|error| error.was_not_sent()));
        assert!(dry.begin_write("POST /sms").await.is_err());
        assert!(dry.credential().is_some());

        let late = Call::until(Instant::now());
        assert_eq!(late.check_active().expect_err("late").reason(), Reason::DeadlineExceeded);
        late.next_look().check_active().expect("a look has its own time");
    }
}

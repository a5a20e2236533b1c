//! The context of one RPC, which every function from the gateway down to the HTTP kit receives.
//!
//! Every write must pass [`Call::begin_write`], the only place that checks that the caller still waits and that the
//! call is not a dry run.

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
    api::pb::{self, Message, Recipient},
    error::{Error, Outcome, Reason},
    telemetry::trace::Trace,
};

/// The metadata key of a credential that the caller brings.
pub const CREDENTIAL_KEY: &str = "smsmux-credential";

/// The metadata key that makes a write safe to repeat.
pub const IDEMPOTENCY_KEY: &str = "idempotency-key";

/// The timeout of background calls.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(30);

/// The bytes from which a request or a response is large: reading it takes about a millisecond.
pub const LARGE: usize = 128 << 10;

tokio::task_local! {
    /// Used only for log lines.
    static REQUEST_ID: HeaderValue;
}

/// An authenticated caller and its permissions.
pub trait Caller: fmt::Debug + Send + Sync {
    /// Whether the caller may call the method of this index, see [`crate::api::METHODS`].
    fn may_call(&self, method: usize) -> bool;

    /// Whether the caller may use the account of this id, which need not exist.
    fn may_use(&self, account: &str) -> bool;

    /// The name in the configuration.
    fn name(&self) -> &Arc<str>;

    /// Waits until the caller is revoked or changed, or has expired.
    fn ends(&self) -> BoxFuture<'_, ()>;
}

/// The record of a write, which a process makes before the write is sent.
pub trait Intent: Send + Sync {
    /// Checks whether the record still gives this process the right to send. Makes it first, if it was left until something
    /// leaves.
    ///
    /// # Errors
    /// The write must not be sent: another process may have taken this one for dead, or it cannot be recorded.
    fn check(&self) -> Result<(), Error>;

    /// Returns the recipients who are sent to, by their index in the request; `None`: all. The indexes of the other
    /// functions count these alone.
    fn kept(&self) -> Option<Vec<usize>> {
        None
    }

    /// Returns what became of each recipient in an earlier attempt that was interrupted; `None` for those that it
    /// provably did not send to. Empty without an earlier attempt.
    fn earlier(&self) -> Vec<Option<Recipient>>;

    /// Records that the recipients at the places `now` may be sent to from now on, and that those at `later` are not yet.
    /// The returned future waits until that is on disk.
    ///
    /// # Errors
    /// The recipients that were not recorded before must not be sent to.
    fn advance(&self, now: &[usize], later: &[usize]) -> BoxFuture<'static, Result<(), Error>>;

    /// Records that the recipients at these places are sent to through another account from now on. The returned future
    /// waits until that is on disk, unless no account was asked before.
    ///
    /// # Errors
    /// They must not be sent to through it.
    fn hand_over(&self, places: &[usize], to: Carrier<'_>) -> BoxFuture<'static, Result<(), Error>>;

    /// Records what became of a part of the send, which begins with recipient `first`.
    fn part_ended(&self, first: usize, ended: Ended<'_>);

    /// Notes the attempts to hand the message to accounts, for a send that fails.
    fn attempted(&self, attempts: Vec<pb::Attempt>);
}

/// The account of a route that is asked next.
#[derive(Debug, Clone, Copy)]
pub struct Carrier<'a> {
    /// The account's resource name.
    pub account: &'a str,
    /// The id by which the account's vendor will know the message, if it takes ours; otherwise empty.
    pub message_id: &'a str,
    /// Whether no account was asked before.
    pub is_first: bool,
}

/// What became of a part of a send.
#[derive(Debug, Clone, Copy)]
pub enum Ended<'a> {
    /// The part was sent: the messages have the state of every recipient.
    Known(&'a [Message]),
    /// The part failed, and something left: the message has the state of every recipient.
    Failed(&'a [Message], &'a Error),
    /// Nothing was sent to so many recipients.
    NotSent(usize),
}

/// The account that a call is for.
#[derive(Debug, Clone)]
pub struct Site {
    /// The account's resource name, for example `accounts/acme`.
    pub account: Arc<str>,
    /// The vendor's name in the configuration.
    pub vendor: Arc<str>,
}

/// The context of one RPC. Clones share the same call.
#[derive(Clone)]
pub struct Call(Arc<Inner>);

struct Inner {
    started: Instant,
    origin: Origin,
    /// The call that this one is an attempt of.
    whole: Option<Call>,
    dry_run: bool,
    site: OnceLock<Site>,
    resource: OnceLock<String>,
    /// The record of the call's write, if one is kept.
    intent: OnceLock<Arc<dyn Intent>>,
    /// Whether the reply is that of an earlier call with the same idempotency key.
    replayed: AtomicBool,
    /// How many writes were sent that the vendor may have acted on, or [`FORBIDDEN`].
    writes: AtomicUsize,
    /// Whether the vendor was asked.
    asked: AtomicBool,
    /// Whether the request or a response is large.
    large: AtomicBool,
}

/// The origin of a call, as the server knows it.
#[derive(Clone)]
pub struct Origin {
    /// When the caller stops waiting.
    pub deadline: Instant,
    /// The caller; `None` if authentication is off.
    pub caller: Option<Arc<dyn Caller>>,
    /// The vendor credential that the caller brought.
    pub credential: Option<SecretString>,
    /// The idempotency key: 1 to 255 visible ASCII characters.
    pub idempotency_key: Option<HeaderValue>,
    /// The request id: visible ASCII.
    pub request_id: Option<HeaderValue>,
    /// The trace that the call is part of.
    pub trace: Option<Arc<Trace>>,
}

/// The value of `writes` once writes are forbidden.
const FORBIDDEN: usize = usize::MAX;

impl Call {
    /// Creates a call of this origin.
    pub fn new(origin: Origin) -> Self {
        Self::with(origin, None, false, OnceLock::new())
    }

    fn with(origin: Origin, whole: Option<Call>, dry_run: bool, intent: OnceLock<Arc<dyn Intent>>) -> Self {
        Self(Arc::new(Inner {
            started: Instant::now(),
            origin,
            whole,
            dry_run,
            site: OnceLock::new(),
            resource: OnceLock::new(),
            intent,
            replayed: AtomicBool::new(false),
            writes: AtomicUsize::new(if dry_run { FORBIDDEN } else { 0 }),
            asked: AtomicBool::new(false),
            large: AtomicBool::new(false),
        }))
    }

    /// Creates a call without a caller, such as a login that many calls share.
    pub fn background() -> Self {
        Self::until(Instant::now() + DEFAULT_TIMEOUT)
    }

    /// Creates a call without a caller that must end by `deadline`.
    pub fn until(deadline: Instant) -> Self {
        Self::new(Origin {
            deadline,
            caller: None,
            credential: None,
            idempotency_key: None,
            request_id: None,
            trace: None,
        })
    }

    /// Returns a further call of the same origin with its own deadline, for example to look up the outcome of a write
    /// whose reply was lost. The follow-up of a dry run is a dry run, and its writes wait for the same intent.
    pub fn follow_up(&self, deadline: Instant) -> Self {
        Self::with(Origin { deadline, ..self.0.origin.clone() }, None, self.0.dry_run, self.0.intent.clone())
    }

    /// Returns a call for one of several attempts at this one, with its own deadline and record. What leaves for the
    /// attempt has left for this call too.
    pub fn attempt(&self, deadline: Instant, intent: Arc<dyn Intent>) -> Self {
        let (origin, intent) = (Origin { deadline, ..self.0.origin.clone() }, OnceLock::from(intent));
        Self::with(origin, Some(self.clone()), self.0.dry_run, intent)
    }

    /// Returns a call for the next poll of a stream, which goes on after the call that began it.
    pub fn next_poll(&self) -> Self {
        self.follow_up(Instant::now() + DEFAULT_TIMEOUT)
    }

    /// Returns a call of the same origin that ends before the first request is sent: it fails with what the vendor
    /// module rejects before that.
    pub fn dry_run(&self) -> Self {
        Self::with(self.0.origin.clone(), None, true, OnceLock::new())
    }

    /// When the call began.
    pub fn started(&self) -> Instant {
        self.0.started
    }

    /// When the caller stops waiting.
    pub fn deadline(&self) -> Instant {
        self.0.origin.deadline
    }

    /// The caller; `None` if authentication is off.
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

    /// The idempotency key: 1 to 255 visible ASCII characters.
    pub fn idempotency_key(&self) -> Option<&HeaderValue> {
        self.0.origin.idempotency_key.as_ref()
    }

    /// The trace that the call is part of.
    pub fn trace(&self) -> Option<&Trace> {
        self.0.origin.trace.as_deref()
    }

    /// Sets the account of the call, unless it is set already.
    pub fn set_site(&self, site: &Site) {
        self.0.site.get_or_init(|| site.clone());
    }

    /// Returns the account of the call, once known.
    pub fn site(&self) -> Option<&Site> {
        self.0.site.get()
    }

    /// Sets the resource of the call, unless it is set already, so that the outcome can be logged and looked up even
    /// after the caller stopped waiting.
    pub fn set_resource(&self, resource: impl FnOnce() -> String) {
        self.0.resource.get_or_init(resource);
    }

    /// Returns the resource of the call, if known.
    pub fn resource(&self) -> Option<&str> {
        self.0.resource.get().map(String::as_str)
    }

    /// Checks whether a request may be sent for this call.
    ///
    /// # Errors
    /// DEADLINE_EXCEEDED when the caller has stopped waiting. Always in a dry run, with an error that is discarded.
    pub fn check_active(&self) -> Result<(), Error> {
        if self.0.dry_run {
            return Err(Error::internal("the dry run ends before the vendor is asked").outcome(Outcome::NotSent));
        }
        if Instant::now() < self.deadline() { Ok(()) } else { Err(too_late()) }
    }

    /// Sets the record that every write of this call waits for, unless it is set already.
    pub fn set_intent(&self, intent: Arc<dyn Intent>) {
        self.0.intent.get_or_init(|| intent);
    }

    /// Returns the record of the call's write, if one is kept.
    pub fn intent(&self) -> Option<&Arc<dyn Intent>> {
        self.0.intent.get()
    }

    /// Whether the call ends before the first request is sent.
    pub fn is_dry_run(&self) -> bool {
        self.0.dry_run
    }

    /// Notes that the reply is that of an earlier call with the same idempotency key.
    pub fn mark_replayed(&self) {
        self.0.replayed.store(true, Relaxed);
    }

    /// Whether the reply is that of an earlier call with the same idempotency key.
    pub fn was_replayed(&self) -> bool {
        self.0.replayed.load(Relaxed)
    }

    /// Begins a write of the vendor's `operation`. Every write passes this check before it is sent.
    ///
    /// # Errors
    /// DEADLINE_EXCEEDED when the caller has stopped waiting, and those of [`Intent::check`]: the write must not be
    /// sent.
    pub async fn begin_write(&self, operation: &'static str) -> Result<(), Error> {
        if let Some(intent) = self.0.intent.get() {
            intent.check().map_err(|error| error.operation(operation))?;
        }
        if self.count_write() { Ok(()) } else { Err(too_late().operation(operation)) }
    }

    /// Counts a write, unless writes are forbidden.
    fn count_write(&self) -> bool {
        let one_more = |writes: usize| (writes != FORBIDDEN).then(|| writes + 1);
        self.0.whole.as_ref().is_none_or(Self::count_write)
            && self.0.writes.fetch_update(SeqCst, SeqCst, one_more).is_ok()
    }

    /// Notes that the vendor provably did not act on a write that was sent.
    pub fn write_rejected(&self) {
        let one_less = |writes: usize| (writes != FORBIDDEN).then(|| writes.saturating_sub(1));
        let _ = self.0.writes.fetch_update(SeqCst, SeqCst, one_less);
        self.0.whole.iter().for_each(Self::write_rejected);
    }

    /// Notes that the vendor provably acted on none of the writes of this attempt.
    pub fn attempt_rejected(&self) {
        for _ in 0..self.0.writes.load(SeqCst) {
            self.write_rejected();
        }
    }

    /// Forbids writes unless the vendor may have acted on one already. Returns true if none was sent.
    pub fn forbid_writes(&self) -> bool {
        let forbidden = self.0.writes.compare_exchange(0, FORBIDDEN, SeqCst, SeqCst);
        forbidden.map_or_else(|writes| writes == FORBIDDEN, |_| true)
    }

    /// Notes that a request to the vendor begins.
    pub fn mark_asked(&self) {
        self.0.asked.store(true, Relaxed);
    }

    /// Whether the vendor was asked; otherwise the call was rejected before.
    pub fn was_asked(&self) -> bool {
        self.0.asked.load(Relaxed)
    }

    /// Notes that the request is large.
    pub fn mark_large(&self) {
        self.0.large.store(true, Relaxed);
        self.0.whole.iter().for_each(Self::mark_large);
    }

    /// Notes that a response is large, before it is read: the gateway may continue the call on another thread.
    pub async fn mark_large_answer(&self) {
        self.mark_large();
        yield_now().await;
    }

    /// Whether the request or a response is large.
    pub fn is_large(&self) -> bool {
        self.0.large.load(Relaxed)
    }

    /// Runs `work`, which outlives its caller, with the request id of this call in its log lines.
    pub async fn logged<F: Future>(&self, work: F) -> F::Output {
        match self.0.origin.request_id.clone() {
            Some(request_id) => REQUEST_ID.scope(request_id, work).await,
            None => work.await,
        }
    }
}

/// Runs `work` with this request id in its log lines.
pub fn with_request_id<T>(request_id: HeaderValue, work: impl FnOnce() -> T) -> T {
    REQUEST_ID.sync_scope(request_id, work)
}

/// Returns the request id of the current task, if it has one.
pub fn request_id() -> Option<HeaderValue> {
    REQUEST_ID.try_with(HeaderValue::clone).ok()
}

/// Passes the request id of the current task to `look`, if it has one.
pub fn look_at_request_id(look: impl FnOnce(&str)) {
    let _ = REQUEST_ID.try_with(|id| look(id.to_str().unwrap_or_default()));
}

/// Returns the error of a call whose caller stopped waiting before anything was sent.
pub fn too_late() -> Error {
    Error::new(Reason::DeadlineExceeded, "the caller stopped waiting before the vendor was asked")
        .outcome(Outcome::NotSent)
}

/// The credential of a call, for vendors whose credential is a single text.
#[derive(Debug, Clone, Copy)]
pub struct Credential<'a> {
    /// The text.
    pub secret: &'a SecretString,
    /// Whether the caller brought the credential; otherwise it is the configured one.
    pub callers_own: bool,
}

impl<'a> Credential<'a> {
    /// Returns the caller's own credential if it brought one, otherwise the account's.
    ///
    /// # Errors
    /// CALLER_CREDENTIAL_REFUSED when the caller's credential is empty.
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

/// Returns the reason for a rejected credential: its owner decides who can fix it.
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
        Call::new(Origin { deadline, caller: None, credential, idempotency_key: None, request_id: None, trace: None })
    }

    #[test]
    fn the_caller_s_own_credential_takes_precedence_and_an_empty_one_is_rejected() {
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
    async fn a_dry_run_sends_nothing_nor_do_its_follow_ups_and_a_poll_has_a_deadline_of_its_own() {
        let dry = call(Some("own")).dry_run();
        assert!(dry.check_active().is_err_and(|error| error.was_not_sent()));
        assert!(dry.begin_write("POST /sms").await.is_err());
        assert!(dry.credential().is_some());

        let late = Call::until(Instant::now());
        assert_eq!(late.check_active().expect_err("late").reason(), Reason::DeadlineExceeded);
        late.next_poll().check_active().expect("a poll has its own deadline");
        let further = dry.follow_up(Instant::now() + DEFAULT_TIMEOUT);
        assert!(further.check_active().is_err() && further.begin_write("POST /sms").await.is_err());
    }

    /// A record that permits everything.
    struct Open;

    impl Intent for Open {
        fn check(&self) -> Result<(), Error> {
            Ok(())
        }

        fn earlier(&self) -> Vec<Option<Recipient>> {
            Vec::new()
        }

        fn advance(&self, _: &[usize], _: &[usize]) -> BoxFuture<'static, Result<(), Error>> {
            Box::pin(std::future::ready(Ok(())))
        }

        fn hand_over(&self, _: &[usize], _: Carrier<'_>) -> BoxFuture<'static, Result<(), Error>> {
            Box::pin(std::future::ready(Ok(())))
        }

        fn part_ended(&self, _: usize, _: Ended<'_>) {}

        fn attempted(&self, _: Vec<pb::Attempt>) {}
    }

    #[tokio::test]
    async fn what_leaves_for_an_attempt_has_left_for_the_call_until_it_is_rejected() {
        let whole = call(None);
        let attempt = || whole.attempt(Instant::now() + DEFAULT_TIMEOUT, Arc::new(Open));
        let (first, second) = (attempt(), attempt());
        for _ in 0..2 {
            first.begin_write("POST /sms").await.expect("open");
        }
        second.begin_write("POST /sms").await.expect("open");
        first.attempt_rejected();
        assert!(!whole.forbid_writes(), "the second one has left");
        second.attempt_rejected();
        assert!(whole.forbid_writes());
        assert!(first.begin_write("POST /sms").await.is_err(), "forbidden");
    }
}

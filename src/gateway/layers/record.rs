//! Records writes before they are sent: one with an idempotency key is sent once, however often it is repeated, and
//! every send is a message of the log.

use std::{
    collections::HashMap,
    future::ready,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use futures::future::Either;
use jiff::Timestamp;
use tokio::time::{Instant, sleep_until, timeout_at};
use tokio_util::sync::CancellationToken;

use super::{Layer, Next};
use crate::{
    api::VendorRpc,
    call::{Call, IDEMPOTENCY_KEY},
    error::{self, Error, Reason},
    gateway::{
        Account,
        messages::{
            Attempt, Draft, Log, count_accepted, kept_reply, name_message, replayed_reply, resolve, unfinished,
        },
        screen::Content,
    },
    request::names,
    store::{Claim, Claimed, End, KeyClaim, Outcome, WriteId},
    telemetry::{otlp::Work, trace::Trace},
};

/// The first and the longest wait until a call of another replica is asked for again.
const ASK_AGAIN: (Duration, Duration) = (Duration::from_millis(50), Duration::from_millis(500));

/// When a caller is told to ask for a call in progress again.
const RETRY_IN_PROGRESS: Duration = Duration::from_secs(1);

/// A repeated call has an unknown outcome looked up at most this often, and at most so many of them do at a time.
const LOOK_UP_EVERY: Duration = Duration::from_secs(30);
const LOOK_UPS: usize = 1000;

/// Names the message of a send, and records the call in the store, if there is one.
pub(in crate::gateway) struct Record(pub(in crate::gateway) Option<Arc<Recorder>>);

/// The store, and the calls of this process that are recorded in it and not ended.
pub(in crate::gateway) struct Recorder {
    log: Log,
    running: Mutex<HashMap<WriteId, CancellationToken>>,
    /// The writes of an unknown outcome that were looked up as a call was repeated, and when.
    looked_up: Mutex<HashMap<WriteId, Instant>>,
}

impl Recorder {
    pub(in crate::gateway) fn new(log: Log) -> Arc<Self> {
        Arc::new(Self { log, running: Mutex::default(), looked_up: Mutex::default() })
    }
}

impl Layer for Record {
    type Target = Arc<Account>;
    type Found = Arc<Account>;

    fn around<R: VendorRpc, N: Next<Target = Arc<Account>>>(
        &self,
        call: Call,
        account: Arc<Account>,
        mut request: R,
        next: &N,
    ) -> impl Future<Output = Result<R::Reply, Error>> + Send + 'static {
        if !R::METHOD.write {
            return Either::Left(Either::Left(next.run(call, account, request)));
        }
        let key = call.idempotency_key().map(|key| key.as_bytes().to_vec());
        let bytes = key.as_ref().map(|_| request.encode_to_vec());
        let store = self.0.as_ref().map(|recorder| recorder.log.store());
        let is_chosen = name_message(&call, &account, store, &mut request);
        let Some(recorder) = &self.0 else {
            return Either::Left(match key {
                Some(_) => Either::Right(ready(Err(no_store()))),
                None => Either::Left(next.run(call, account, request)),
            });
        };
        let draft = Draft::of(&request, &account, recorder.log.store(), recorder.log.keeps_texts());
        if key.is_none() && draft.is_none() {
            return Either::Left(Either::Left(next.run(call, account, request)));
        }
        let content = Content::of(&request, is_chosen == Some(true) || key.is_some());
        // Other processes may have recorded that a recipient opted out.
        let brand = content.and_then(|_| recorder.log.consents().asked_in_store(&account.site.account));
        let recorder = recorder.clone();
        let answer = next.run(call.clone(), account.clone(), request);
        // In a box, as a call that is not recorded would have the room for it, too.
        Either::Right(Box::pin(async move {
            let store = recorder.log.store();
            let attempt = Arc::new(Attempt::new(recorder.log.clone(), key.is_some(), draft));
            let write_id = attempt.write_id();
            let caller = call.caller().map_or_else(|| "".into(), |caller| caller.name().clone());
            let keyed = key.zip(bytes.as_ref()).map(|(key, bytes)| KeyClaim {
                digest: store.digest("key", &[caller.as_bytes(), &key]),
                body: store.digest("body", &[R::METHOD.path.as_bytes(), bytes]),
            });
            let claim = Claim {
                write_id,
                key: keyed,
                account: account.site.account.clone(),
                caller: caller.clone(),
                method: R::METHOD.path,
                message: None,
            };
            let recorded = Recorded::new(&recorder, &call, attempt.clone());
            let mut opted_out = Vec::new();
            // Without a key, and with an id that no other message has, the claim cannot be refused.
            if keyed.is_none() && is_chosen != Some(true) && brand.is_none() {
                attempt.record_later(claim)?;
            } else {
                let message = attempt.draft().map(|draft| draft.to_stored(brand));
                let claim = Claim { message, ..claim };
                // In a box of its own, which is gone while the vendor is asked.
                let claim = recorder.claim::<R>(&call, &account, claim, is_chosen == Some(true), &attempt, bytes);
                match Box::pin(claim).await? {
                    Earlier::Reply(reply) => {
                        recorded.forget();
                        call.mark_replayed();
                        return Ok(reply);
                    }
                    Earlier::None { but } => opted_out = but,
                }
            }
            if let Some(content) = content
                && let Err(error) = attempt.screen(&content, &account.site.account, &caller, &opted_out)
            {
                return recorded.ended::<R>(Err(error));
            }
            call.set_intent(attempt);
            let answer = answer.await;
            if let (Ok(reply), Some(content)) = (&answer, content) {
                count_accepted(&account, reply, content.segments);
            }
            recorded.ended::<R>(answer)
        }))
    }
}

/// What an earlier call with the same key left.
enum Earlier<T> {
    /// Its reply.
    Reply(T),
    /// Nothing: the write may be sent, but not to these recipients, by index, who have opted out.
    None { but: Vec<u32> },
}

impl Recorder {
    /// Claims the write, and returns the reply of the earlier call with the same key, if there is one; otherwise it may be
    /// sent. What an earlier call provably did not send of a message may be sent.
    ///
    /// # Errors
    /// The write must not be sent.
    async fn claim<R: VendorRpc>(
        &self,
        call: &Call,
        account: &Account,
        claim: Claim,
        is_chosen: bool,
        attempt: &Attempt,
        request: Option<Vec<u8>>,
    ) -> Result<Earlier<R::Reply>, Error> {
        let (mut wait, mut lost) = (ASK_AGAIN.0, None);
        loop {
            let mut span = call.trace().and_then(Trace::claim);
            let claimed = self.log.store().claim(claim.clone()).await?;
            span.iter_mut().for_each(|span| span.work = Work::Claim(Some(claimed.name())));
            drop(span);
            match claimed {
                Claimed::New => return Ok(Earlier::None { but: Vec::new() }),
                Claimed::NewExcept(but) => return Ok(Earlier::None { but }),
                Claimed::Replay { reply, .. } => {
                    let reply = reply.zip(request).and_then(|(kept, request)| replayed_reply::<R>(&kept, &request));
                    return reply.map(Earlier::Reply).ok_or_else(erased);
                }
                Claimed::OtherBody { method, time } => return Err(reused(&method, time)),
                Claimed::Unknown { write_id, .. } if self.look_up(account, write_id).await => {}
                Claimed::Unknown { write_id, message_id, .. } => {
                    let Some(rest) = unfinished(&self.log, write_id).await? else {
                        let resource = message_id.map(|id| names::child(&claim.account, "messages", &id));
                        return Err(unknown(write_id, resource));
                    };
                    if attempt.resume(rest, &claim).await? {
                        // Other processes may have recorded since that a recipient opted out.
                        self.log.consents().see().await?;
                        return Ok(Earlier::None { but: Vec::new() });
                    }
                }
                Claimed::MessageExists => {
                    let text = match is_chosen {
                        true => "the account has another message with this message_id",
                        // The id is made of the key.
                        false => "the idempotency key was used before, and the reply of that call is not kept any more",
                    };
                    let error = Error::new(Reason::ResourceExists, text).outcome(error::Outcome::NotSent);
                    return Err(match call.resource() {
                        Some(name) => error.resource(name),
                        None => error,
                    });
                }
                // A call that ends records its outcome first: the store has lost it.
                Claimed::Running { write_id, .. } if lost == Some(write_id) => {
                    let end = End::Unknown { error: Vec::new() };
                    self.log.store().outcome(Outcome { write_id, end, message: None });
                    lost = None;
                }
                Claimed::Running { write_id, ours } => {
                    lost = (ours && !self.lock().contains_key(&write_id)).then_some(write_id);
                    self.wait_for(write_id, call.deadline(), wait).await?;
                    wait = (wait * 2).min(ASK_AGAIN.1);
                }
            }
        }
    }

    /// Looks up a message whose outcome is unknown, unless that was done a moment ago. Returns whether it may be known
    /// now.
    async fn look_up(&self, account: &Account, write_id: WriteId) -> bool {
        let now = Instant::now();
        {
            let mut looked_up = self.looked_up.lock().unwrap_or_else(PoisonError::into_inner);
            looked_up.retain(|_, at| now - *at < LOOK_UP_EVERY);
            if looked_up.len() >= LOOK_UPS || looked_up.insert(write_id, now).is_some() {
                return false;
            }
        }
        resolve(&self.log, account, write_id).await.unwrap_or_default()
    }

    /// Waits until an earlier call may have ended.
    ///
    /// # Errors
    /// REQUEST_IN_PROGRESS: the deadline passed.
    async fn wait_for(&self, write_id: WriteId, deadline: Instant, wait: Duration) -> Result<(), Error> {
        let running = self.lock().get(&write_id).cloned();
        let ended = async {
            match running {
                Some(running) => running.cancelled().await,
                // Another replica's, or one whose end is stored in this moment.
                None => sleep_until(Instant::now() + wait).await,
            }
        };
        timeout_at(deadline, ended).await.map_err(|_| {
            let text =
                "an earlier call with this idempotency key is still in progress: repeat this one with the same key";
            // Not NOT_SENT, which would be read as a leave to send it under another key.
            let error = Error::new(Reason::RequestInProgress, text).outcome(error::Outcome::Unknown);
            error.retry_after(Some(RETRY_IN_PROGRESS))
        })
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<WriteId, CancellationToken>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A recorded write, whose outcome is recorded when it ends, also when it is dropped.
struct Recorded {
    recorder: Arc<Recorder>,
    call: Call,
    attempt: Arc<Attempt>,
    open: bool,
}

impl Recorded {
    fn new(recorder: &Arc<Recorder>, call: &Call, attempt: Arc<Attempt>) -> Self {
        recorder.lock().insert(attempt.write_id(), CancellationToken::new());
        Self { recorder: recorder.clone(), call: call.clone(), attempt, open: true }
    }

    /// Records nothing: this call made no write.
    fn forget(mut self) {
        self.open = false;
    }

    /// Records how the write ended, and returns what the caller is told.
    fn ended<R: VendorRpc>(mut self, mut result: Result<R::Reply, Error>) -> Result<R::Reply, Error> {
        self.open = false;
        let draft = self.attempt.draft();
        if let Some(draft) = &draft {
            result = result.map_err(|error| draft.rename_fields(error));
            result.iter_mut().for_each(|reply| draft.complete(reply));
        }
        let has_left = draft.as_ref().is_some_and(|draft| draft.was_resumed_and_left());
        let was_sent = |error| has_left || was_sent(&self.call, error);
        let message = match (&draft, &result) {
            (Some(draft), Ok(reply)) => draft.accepted(reply),
            // No message was made of it, and the log has none.
            (Some(_), Err(error)) if error.reason() == Reason::InvalidRequest && !has_left => None,
            (Some(draft), Err(error)) => Some(draft.failed(error, was_sent(error))),
            (None, _) => None,
        };
        let end = match &result {
            // Only a call with a key can be repeated and get the reply.
            Ok(_) if !self.attempt.is_keyed() => End::Done { reply: Vec::new() },
            Ok(reply) => End::Done { reply: kept_reply::<R>(reply, self.recorder.log.keeps_texts()) },
            Err(error) if was_sent(error) => End::Unknown { error: Vec::new() },
            Err(_) => End::Free,
        };
        drop(draft);
        let is_logged = message.is_some();
        self.record(end, message);
        result.map_err(|error| match self.call.resource() {
            Some(name) if has_left => interrupted(&error).resource(name),
            Some(name) if is_logged => error.resource(name),
            _ => error,
        })
    }

    fn record(&self, end: End, message: Option<crate::api::pb::Message>) {
        let (log, write_id) = (&self.recorder.log, self.attempt.write_id());
        // What came to nothing before anything left need not be recorded, unless it is a message.
        if message.is_none() && !self.attempt.is_recorded() {
            return;
        }
        if let Err(error) = self.attempt.record() {
            return tracing::error!(%write_id, %error, "an outcome was not recorded");
        }
        let to_groups = self.attempt.draft().is_some_and(|draft| draft.message().recipients.is_empty());
        let message = message.map(|message| log.sent(write_id, &message, &end, to_groups));
        log.store().outcome(Outcome { write_id, end, message });
    }
}

impl Drop for Recorded {
    fn drop(&mut self) {
        if self.open {
            // The call was given up: its caller left, or the server stopped.
            match self.call.forbid_writes() && !self.attempt.was_resumed_and_left() {
                true => self.record(End::Free, None),
                false => {
                    let message = self.attempt.draft().map(|draft| draft.message().clone());
                    self.record(End::Unknown { error: Vec::new() }, message);
                }
            }
        }
        // After the outcome is queued, so that whoever waited meets it.
        if let Some(running) = self.recorder.lock().remove(&self.attempt.write_id()) {
            running.cancel();
        }
    }
}

/// Whether a failed write may have reached the vendor.
fn was_sent(call: &Call, error: &Error) -> bool {
    !error.was_not_sent() && !error.was_refused() && !call.forbid_writes()
}

fn no_store() -> Error {
    let text = format!("{IDEMPOTENCY_KEY} needs a store, and this server has none; nothing was sent");
    Error::new(Reason::Unsupported, text).outcome(error::Outcome::NotSent)
}

fn erased() -> Error {
    let text =
        "an earlier call with this idempotency key succeeded, and its reply was erased since; nothing was sent again";
    Error::new(Reason::ResourceExists, text).outcome(error::Outcome::Unknown)
}

fn reused(method: &str, time: std::time::SystemTime) -> Error {
    let text = format!(
        "the idempotency key belongs to another request: {method} at {}; nothing was sent",
        Timestamp::try_from(time).unwrap_or_default()
    );
    Error::new(Reason::IdempotencyKeyReused, text).outcome(error::Outcome::NotSent)
}

/// Returns the error of a repeated call if the outcome of the first one is unknown.
fn unknown(write_id: WriteId, resource: Option<String>) -> Error {
    let text = format!(
        "the outcome of an earlier call with this idempotency key, made at {}, is unknown; nothing was sent again",
        Timestamp::try_from(write_id.time()).unwrap_or_default()
    );
    let error = Error::new(Reason::OutcomeUnknown, text).outcome(error::Outcome::Unknown);
    match resource {
        Some(resource) => error.resource(resource),
        None => error,
    }
}

/// Returns the error of a repeated call that could not send the rest of an interrupted message: of the call it may be
/// true that nothing was sent, but not of the message.
fn interrupted(error: &Error) -> Error {
    let text = format!("an earlier attempt was interrupted, and the rest of the message was not sent: {error}");
    Error::new(Reason::OutcomeUnknown, text).outcome(error::Outcome::Unknown)
}

//! Writes that are about to be sent: each is claimed first, so that no other call with its idempotency key is sent too.

use std::{sync::Arc, time::SystemTime};

use super::{Ask, Broken, Digest, Op, Store, WriteId, unavailable};
use crate::{error::Error, telemetry::metrics};

/// A write that is about to be sent.
#[derive(Debug, Clone)]
pub struct Claim {
    /// The id of the write, see [`super::Store::new_write_id`].
    pub write_id: WriteId,
    /// The idempotency key, if the call has one.
    pub key: Option<KeyClaim>,
    /// The id of the account.
    pub account: Arc<str>,
    /// The name of the caller; empty if authentication is off.
    pub caller: Arc<str>,
    /// The path of the RPC.
    pub method: &'static str,
    /// The message, if the write sends one.
    pub message: Option<NewMessage>,
}

/// The idempotency key of a call.
#[derive(Debug, Clone, Copy)]
pub struct KeyClaim {
    /// The hash of caller and key.
    pub digest: Digest,
    /// The hash of method and request: two calls with the same key must have the same.
    pub body: Digest,
}

/// A message that is about to be sent.
#[derive(Debug, Clone)]
pub struct NewMessage {
    /// The id, unique in the account.
    pub message_id: String,
    /// The state as a number, which the store only compares.
    pub state: i32,
    /// The hash of each recipient's number.
    pub recipients: Vec<Digest>,
    /// The brand whose list of people who opted out a shared store is to look the recipients up in.
    pub brand: Option<Arc<str>>,
    /// The hashes of each recipient's number by the older keys, for that look-up alone.
    pub older: Vec<Digest>,
    /// The caller's reference.
    pub reference: Option<String>,
    /// The caller's tag.
    pub tag: Option<String>,
    /// When the vendor is to send it.
    pub schedule_time: Option<SystemTime>,
    /// The encoded message.
    pub body: Vec<u8>,
}

/// The answer to a [`Claim`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claimed {
    /// The write is recorded and may be sent.
    New,
    /// The write is recorded and may be sent, but not to these recipients, by index: they have opted out.
    NewExcept(Vec<u32>),
    /// An earlier write had the key and succeeded with this reply; `None` if the reply was erased.
    Replay {
        /// The earlier write.
        write_id: WriteId,
        /// The encoded reply.
        reply: Option<Vec<u8>>,
    },
    /// The key belongs to an earlier call with another request.
    OtherBody {
        /// The path of the earlier call's RPC.
        method: Arc<str>,
        /// When the earlier call was made.
        time: SystemTime,
    },
    /// An earlier write has the key and has not ended.
    Running {
        /// The earlier write.
        write_id: WriteId,
        /// Whether this process makes the write, otherwise another replica does.
        ours: bool,
    },
    /// An earlier write had the key, and its outcome is unknown.
    Unknown {
        /// The earlier write.
        write_id: WriteId,
        /// The id of its message, if it sent one.
        message_id: Option<String>,
        /// The encoded error; empty if the process ended before there was one.
        error: Vec<u8>,
    },
    /// The account has another message with the id.
    MessageExists,
}

impl Claimed {
    /// Returns the answer's name.
    pub fn name(&self) -> &'static str {
        match self {
            Self::New | Self::NewExcept(_) => "new",
            Self::Replay { .. } => "replay",
            Self::OtherBody { .. } => "other_body",
            Self::Running { .. } => "running",
            Self::Unknown { .. } => "unknown",
            Self::MessageExists => "message_exists",
        }
    }
}

/// A further attempt to send what an earlier one did not send.
#[derive(Debug, Clone)]
pub struct Resume {
    /// The earlier attempt, whose outcome is unknown.
    pub from: WriteId,
    /// The version of its message that the further attempt is made of: if that has changed, there is none.
    pub version: i32,
    /// The claim of the further one. Its message replaces the body of the earlier one's.
    pub claim: Claim,
}

impl Store {
    /// Queues a claim at once; the returned future waits for the answer. With a key the answer [`Claimed::New`] is
    /// flushed to disk, so the write may be sent. Without one, the future waits only for the commit. A claim is recorded
    /// even if the future is dropped: its outcome must be, too.
    ///
    /// # Errors
    /// STORE_UNAVAILABLE: the write must not be sent, and its key is free.
    pub fn claim(&self, claim: Claim) -> impl Future<Output = Result<Claimed, Error>> + Send + use<> {
        let (store, write_id) = (self.clone(), claim.write_id);
        let queued = self.seal_claim(claim).and_then(|claim| {
            let (ask, answer) = Ask::awaited(claim);
            self.try_queue(Op::Claim(Box::new(ask)))?;
            Ok(answer)
        });
        async move {
            let claimed = store.answer(queued?).await?;
            tracing::debug!(%write_id, answer = claimed.name(), "claimed");
            metrics::store_claim(claimed.name());
            store.open_claimed(claimed).map_err(unavailable)
        }
    }

    /// Records a write without an idempotency key and does not wait: for a message whose id was made for it.
    ///
    /// # Errors
    /// STORE_UNAVAILABLE: the write is not recorded.
    pub fn record(&self, claim: Claim) -> Result<(), Error> {
        let claim = self.seal_claim(claim)?;
        self.try_queue(Op::Claim(Box::new(Ask::new(claim))))
    }

    /// Has this process go on with a message that another attempt left unfinished in this version, under the id of
    /// `claim`: what the other attempt still records has no effect. Returns false if the message is of another version, or
    /// somebody else goes on with it.
    ///
    /// # Errors
    /// STORE_UNAVAILABLE: nothing must be sent.
    pub async fn resume(&self, from: WriteId, version: i32, claim: Claim) -> Result<bool, Error> {
        let claim = self.seal_claim(claim)?;
        let resumed = self.ask(Resume { from, version, claim }, |ask| Op::Resume(Box::new(ask))).await?;
        metrics::store_claim(if resumed { "resumed" } else { "changed_by_another" });
        Ok(resumed)
    }

    fn seal_claim(&self, mut claim: Claim) -> Result<Claim, Error> {
        if let Some(message) = &mut claim.message {
            self.seal(&claim.write_id.bytes(), &mut message.body)?;
        }
        Ok(claim)
    }

    fn open_claimed(&self, claimed: Claimed) -> Result<Claimed, Broken> {
        let open = |write_id: WriteId, value: &[u8]| self.0.keys.open(&write_id.bytes(), value);
        Ok(match claimed {
            Claimed::Replay { write_id, reply: Some(reply) } => {
                Claimed::Replay { write_id, reply: Some(open(write_id, &reply)?) }
            }
            Claimed::Unknown { write_id, message_id, error } => {
                Claimed::Unknown { write_id, message_id, error: open(write_id, &error)? }
            }
            other => other,
        })
    }
}

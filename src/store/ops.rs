//! What the store is asked to record, and its answers.

use std::{
    fmt,
    sync::Arc,
    time::{Duration, SystemTime},
};

use tokio::sync::oneshot;

use super::{Append, Appended, Broken, NewEvent, Subscribe, Subscription, TakeChore, WantedShare, WriteId};

/// The first 16 bytes of a keyed hash, see [`super::Store::digest`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(pub [u8; 16]);

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

/// How a write ended. It has no effect on a write whose outcome is known already, or whose message is of another version
/// than the one that the update was made of.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The write.
    pub write_id: WriteId,
    /// How the write ended.
    pub end: End,
    /// What became of its message.
    pub message: Option<MessageUpdate>,
}

/// The end of a write.
#[derive(Debug, Clone)]
pub enum End {
    /// The write succeeded. The reply is kept if the call had an idempotency key.
    Done {
        /// The encoded reply.
        reply: Vec<u8>,
    },
    /// Nothing was sent, or the vendor rejected it: a call with the same key is a new call.
    Free,
    /// The outcome is unknown.
    Unknown {
        /// The encoded error.
        error: Vec<u8>,
    },
}

impl End {
    fn bytes(&self) -> usize {
        match self {
            Self::Done { reply: bytes } | Self::Unknown { error: bytes } => bytes.len(),
            Self::Free => 0,
        }
    }
}

/// What is new of a message: a part of it was sent, it was looked up, cancelled or reported.
#[derive(Debug, Clone)]
pub struct MessageUpdate {
    /// The write that sent the message. Within an [`Outcome`], it is the same write.
    pub write_id: WriteId,
    /// The state as a number.
    pub state: i32,
    /// The encoded message.
    pub body: Vec<u8>,
    /// The hash of each recipient's number, if the recipients were not known when the message was claimed.
    pub to: Vec<Digest>,
    /// The recipients with a new state. A final state is never replaced.
    pub recipients: Vec<RecipientUpdate>,
    /// The time until the message is due to be looked up; `None`: never again.
    pub look_up_after: Option<Duration>,
    /// The version that the update was made of: it has no effect on another one. `None`: on any.
    pub version: Option<i32>,
    /// The events of the update, which are recorded if it has an effect.
    pub events: Vec<NewEvent>,
}

/// A change of a message.
#[derive(Debug, Clone)]
pub enum MessageChange {
    /// The outcome of its write is known.
    Outcome(Outcome),
    /// Only the message has changed.
    Update(MessageUpdate),
}

impl MessageChange {
    /// The write that sent the message.
    pub fn write_id(&self) -> WriteId {
        match self {
            Self::Outcome(outcome) => outcome.write_id,
            Self::Update(update) => update.write_id,
        }
    }

    /// What is new of the message.
    pub fn update(&self) -> Option<&MessageUpdate> {
        match self {
            Self::Outcome(outcome) => outcome.message.as_ref(),
            Self::Update(update) => Some(update),
        }
    }
}

/// What is new of a recipient.
#[derive(Debug, Clone)]
pub struct RecipientUpdate {
    /// The index of the recipient in [`NewMessage::recipients`].
    pub index: u32,
    /// The state as a number.
    pub state: i32,
    /// The vendor's id of the message, once known; empty: the one that was recorded before is of another account.
    pub vendor_message_id: Option<String>,
    /// The account that the message goes through, if that is not the one of the write.
    pub account: Option<Arc<str>>,
    /// Whether the state is final.
    pub is_final: bool,
}

/// What is new of recipients, while their message is being sent.
#[derive(Debug, Clone)]
pub struct Recipients {
    /// The write. One that has ended is not changed.
    pub write_id: WriteId,
    /// The recipients with a new state.
    pub recipients: Vec<RecipientUpdate>,
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

/// How many messages that are due to be looked up are taken.
#[derive(Debug, Clone)]
pub struct TakeDue {
    /// The most messages.
    pub limit: u32,
    /// When a message is due again, unless an update sets another time: long enough to look it up.
    pub again_after: Duration,
    /// How long no other replica takes any.
    pub lease: Duration,
    /// The accounts of which none is taken.
    pub busy: Vec<Arc<str>>,
}

/// What is too old to be kept.
#[derive(Debug, Clone, Copy)]
pub struct Retain {
    /// How long keys and replies are kept; for a message that the vendor sends later, from then on.
    pub idempotency_ttl: Duration,
    /// How long messages are kept.
    pub log_retention: Duration,
    /// How long events are kept.
    pub events_retention: Duration,
    /// The most bytes of events that are kept.
    pub events_retention_bytes: u64,
    /// The most rows to look at.
    pub limit: u32,
    /// How long no other replica does this.
    pub lease: Duration,
}

/// One question to an engine, the answer once there is one, and who waits for it.
#[derive(Debug)]
pub struct Ask<Q, A> {
    /// The question.
    pub question: Q,
    /// The answer.
    pub answer: Option<A>,
    waiter: Option<oneshot::Sender<Result<A, Unanswered>>>,
}

/// The store could not answer: nothing is known to be recorded.
#[derive(Debug, Clone)]
pub struct Unanswered(pub Arc<str>);

impl<Q, A> Ask<Q, A> {
    /// Creates a question without anybody who waits.
    pub fn new(question: Q) -> Self {
        Self { question, answer: None, waiter: None }
    }

    /// Creates a question, and the end at which its answer arrives.
    pub(super) fn awaited(question: Q) -> (Self, oneshot::Receiver<Result<A, Unanswered>>) {
        let (sender, receiver) = oneshot::channel();
        (Self { question, answer: None, waiter: Some(sender) }, receiver)
    }

    fn settle(&mut self, result: Result<(), &Broken>) {
        let Some(waiter) = self.waiter.take() else { return };
        let answer = match (result, self.answer.take()) {
            (Ok(()), Some(answer)) => Ok(answer),
            (Ok(()), None) => Err(Unanswered("the store did not answer".into())),
            (Err(broken), _) => Err(Unanswered(broken.text().into())),
        };
        // The waiter may have left.
        let _ = waiter.send(answer);
    }
}

/// One operation of a batch. The engine answers those that ask.
#[derive(Debug)]
pub enum Op {
    /// Records a write that is about to be sent.
    Claim(Box<Ask<Claim, Claimed>>),
    /// Records how a write ended.
    Outcome(Box<Outcome>),
    /// Records what is new of a message.
    Update(Box<MessageUpdate>),
    /// Records events, and what they report.
    Append(Box<Ask<Append, Appended>>),
    /// Changes a subscription.
    Subscribe(Box<Ask<Subscribe, Option<Subscription>>>),
    /// Takes or keeps a chore, and answers whether this process has it.
    TakeChore(Ask<TakeChore, bool>),
    /// Ends the lease of a chore, if this process has it.
    EndChore(Ask<String, ()>),
    /// Takes shares of budgets, and answers how much of each this process may use.
    TakeShares(Ask<Vec<WantedShare>, Vec<u32>>),
    /// Looks how far the log of events goes, which other processes may have appended to.
    SeeEvents(Ask<(), ()>),
    /// Records the state of recipients, and answers whether the write is still being made.
    Recipients(Box<Ask<Recipients, bool>>),
    /// Gives an unfinished write the id of a further attempt, and answers whether it was there, in this version.
    Resume(Box<Ask<Resume, bool>>),
    /// Renews the lease of this process by this time.
    Renew(Ask<Duration, ()>),
    /// Marks the running writes of processes whose lease is over as unknown, and answers how many there were.
    Reap(Ask<(), u64>),
    /// Takes messages that are due to be looked up, unknown outcomes first.
    TakeDue(Ask<TakeDue, Vec<super::StoredMessage>>),
    /// Removes what is too old, and answers whether there may be more.
    Retain(Ask<Retain, bool>),
    /// Erases all messages to a number and the replies that name it, and answers how many there were.
    Purge(Ask<Digest, u64>),
    /// Flushes what was recorded before.
    Flush(Ask<(), ()>),
    /// Waits until what was recorded before is committed.
    Settle(Ask<(), ()>),
}

impl Op {
    /// Whether somebody waits until the operation is flushed to disk.
    pub(super) fn is_flushed(&self) -> bool {
        match self {
            Self::Claim(claim) => claim.waiter.is_some() && claim.question.key.is_some(),
            Self::Recipients(recipients) => recipients.waiter.is_some(),
            // A share that a crash took back would be given to two.
            Self::Append(_) | Self::TakeShares(_) | Self::SeeEvents(_) | Self::Purge(_) | Self::Flush(_) => true,
            Self::Outcome(_)
            | Self::Update(_)
            | Self::Resume(_)
            | Self::Subscribe(_)
            | Self::TakeChore(_)
            | Self::EndChore(_)
            | Self::Renew(_)
            | Self::Reap(_)
            | Self::TakeDue(_)
            | Self::Retain(_)
            | Self::Settle(_) => false,
        }
    }

    /// Whether a committed operation, before it is settled, has recorded something that must stay.
    pub(super) fn is_recorded(&self) -> bool {
        match self {
            Self::Claim(ask) => matches!(ask.answer, Some(Claimed::New | Claimed::NewExcept(_))),
            Self::Resume(ask) => ask.answer == Some(true),
            Self::Outcome(_) | Self::Update(_) | Self::Recipients(_) => true,
            // To begin a stream once more would end it.
            Self::Subscribe(ask) => !matches!(ask.question, Subscribe::Stream { .. }),
            _ => false,
        }
    }

    /// Returns about how many bytes are to be written.
    pub(super) fn bytes(&self) -> usize {
        let of_update = |update: &MessageUpdate| {
            let events: i64 = update.events.iter().map(NewEvent::bytes).sum();
            update.body.len() + update.to.len() * 64 + update.recipients.len() * 32 + events as usize
        };
        let of_claim = |claim: &Claim| {
            claim.message.as_ref().map_or(0, |message| message.body.len() + message.recipients.len() * 64)
        };
        match self {
            Self::Claim(ask) => of_claim(&ask.question),
            Self::Resume(ask) => of_claim(&ask.question.claim),
            Self::Recipients(ask) => ask.question.recipients.len() * 32,
            Self::Outcome(outcome) => outcome.end.bytes() + outcome.message.as_ref().map_or(0, of_update),
            Self::Update(update) => of_update(update),
            Self::Append(ask) => ask.question.bytes(),
            Self::Subscribe(_)
            | Self::TakeChore(_)
            | Self::EndChore(_)
            | Self::TakeShares(_)
            | Self::SeeEvents(_)
            | Self::Renew(_)
            | Self::Reap(_)
            | Self::TakeDue(_)
            | Self::Retain(_)
            | Self::Purge(_)
            | Self::Flush(_)
            | Self::Settle(_) => 0,
        }
    }

    /// Answers whoever waits. Nobody waits for an outcome or an update.
    pub(super) fn settle(&mut self, result: Result<(), &Broken>) {
        match self {
            Self::Claim(ask) => ask.settle(result),
            Self::Outcome(_) | Self::Update(_) => {}
            Self::Append(ask) => ask.settle(result),
            Self::Subscribe(ask) => ask.settle(result),
            Self::TakeChore(ask) => ask.settle(result),
            Self::EndChore(ask) => ask.settle(result),
            Self::TakeShares(ask) => ask.settle(result),
            Self::Recipients(ask) => ask.settle(result),
            Self::Resume(ask) => ask.settle(result),
            Self::Renew(ask) => ask.settle(result),
            Self::Reap(ask) => ask.settle(result),
            Self::TakeDue(ask) => ask.settle(result),
            Self::Retain(ask) => ask.settle(result),
            Self::Purge(ask) => ask.settle(result),
            Self::SeeEvents(ask) | Self::Flush(ask) | Self::Settle(ask) => ask.settle(result),
        }
    }

    /// Tells whoever waits that the operation failed, and returns what is left to record later: what nobody waits for,
    /// and for a claim that its call gave up, as it may have been committed all the same, that nothing was sent.
    pub(super) fn left_over(mut self, broken: &Broken) -> Option<Self> {
        let given_up = |write_id, end| Some(Self::Outcome(Box::new(Outcome { write_id, end, message: None })));
        match &mut self {
            Self::Outcome(_) | Self::Update(_) => Some(self),
            Self::Claim(ask) if ask.waiter.is_none() => Some(self),
            Self::Recipients(ask) if ask.waiter.is_none() => Some(self),
            Self::Subscribe(ask) if ask.waiter.is_none() => Some(self),
            Self::Claim(ask) => {
                ask.settle(Err(broken));
                given_up(ask.question.write_id, End::Free)
            }
            Self::Resume(ask) => {
                ask.settle(Err(broken));
                // Of what the earlier attempt sent, nothing more is known.
                given_up(ask.question.claim.write_id, End::Unknown { error: Vec::new() })
            }
            _ => {
                self.settle(Err(broken));
                None
            }
        }
    }
}

impl fmt::Display for Unanswered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

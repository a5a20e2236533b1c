//! The operations that the writer commits.

use std::time::Duration;

use super::{
    Append, Appended, Ask, Broken, Claim, Claimed, Digest, End, MessageUpdate, NewEvent, Outcome, Recipients, Resume,
    Retain, Subscribe, Subscription, TakeChore, TakeDue, WantedShare,
};

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
    /// Erases all messages to a number, which has these hashes, and the replies that name it, and answers how many there
    /// were.
    Purge(Ask<Vec<Digest>, u64>),
    /// Flushes what was recorded before.
    Flush(Ask<(), ()>),
    /// Waits until what was recorded before is committed.
    Settle(Ask<(), ()>),
}

impl Op {
    /// Whether somebody waits until the operation is flushed to disk.
    pub(super) fn is_flushed(&self) -> bool {
        match self {
            Self::Claim(claim) => claim.is_awaited() && claim.question.key.is_some(),
            Self::Recipients(recipients) => recipients.is_awaited(),
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
            Self::Claim(ask) if !ask.is_awaited() => Some(self),
            Self::Recipients(ask) if !ask.is_awaited() => Some(self),
            Self::Subscribe(ask) if !ask.is_awaited() => Some(self),
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

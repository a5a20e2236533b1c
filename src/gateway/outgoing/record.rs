//! What the store has of webhooks, beside the subscriptions: each record has one writer, so that none overwrites what
//! another has written.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use prost::Message;

use super::signature::SigningSecret;
use crate::{
    api::pb::{EventWebhook, event_webhook::State},
    epoch,
    error::Error,
    store::{Append, Store},
};

/// The settings of a webhook, which callers write.
#[derive(Clone, PartialEq, Message)]
pub(in crate::gateway) struct Settings {
    /// Where to deliver; empty: nowhere.
    #[prost(string, tag = "1")]
    pub(in crate::gateway) url: String,
    /// The secrets, newest first.
    #[prost(message, repeated, tag = "2")]
    pub(in crate::gateway) secrets: Vec<StoredSecret>,
    /// The number of these settings: delivery begins anew when a caller has changed where it is to begin, or whether.
    #[prost(int64, tag = "3")]
    pub(in crate::gateway) generation: i64,
    /// The sequence after which this generation begins, if a caller has set it.
    #[prost(int64, optional, tag = "4")]
    pub(in crate::gateway) begin_after: Option<i64>,
}

/// A secret of a webhook.
#[derive(Clone, PartialEq, Message)]
pub(in crate::gateway) struct StoredSecret {
    /// The text of the secret.
    #[prost(string, tag = "1")]
    pub(in crate::gateway) text: String,
    /// When it ends to be valid, in milliseconds; 0: never.
    #[prost(int64, tag = "2")]
    pub(in crate::gateway) until: i64,
}

/// How far the delivery is, which the replica that delivers writes.
#[derive(Clone, PartialEq, Message)]
pub(in crate::gateway) struct Progress {
    /// The generation of the settings that this is about.
    #[prost(int64, tag = "1")]
    pub(in crate::gateway) generation: i64,
    /// The sequence up to which everything is delivered.
    #[prost(int64, tag = "2")]
    pub(in crate::gateway) delivered_to: i64,
    /// Whether delivery has ended until a caller sets the webhook again.
    #[prost(enumeration = "Halt", tag = "3")]
    pub(in crate::gateway) halt: i32,
    /// When it ended, in milliseconds.
    #[prost(int64, tag = "4")]
    pub(in crate::gateway) halted_at: i64,
}

/// Why delivery has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, prost::Enumeration)]
#[repr(i32)]
pub(in crate::gateway) enum Halt {
    /// It has not.
    None = 0,
    /// An event was not delivered by the last attempt.
    Exhausted = 1,
    /// The receiver answered 410.
    Gone = 2,
    /// Events are gone from the log that were not delivered.
    Expired = 3,
}

/// The newest attempts, which the replica that delivers writes.
#[derive(Clone, PartialEq, Message)]
pub(in crate::gateway) struct Attempts {
    /// The attempts, newest first.
    #[prost(message, repeated, tag = "1")]
    pub(in crate::gateway) attempts: Vec<StoredAttempt>,
}

/// An attempt, as it is stored.
#[derive(Clone, PartialEq, Message)]
pub(in crate::gateway) struct StoredAttempt {
    #[prost(string, tag = "1")]
    pub(in crate::gateway) event: String,
    #[prost(uint32, tag = "2")]
    pub(in crate::gateway) number: u32,
    #[prost(int64, tag = "3")]
    pub(in crate::gateway) time: i64,
    #[prost(uint32, tag = "4")]
    pub(in crate::gateway) duration: u32,
    #[prost(uint32, tag = "5")]
    pub(in crate::gateway) status: u32,
    #[prost(string, tag = "6")]
    pub(in crate::gateway) error: String,
    #[prost(string, tag = "7")]
    pub(in crate::gateway) answer: String,
}

/// An attempt to deliver an event.
#[derive(Debug, Clone)]
pub(super) struct Attempt {
    /// The name of the event.
    pub(in crate::gateway) event: String,
    /// The number of the attempt, from 1.
    pub(in crate::gateway) number: usize,
    pub(in crate::gateway) time: SystemTime,
    pub(in crate::gateway) duration: Duration,
    /// The status of the answer.
    pub(in crate::gateway) status: Option<u16>,
    /// Why there was no answer.
    pub(in crate::gateway) error: String,
    /// The beginning of the answer.
    pub(in crate::gateway) answer: String,
}

impl Default for Attempt {
    fn default() -> Self {
        let (event, number, duration, status, error, answer) = Default::default();
        Self { event, number, time: UNIX_EPOCH, duration, status, error, answer }
    }
}

impl From<Attempt> for StoredAttempt {
    fn from(attempt: Attempt) -> Self {
        let Attempt { event, number, time, duration, status, error, answer } = attempt;
        Self {
            event,
            number: number as u32,
            time: epoch::in_millis(time),
            duration: duration.as_millis() as u32,
            status: status.unwrap_or_default().into(),
            error,
            answer,
        }
    }
}

impl Settings {
    /// Returns the secrets that are valid at this time, newest first.
    pub(in crate::gateway) fn valid_secrets(&self, now: SystemTime) -> Vec<SigningSecret> {
        let now = epoch::in_millis(now);
        let valid = self.secrets.iter().filter(|secret| secret.until == 0 || secret.until > now);
        valid.filter_map(|secret| SigningSecret::parse(&secret.text)).collect()
    }
}

/// A record of a subscription.
pub(in crate::gateway) trait Record: Message + Default {
    /// The prefix of the record's name.
    const KIND: &'static str;
}

impl Record for Settings {
    const KIND: &'static str = "webhook";
}

impl Record for Progress {
    const KIND: &'static str = "webhook-progress";
}

impl Record for Attempts {
    const KIND: &'static str = "webhook-attempts";
}

fn name<R: Record>(subscription: &str) -> String {
    format!("{}/{subscription}", R::KIND)
}

/// Reads a record; empty if there is none.
pub(in crate::gateway) async fn read<R: Record>(store: &Store, subscription: &str) -> Result<R, Error> {
    let bytes = store.cursor(&name::<R>(subscription)).await?.unwrap_or_default();
    R::decode(&*bytes).map_err(|e| Error::internal(format!("a record of the webhook is damaged: {e}")))
}

/// Writes a record.
pub(in crate::gateway) async fn write<R: Record>(store: &Store, subscription: &str, record: &R) -> Result<(), Error> {
    let cursors = vec![(name::<R>(subscription), record.encode_to_vec())];
    store.append(Append { cursors, ..Append::default() }).await.map(drop)
}

/// Returns the webhook of a subscription, if it has one.
///
/// # Errors
/// STORE_UNAVAILABLE.
pub(in crate::gateway) async fn describe(store: &Store, subscription: &str) -> Result<Option<EventWebhook>, Error> {
    let settings = read::<Settings>(store, subscription).await?;
    if settings.url.is_empty() {
        return Ok(None);
    }
    let secrets = settings.valid_secrets(SystemTime::now());
    let progress = read::<Progress>(store, subscription).await?;
    let halt = if progress.generation == settings.generation { progress.halt() } else { Halt::None };
    let state = match halt {
        Halt::None => State::Delivering,
        Halt::Exhausted => State::Paused,
        Halt::Gone => State::Gone,
        Halt::Expired => State::Expired,
    };
    let ended = epoch::time_of(progress.halted_at);
    Ok(Some(EventWebhook {
        url: settings.url,
        state: state.into(),
        end_time: (halt != Halt::None).then(|| ended.into()),
        delivered_sequence: progress.delivered_to,
        public_keys: secrets.iter().filter_map(SigningSecret::public_key).collect(),
    }))
}

/// Forgets the webhook of a subscription that is removed.
pub(in crate::gateway) async fn forget(store: &Store, subscription: &str) -> Result<(), Error> {
    let names = [name::<Settings>(subscription), name::<Progress>(subscription), name::<Attempts>(subscription)];
    let cursors = names.into_iter().map(|name| (name, Vec::new())).collect();
    store.append(Append { cursors, ..Append::default() }).await.map(drop)
}

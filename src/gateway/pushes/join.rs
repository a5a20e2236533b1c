//! Joins the parts of received SMS, which some vendors push one by one. Each part is in the store until all are there, or
//! ten minutes have passed: then what is there becomes one message.

use std::{collections::BTreeMap, time::Duration};

use prost::Message as _;

use crate::{
    api::{
        pb::ReceivedMessage,
        pushed::{Key, Part, Received},
    },
    epoch,
    error::Error,
    request::names,
    store::{Digest, Store},
    text::hex,
};

/// How long parts wait for the others.
pub(super) const PATIENCE: Duration = Duration::from_secs(600);

/// What is in the place of a part that did not arrive.
const MISSING: &str = "[...]";

/// The names of the stored parts: this, the account, the SMS, the number of the part, with slashes between.
const PARTS: &str = "parts/";

/// A stored part.
struct Stored {
    name: String,
    /// When the part arrived, in Unix seconds.
    time: u64,
    /// Whether the part is in a message already. It is kept for a while, so that a repeated push is recognized.
    is_joined: bool,
    number: u32,
    total: u32,
    message: ReceivedMessage,
}

/// What is to be recorded of parts.
#[derive(Default)]
pub(super) struct Joined {
    /// The messages that are complete, or as complete as they will be.
    pub(super) whole: Vec<Received>,
    /// What becomes of the stored parts.
    pub(super) cursors: Vec<(String, Vec<u8>)>,
}

/// Returns the part to be stored, unless it is stored already.
pub(super) async fn store_part(
    store: &Store,
    account: &str,
    received: &Received,
) -> Result<Option<(String, Vec<u8>)>, Error> {
    let Some(Part { number, total, .. }) = received.part else { return Ok(None) };
    let name = format!("{}{number}", prefix(store, account, received));
    let message = received.message.clone();
    let known = store.cursor(&name).await?.and_then(|value| Stored::read(name.clone(), &value));
    if known.is_some_and(|known| known.message.name == message.name) {
        return Ok(None);
    }
    let part = Stored { name, time: epoch::now().as_secs(), is_joined: false, number, total, message };
    Ok(Some(part.written()))
}

/// Joins the SMS that a part belongs to, once all of its parts are stored.
pub(super) async fn join(store: &Store, account: &str, received: &Received) -> Result<Joined, Error> {
    let mut joined = Joined::default();
    let parts = read(store, &prefix(store, account, received)).await?;
    let open: BTreeMap<_, _> =
        parts.into_iter().filter(|part| !part.is_joined).map(|part| (part.number, part)).collect();
    let is_whole = open.first_key_value().is_some_and(|(_, part)| open.len() == part.total as usize);
    if is_whole {
        joined.whole.extend(whole(&open));
        joined.cursors.extend(open.into_values().map(|part| Stored { is_joined: true, ..part }.written()));
    }
    Ok(joined)
}

/// Joins what has waited long enough in `account`, and removes what is of no use any more.
pub(super) async fn sweep(store: &Store, account: &str) -> Result<Joined, Error> {
    let mut sets: BTreeMap<String, Vec<Stored>> = BTreeMap::new();
    for part in read(store, &format!("{PARTS}{account}/")).await? {
        let set = part.name.rsplit_once('/').map_or(String::new(), |(set, _)| set.to_owned());
        sets.entry(set).or_default().push(part);
    }
    let mut joined = Joined::default();
    let old = epoch::now().saturating_sub(PATIENCE).as_secs();
    for parts in sets.into_values().filter(|parts| parts.iter().all(|part| part.time <= old)) {
        joined.cursors.extend(parts.iter().map(|part| (part.name.clone(), Vec::new())));
        let open = parts.into_iter().filter(|part| !part.is_joined).map(|part| (part.number, part)).collect();
        joined.whole.extend(whole(&open));
    }
    Ok(joined)
}

/// Returns the message of parts, if there are any.
fn whole(parts: &BTreeMap<u32, Stored>) -> Option<Received> {
    let (_, first) = parts.first_key_value()?;
    let texts = (1..=first.total).map(|number| parts.get(&number).map_or(MISSING, |part| &part.message.text));
    let message = ReceivedMessage { text: texts.collect(), ..first.message.clone() };
    let key = names::last_id(&message.name).to_owned();
    Some(Received { message, key: Key::Id(key), part: None, is_authentic: false })
}

/// Returns what the names of an SMS' parts begin with.
fn prefix(store: &Store, account: &str, Received { message, part, .. }: &Received) -> String {
    let reference = part.as_ref().map_or("", |part| &part.reference);
    let parts = [message.from.as_bytes(), message.to.as_bytes(), reference.as_bytes()];
    let Digest(digest) = store.digest("part", &parts);
    format!("{PARTS}{account}/{}/", hex(&digest))
}

async fn read(store: &Store, prefix: &str) -> Result<Vec<Stored>, Error> {
    let stored = store.cursors(prefix).await?;
    Ok(stored.into_iter().filter_map(|(name, value)| Stored::read(name, &value)).collect())
}

impl Stored {
    fn read(name: String, value: &[u8]) -> Option<Self> {
        let (head, message) = value.split_at_checked(17)?;
        let number = |bytes: &[u8]| bytes.try_into().ok().map(u32::from_be_bytes);
        Some(Self {
            name,
            time: u64::from_be_bytes(head[..8].try_into().ok()?),
            is_joined: head[8] == 1,
            number: number(&head[9..13])?,
            total: number(&head[13..])?,
            message: ReceivedMessage::decode(message).ok()?,
        })
    }

    fn written(self) -> (String, Vec<u8>) {
        let Self { name, time, is_joined, number, total, message } = self;
        let mut value = time.to_be_bytes().to_vec();
        value.push(is_joined.into());
        value.extend(number.to_be_bytes());
        value.extend(total.to_be_bytes());
        value.extend(message.encode_to_vec());
        (name, value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        config::{Config, Problems},
        store::Append,
    };

    const ACCOUNT: &str = "accounts/fr";

    async fn store() -> Store {
        let table = "[store]\npath = ':memory:'".parse().expect("TOML");
        Store::open(&Config::new(table, &mut Problems::new()).store).await.expect("a store")
    }

    fn part(number: u32, total: u32, text: &str) -> Received {
        let message = ReceivedMessage {
            name: format!("{ACCOUNT}/receivedMessages/m{number}"),
            from: "+33612345678".to_owned(),
            to: "+33644630000".to_owned(),
            text: text.to_owned(),
            ..ReceivedMessage::default()
        };
        let part = Some(Part { reference: "93".to_owned(), number, total });
        Received { message, key: Key::Id(format!("m{number}")), part, is_authentic: false }
    }

    async fn set(store: &Store, cursors: Vec<(String, Vec<u8>)>) {
        store.append(Append { cursors, ..Append::default() }).await.expect("recorded");
    }

    /// Stores a part that came so long ago.
    async fn came(store: &Store, received: &Received, ago: Duration) {
        let (name, value) = store_part(store, ACCOUNT, received).await.expect("an answer").expect("it is new");
        let part = Stored::read(name.clone(), &value).expect("its own form");
        set(store, vec![Stored { time: part.time - ago.as_secs(), ..part }.written()]).await;
    }

    #[tokio::test]
    async fn what_waited_long_enough_is_one_message_with_its_gaps_and_is_removed() {
        let store = store().await;
        for (number, text) in [(1, "one "), (3, " three")] {
            came(&store, &part(number, 3, text), PATIENCE).await;
            assert_eq!(join(&store, ACCOUNT, &part(number, 3, text)).await.expect("read").whole, []);
        }
        assert!(sweep(&store, "accounts/other").await.expect("read").cursors.is_empty());
        let Joined { whole, cursors } = sweep(&store, ACCOUNT).await.expect("read");
        let [Received { message, key, part: None, .. }] = &whole[..] else { panic!("{whole:?}") };
        assert_eq!((&*message.text, key), ("one [...] three", &Key::Id("m1".to_owned())));
        set(&store, cursors).await;
        assert_eq!(store.cursors(PARTS).await.expect("read"), []);
    }

    #[tokio::test]
    async fn parts_wait_as_long_as_the_last_one_is_young_and_joined_ones_are_only_removed() {
        let store = store().await;
        came(&store, &part(1, 2, "one "), PATIENCE).await;
        came(&store, &part(2, 2, "two"), Duration::ZERO).await;
        assert!(sweep(&store, ACCOUNT).await.expect("read").cursors.is_empty());
        let Joined { whole, cursors } = join(&store, ACCOUNT, &part(2, 2, "two")).await.expect("read");
        assert_eq!(whole.iter().map(|received| &*received.message.text).collect::<Vec<_>>(), ["one two"]);
        set(&store, cursors).await;
        // A repeated part is known, and nothing is joined twice.
        assert!(store_part(&store, ACCOUNT, &part(1, 2, "one ")).await.expect("read").is_none());
        assert_eq!(join(&store, ACCOUNT, &part(2, 2, "two")).await.expect("read").whole, []);
        let old = store.cursors(PARTS).await.expect("read").into_iter().map(|(name, value)| {
            let part = Stored::read(name, &value).expect("its own form");
            Stored { time: part.time.saturating_sub(PATIENCE.as_secs()), ..part }.written()
        });
        set(&store, old.collect()).await;
        let Joined { whole, cursors } = sweep(&store, ACCOUNT).await.expect("read");
        assert_eq!((whole, cursors.len()), (Vec::new(), 2));
    }
}

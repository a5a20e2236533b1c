//! What a vendor's stop list says of people whom smsmux put on it.

use std::{
    collections::HashMap,
    time::{Duration, SystemTime},
};

use super::{Consents, follow::PEOPLE};
use crate::{
    api::pushed::OptOut,
    error::Error,
    store::{ConsentEntry, ConsentFilter, Digest},
};

impl Consents {
    /// Returns the entries of an account's stop list that are news. An entry of somebody who is blocked already may be the
    /// copy of that block, and would have it come from the vendor, so that the person's START does not lift it. An entry that
    /// is older than what permits the person would undo that.
    ///
    /// # Errors
    /// STORE_UNAVAILABLE.
    pub(in crate::gateway) async fn news(&self, account: &str, opt_outs: Vec<OptOut>) -> Result<Vec<OptOut>, Error> {
        let brands = Some(vec![self.brand(account).name.clone()]);
        let mut news = Vec::new();
        for some in opt_outs.chunks(PEOPLE) {
            let numbers: Vec<_> = some.iter().flat_map(|one| self.store.numbers(&one.phone_number)).collect();
            let filter = ConsentFilter { brands: brands.clone(), numbers, blocked: false };
            let known = self.store.consents(filter, None, u32::MAX).await?;
            let known: HashMap<_, _> = known.into_iter().map(|entry| (entry.number, entry)).collect();
            news.extend(some.iter().filter(|one| self.is_news(one, &known)).cloned());
        }
        Ok(news)
    }

    fn is_news(&self, opt_out: &OptOut, known: &HashMap<Digest, ConsentEntry>) -> bool {
        let numbers = self.store.numbers(&opt_out.phone_number);
        match numbers.iter().find_map(|number| known.get(number)) {
            None => true,
            Some(entry) if entry.blocked => !self.copies,
            Some(entry) => {
                let time = opt_out.time.and_then(|time| SystemTime::try_from(time).ok());
                // Lists have whole seconds.
                let until = time.and_then(|time| time.checked_add(Duration::from_secs(1)));
                until.is_none_or(|until| until > entry.time)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::{
        api::pb::{ConsentEvidence, ConsentOrigin},
        config::{Config, Problems},
        store::{Append, ConsentAct, Store},
    };

    const ACCOUNT: &str = "accounts/se";

    async fn consents(consent: &str) -> Arc<Consents> {
        let table = format!("[store]\npath = ':memory:'\n[consent]\n{consent}").parse().expect("TOML");
        let config = Config::new(table, &mut Problems::new());
        let store = Store::open(&config.store).await.expect("a store");
        Consents::open(store, &config.consent).await.expect("a list")
    }

    async fn record(consents: &Consents, phone_number: &str, act: ConsentAct) {
        let change = consents.change(&ACCOUNT.into(), phone_number, act, None, ConsentEvidence::default());
        let append = Append { consents: vec![change], ..Append::default() };
        consents.store.append(append).await.expect("recorded");
    }

    /// The numbers of the entries that are news, where the list has each number with the time at so many seconds from now.
    async fn news(consents: &Consents, entries: &[(&str, i64)]) -> Vec<String> {
        let now = crate::epoch::now_in_seconds();
        let entry = |&(number, seconds): &(&str, i64)| OptOut {
            phone_number: number.to_owned(),
            time: Some(prost_types::Timestamp { seconds: now + seconds, nanos: 0 }),
            ..OptOut::default()
        };
        let news = consents.news(ACCOUNT, entries.iter().map(entry).collect()).await.expect("news");
        news.into_iter().map(|one| one.phone_number).collect()
    }

    #[tokio::test]
    async fn a_copy_of_a_block_and_what_is_older_than_a_permit_are_no_news() {
        let (unknown, blocked, permitted) = ("+46701234567", "+46701234568", "+46701234569");
        let entries = [(unknown, 0), (blocked, 3600), (permitted, -3600)];
        for (settings, expected) in [("", vec![unknown]), ("copy = false", vec![unknown, blocked])] {
            let consents = consents(settings).await;
            record(&consents, blocked, ConsentAct::Block(ConsentOrigin::Keyword.into())).await;
            record(&consents, permitted, ConsentAct::Block(ConsentOrigin::Manual.into())).await;
            record(&consents, permitted, ConsentAct::Allow(ConsentOrigin::Manual.into())).await;
            assert_eq!(news(&consents, &entries).await, expected, "{settings}");
            assert_eq!(news(&consents, &[(permitted, 3600)]).await, [permitted]);
        }
    }
}

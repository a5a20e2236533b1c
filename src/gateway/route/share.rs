//! SetRouteShare: an operator sets what an account of a route gets of its share, for a time. The store has it, so that all replicas
//! use it, and whoever starts later.

use std::time::{Duration, UNIX_EPOCH};

use super::{
    balance::now,
    health::Pin,
    keep::{changed, decoded, encoded},
};
use crate::{
    api::pb::{EventSource, RouteShare, SetRouteShareRequest, SetRouteShareResponse},
    call::Call,
    error::{Error, Outcome, Reason},
    gateway::{Gateway, layers::find},
    request::{check::Check, names},
    store::{Append, Store},
};

/// How long a share holds unless the request says otherwise, and what the request may say.
const DEFAULT: Duration = Duration::from_secs(15 * 60);
const SHORTEST: Duration = Duration::from_secs(60);
const LONGEST: Duration = Duration::from_secs(7 * 24 * 3600);

/// A share that an operator set, as the store has it.
pub(super) struct Set {
    /// Its name in the store, which no other one ever has: who removes one that is over removes none that came after it.
    pub(super) cursor: String,
    /// The account's id.
    pub(super) account: String,
    pub(super) pin: Pin,
}

/// Returns what operators set for the accounts of a route, the last of an account last.
///
/// # Errors
/// STORE_UNAVAILABLE.
pub(super) async fn load(store: &Store, route: &str) -> Result<Vec<Set>, Error> {
    let cursors = store.cursors(&prefix(route)).await?;
    let set = |(cursor, value): (String, Vec<u8>)| {
        let (account, pin) = decoded(&value)?;
        Some(Set { cursor, account, pin })
    };
    let mut all: Vec<_> = cursors.into_iter().filter_map(set).collect();
    all.sort_by_key(|set| set.pin.at);
    Ok(all)
}

fn prefix(route: &str) -> String {
    format!("route share {route} ")
}

impl Gateway {
    pub(crate) async fn set_route_share(
        &self,
        call: &Call,
        request: SetRouteShareRequest,
    ) -> Result<SetRouteShareResponse, Error> {
        let SetRouteShareRequest { name, account, share, duration } = request;
        let mut check = Check::new();
        check.account(&name, "name");
        check.account(&account, "account");
        let part = share.filter(|share| (0.0..=1.0).contains(share));
        check.that(part.is_some(), "share", "is required, and must be from 0 to 1");
        let holds = duration.map_or(Ok(DEFAULT), Duration::try_from).unwrap_or_default();
        check.that((SHORTEST..=LONGEST).contains(&holds), "duration", "must be from 1 minute to 7 days");
        check.done()?;
        let found = find(&self.accounts(), call, &name, "name")?;
        let (Some(route), Some(log)) = (&found.route, &self.log) else {
            return Err(Error::invalid_field("name", "must be a route: an account with vendor = \"route\""));
        };
        let (route, id, at) = (route.balance(), names::account_id(&account), now());
        let (name, store) = (&found.site.account, log.store());
        // Other replicas may have set some since.
        let before = load(store, name).await?;
        route.set(&before);
        let pin = Pin { share: part.unwrap_or_default(), at, until: at + holds };
        let moved = route.would_set(id, pin).ok_or_else(|| {
            Error::invalid_field("account", "must be an account that a rule of the route chooses among others")
        })?;
        if pin.share <= 0.0
            && let Some(rule) = route.is_last_of(id)
        {
            let text = format!("rule {rule} would have no account left: all others are taken out by a share of 0");
            return Err(Error::new(Reason::StateConflict, text).outcome(Outcome::NotSent));
        }
        let before = before.into_iter().filter(|set| set.account == id);
        let mut cursors: Vec<_> = before.map(|set| (set.cursor, Vec::new())).collect();
        cursors.push((format!("{}{id} {:016x}", prefix(name), fastrand::u64(..)), encoded(&(id, pin))));
        // A repeated call sets the same, and nothing has changed.
        let is_news = moved.from != moved.to;
        let events = is_news.then(|| changed(log, name, &moved, EventSource::Operator)).into_iter().collect();
        store.append(Append { events, cursors, ..Append::default() }).await?;
        tracing::warn!(route = &**name, account = id, "weight of a route set: {moved}");
        route.set(&load(store, name).await?);
        let route_share = Some(RouteShare {
            account: format!("accounts/{id}"),
            share: pin.share,
            end_time: Some((UNIX_EPOCH + pin.until).into()),
        });
        Ok(SetRouteShareResponse { route_share })
    }
}

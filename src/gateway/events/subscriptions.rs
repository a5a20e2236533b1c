//! Subscriptions: the places of readers that cannot keep one themselves.

use std::time::SystemTime;

use prost::Message as _;

use super::{
    Gateway,
    filter::{Begin, Filter, Start},
    streams::{Stream, deleted},
};
use crate::{
    api::pb::{
        AckEventsRequest, AckEventsResponse, CreateEventSubscriptionRequest, CreateEventSubscriptionResponse,
        DeleteEventSubscriptionRequest, DeleteEventSubscriptionResponse, EventShard, EventSubscription,
        GetEventSubscriptionRequest, GetEventSubscriptionResponse, ListEventSubscriptionsRequest,
        ListEventSubscriptionsResponse,
    },
    call::Call,
    error::{Error, Outcome, Reason},
    gateway::{
        layers::{ALL, find_all},
        outgoing,
    },
    request::{check::Check, names, page::Page},
    store::{EventFilter, Shard, Store, Subscribe, Subscription},
};

const COLLECTION: &str = "eventSubscriptions";

/// A subscription that was found.
pub(super) struct Found {
    pub(super) key: String,
    pub(super) filter: Filter,
    stored: Subscription,
    described: EventSubscription,
    /// The log that it was made in.
    epoch: i64,
}

/// Returns what the events of a subscription are. Which accounts one of all accounts means depends on its caller.
pub(in crate::gateway) fn filter_of(stored: &Subscription) -> Result<EventFilter, Error> {
    let Filter { parent, types, shard, .. } = Found::new(stored.clone())?.filter;
    Ok(EventFilter { accounts: vec![parent.into()], kinds: types, shard })
}

/// Reads the part of the events that a subscription gets.
fn shard(EventShard { index, count }: &EventShard) -> Shard {
    Shard { index: index.unsigned_abs(), count: count.unsigned_abs().max(1) }
}

impl Gateway {
    pub(crate) async fn create_event_subscription(
        &self,
        call: &Call,
        request: CreateEventSubscriptionRequest,
    ) -> Result<CreateEventSubscriptionResponse, Error> {
        let CreateEventSubscriptionRequest {
            parent,
            event_subscription_id: id,
            types,
            resume_token,
            start_time,
            shard,
        } = request;
        let mut check = Check::new();
        let filter = Filter::new(&mut check, &parent, &types, shard);
        let form = "must be 1 to 63 lower-case letters, digits and hyphens, beginning with a letter";
        check.that(names::is_account_id(&id), "event_subscription_id", form);
        let begin = filter.start(&mut check, &resume_token, start_time, Start::Now);
        check.done()?;
        let store = self.event_store()?;
        find_all(&self.accounts(), call, &parent, "parent")?;
        let acked = begin.place(store, &filter).await?;
        let name = names::child(&parent, COLLECTION, &id);
        let described = EventSubscription {
            name: name.clone(),
            types: filter.types.clone(),
            create_time: Some(SystemTime::now().into()),
            resume_token: filter.token(store.epoch(), acked),
            behind: 0,
            webhook: None,
            shard,
        };
        let create = Subscribe::Create { name: key(call, &name), acked, body: described.encode_to_vec() };
        let created = store.subscribe(create).await?.ok_or_else(|| {
            let text = "there is a subscription of this event_subscription_id";
            Error::new(Reason::ResourceExists, text).outcome(Outcome::NotSent)
        })?;
        let event_subscription = Some(Found::new(created)?.describe(store));
        Ok(CreateEventSubscriptionResponse { event_subscription })
    }

    pub(crate) async fn get_event_subscription(
        &self,
        call: &Call,
        request: GetEventSubscriptionRequest,
    ) -> Result<GetEventSubscriptionResponse, Error> {
        let GetEventSubscriptionRequest { name } = request;
        let found = self.find_subscription(call, Check::new(), &name, "name").await?;
        let event_subscription = Some(found.describe_all(self.event_store()?).await?);
        Ok(GetEventSubscriptionResponse { event_subscription })
    }

    pub(crate) async fn list_event_subscriptions(
        &self,
        call: &Call,
        request: ListEventSubscriptionsRequest,
    ) -> Result<ListEventSubscriptionsResponse, Error> {
        let ListEventSubscriptionsRequest { parent, page_size, page_token } = request;
        let mut check = Check::new();
        if parent != ALL {
            check.account(&parent, "parent");
        }
        let page = Page::new(&mut check, page_size, &page_token, ("ListEventSubscriptions", &parent));
        check.done()?;
        let store = self.event_store()?;
        find_all(&self.accounts(), call, &parent, "parent")?;
        let all = store.subscriptions(&key(call, &format!("{parent}/{COLLECTION}"))).await?;
        let (listed, next_page_token) = page.of(all.into_iter());
        let mut event_subscriptions = Vec::new();
        for stored in listed {
            event_subscriptions.push(Found::new(stored)?.describe_all(store).await?);
        }
        Ok(ListEventSubscriptionsResponse { event_subscriptions, next_page_token })
    }

    pub(crate) async fn delete_event_subscription(
        &self,
        call: &Call,
        request: DeleteEventSubscriptionRequest,
    ) -> Result<DeleteEventSubscriptionResponse, Error> {
        let DeleteEventSubscriptionRequest { name } = request;
        let found = self.find_subscription(call, Check::new(), &name, "name").await?;
        let delete = Subscribe::Delete { name: found.key.clone() };
        let store = self.event_store()?;
        store.subscribe(delete).await?.ok_or_else(deleted)?;
        self.event_streams.delete(&found.key);
        // Otherwise a new subscription of the name would begin with the webhook.
        outgoing::forget(store, &found.key).await?;
        Ok(DeleteEventSubscriptionResponse {})
    }

    pub(crate) async fn ack_events(&self, call: &Call, request: AckEventsRequest) -> Result<AckEventsResponse, Error> {
        let AckEventsRequest { name, resume_token } = request;
        let mut check = Check::new();
        check.required(&resume_token, "resume_token");
        let found = self.find_subscription(call, check, &name, "name").await?;
        let store = self.event_store()?;
        let mut check = Check::new();
        let opened = found.filter.open(&resume_token);
        check.that(opened.is_some(), "resume_token", "invalid token; expected one of this subscription");
        check.done()?;
        let (epoch, sequence) = opened.unwrap_or_default();
        if epoch != store.epoch() || sequence > store.event_bounds().await?.newest {
            return Err(super::filter::reset());
        }
        let ack = Subscribe::Ack { name: found.key, sequence };
        let acked = store.subscribe(ack).await?.ok_or_else(deleted)?;
        Ok(AckEventsResponse { event_subscription: Some(Found::new(acked)?.describe_all(store).await?) })
    }

    /// Begins the stream of a subscription, which ends the one before it.
    ///
    /// # Errors
    /// INVALID_REQUEST with what `check` has found; RESOURCE_NOT_FOUND; ACCOUNT_NOT_GRANTED.
    pub(super) async fn begin_stream(
        &self,
        call: &Call,
        check: Check,
        name: &str,
    ) -> Result<(Filter, Begin, Stream), Error> {
        let found = self.find_subscription(call, check, name, "subscription").await?;
        let store = self.event_store()?;
        let begun = store.subscribe(Subscribe::Stream { name: found.key.clone() }).await?.ok_or_else(deleted)?;
        let stream = self.event_streams.begin(store, &found.key, begun.stream)?;
        Ok((found.filter, Begin::after(found.epoch, begun.acked), stream))
    }

    pub(super) async fn find_subscription(
        &self,
        call: &Call,
        mut check: Check,
        name: &str,
        field: &str,
    ) -> Result<Found, Error> {
        let ids = names::ids::<2>(name, &format!("accounts/*/{COLLECTION}/*"), field).map(|[account, _]| account);
        let parent = format!("accounts/{}", check.take(ids));
        check.done()?;
        let store = self.event_store()?;
        find_all(&self.accounts(), call, &parent, field)?;
        store.see_events().await?;
        let key = key(call, name);
        let found = store.subscriptions(&key).await?.into_iter().find(|found| found.name == key);
        Found::new(found.ok_or_else(deleted)?)
    }
}

/// Returns the key of a subscription in the store: one of all accounts is the caller's own.
fn key(call: &Call, name: &str) -> String {
    if name.strip_prefix(ALL).is_none_or(|rest| !rest.starts_with('/')) {
        return name.to_owned();
    }
    let caller = call.caller().map_or("", |caller| caller.name());
    format!("callers/{caller}/{name}")
}

impl Found {
    fn new(stored: Subscription) -> Result<Self, Error> {
        let damaged = || Error::internal("the store has a damaged subscription");
        let described = EventSubscription::decode(&*stored.body).map_err(|_| damaged())?;
        let parent = described.name.split_once(&format!("/{COLLECTION}/")).map_or("", |(parent, _)| parent).to_owned();
        let filter = Filter::of(&parent, described.types.clone(), described.shard.as_ref().map(shard));
        let (epoch, _) = filter.open(&described.resume_token).ok_or_else(damaged)?;
        Ok(Self { key: stored.name.clone(), filter, stored, described, epoch })
    }

    /// Returns the subscription with its webhook.
    pub(super) async fn describe_all(self, store: &Store) -> Result<EventSubscription, Error> {
        let webhook = outgoing::describe(store, &self.key).await?;
        Ok(EventSubscription { webhook, ..self.describe(store) })
    }

    fn describe(self, store: &Store) -> EventSubscription {
        let (acked, newest) = (self.stored.acked, *store.newest_event().borrow());
        let resume_token = self.filter.token(self.epoch, acked);
        EventSubscription { resume_token, behind: (newest - acked).max(0), ..self.described }
    }
}

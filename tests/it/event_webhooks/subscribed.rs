//! A subscription with a webhook, which the tests look at.

use smsmux::api::pb::{
    CreateEventSubscriptionRequest, EventSubscription, EventWebhookAttempt, GetEventSubscriptionRequest,
    ListEventWebhookAttemptsRequest, SetEventWebhookRequest, SetEventWebhookResponse,
    event_service_client::EventServiceClient, event_webhook,
};
use tonic::{Status, transport::Channel};

use super::receiver::Receiver;
use crate::support::{in_time, pause};

pub(super) const SUBSCRIPTION: &str = "accounts/smsend/eventSubscriptions/billing";

/// A subscription with a webhook.
pub(super) struct Subscribed {
    pub(super) events: EventServiceClient<Channel>,
    pub(super) secret: String,
}

impl Subscribed {
    pub(super) async fn to(channel: &Channel, receiver: &Receiver) -> Self {
        let mut events = EventServiceClient::new(channel.clone());
        let create = CreateEventSubscriptionRequest {
            parent: "accounts/smsend".to_owned(),
            event_subscription_id: "billing".to_owned(),
            ..CreateEventSubscriptionRequest::default()
        };
        events.create_event_subscription(create).await.unwrap();
        let mut subscribed = Self { events, secret: String::new() };
        let set = subscribed.set(&receiver.url()).await.unwrap();
        let webhook = set.event_subscription.unwrap().webhook.unwrap();
        assert_eq!((webhook.url.clone(), webhook.state()), (receiver.url(), event_webhook::State::Delivering));
        subscribed.secret = set.signing_secret;
        subscribed
    }

    pub(super) async fn set(&mut self, url: &str) -> Result<SetEventWebhookResponse, Status> {
        let (name, url) = (SUBSCRIPTION.to_owned(), url.to_owned());
        let set = SetEventWebhookRequest { name, url, signing_secret: String::new() };
        self.events.set_event_webhook(set).await.map(tonic::Response::into_inner)
    }

    pub(super) async fn get(&mut self) -> EventSubscription {
        let get = GetEventSubscriptionRequest { name: SUBSCRIPTION.to_owned() };
        self.events.get_event_subscription(get).await.unwrap().into_inner().event_subscription.unwrap()
    }

    /// Waits until the webhook is in this state.
    pub(super) async fn until(&mut self, state: event_webhook::State) {
        in_time(async {
            while self.get().await.webhook.unwrap().state() != state {
                pause().await;
            }
        })
        .await;
    }

    /// Waits until so many attempts are listed.
    pub(super) async fn attempts(&mut self, count: usize) -> Vec<EventWebhookAttempt> {
        in_time(async {
            loop {
                let list = ListEventWebhookAttemptsRequest { name: SUBSCRIPTION.to_owned() };
                let listed = self.events.list_event_webhook_attempts(list).await.unwrap().into_inner().attempts;
                if listed.len() >= count {
                    return listed;
                }
                pause().await;
            }
        })
        .await
    }
}

//! The RPCs of webhooks: what is delivered to where, signed by what, and again from when.

use std::time::{Duration, SystemTime};

use super::{Gateway, filter::Start, subscriptions::Found};
use crate::{
    api::pb::{
        EventWebhookAttempt, ListEventWebhookAttemptsRequest, ListEventWebhookAttemptsResponse, RedeliverEventsRequest,
        RedeliverEventsResponse, RotateEventWebhookSecretRequest, RotateEventWebhookSecretResponse,
        SetEventWebhookRequest, SetEventWebhookResponse,
    },
    call::Call,
    epoch,
    error::{Error, Outcome, Reason},
    gateway::outgoing::{
        Outgoing, SigningSecret,
        record::{self, Attempts, Halt, Progress, Settings, StoredAttempt, StoredSecret},
    },
    request::check::Check,
};

/// How long an old secret is valid, unless the caller says otherwise, and at most.
const OVERLAP: Duration = Duration::from_secs(24 * 3600);
const LONGEST_OVERLAP: Duration = Duration::from_secs(30 * 24 * 3600);

impl Gateway {
    pub(crate) async fn set_event_webhook(
        &self,
        call: &Call,
        request: SetEventWebhookRequest,
    ) -> Result<SetEventWebhookResponse, Error> {
        let SetEventWebhookRequest { name, url, signing_secret } = request;
        let (webhooks, mut check) = (self.event_webhooks()?, Check::new());
        if let (false, Err(problem)) = (url.is_empty(), webhooks.check(&url)) {
            check.fault("url", problem);
        }
        let given = SigningSecret::parse(&signing_secret);
        let form = "must be whsec_ and 24 to 64 bytes in base64; leave it empty for a random secret";
        check.that(signing_secret.is_empty() || given.is_some(), "signing_secret", form);
        let found = self.find_subscription(call, check, &name, "name").await?;
        let store = self.event_store()?;
        let mut settings = record::read::<Settings>(store, &found.key).await?;
        let progress = record::read::<Progress>(store, &found.key).await?;
        let secret = match given {
            None if settings.secrets.is_empty() && !url.is_empty() => Some(random()?),
            given => given,
        };
        if let Some(secret) = &secret {
            settings.secrets = vec![StoredSecret { text: secret.reveal(), until: 0 }];
        }
        if progress.generation == settings.generation {
            let expired = progress.halt() == Halt::Expired;
            settings.begin_after = if expired { Some(store.event_bounds().await?.oldest - 1) } else { None };
        }
        settings = Settings { url, generation: settings.generation + 1, ..settings };
        webhooks.set(&found.key, &settings).await?;
        let signing_secret = secret.map(|secret| secret.reveal()).unwrap_or_default();
        Ok(SetEventWebhookResponse { event_subscription: Some(found.describe_all(store).await?), signing_secret })
    }

    pub(crate) async fn rotate_event_webhook_secret(
        &self,
        call: &Call,
        request: RotateEventWebhookSecretRequest,
    ) -> Result<RotateEventWebhookSecretResponse, Error> {
        let RotateEventWebhookSecretRequest { name, overlap } = request;
        let (webhooks, mut check) = (self.event_webhooks()?, Check::new());
        let overlap = overlap.map_or(Some(OVERLAP), |overlap| overlap.try_into().ok());
        let overlap = overlap.filter(|overlap| *overlap <= LONGEST_OVERLAP);
        check.that(overlap.is_some(), "overlap", "must be 0 to 30 days");
        let found = self.find_subscription(call, check, &name, "name").await?;
        let mut settings = self.webhook_of(&found).await?;
        let (secret, now) = (random()?, SystemTime::now());
        let end = now + overlap.unwrap_or_default();
        // Of older ones none is valid any longer: two at a time are enough.
        settings.secrets.truncate(1);
        settings.secrets.iter_mut().for_each(|old| old.until = epoch::in_millis(end));
        settings.secrets.insert(0, StoredSecret { text: secret.reveal(), until: 0 });
        webhooks.set(&found.key, &settings).await?;
        Ok(RotateEventWebhookSecretResponse { signing_secret: secret.reveal(), old_secret_end_time: Some(end.into()) })
    }

    pub(crate) async fn redeliver_events(
        &self,
        call: &Call,
        request: RedeliverEventsRequest,
    ) -> Result<RedeliverEventsResponse, Error> {
        let RedeliverEventsRequest { name, resume_token, start_time } = request;
        let webhooks = self.event_webhooks()?;
        let found = self.find_subscription(call, Check::new(), &name, "name").await?;
        let mut check = Check::new();
        let begin = found.filter.start(&mut check, &resume_token, start_time, Start::Oldest);
        check.done()?;
        let mut settings = self.webhook_of(&found).await?;
        let store = self.event_store()?;
        settings.begin_after = Some(begin.place(store, &found.filter).await?);
        settings.generation += 1;
        webhooks.set(&found.key, &settings).await?;
        Ok(RedeliverEventsResponse { event_subscription: Some(found.describe_all(store).await?) })
    }

    pub(crate) async fn list_event_webhook_attempts(
        &self,
        call: &Call,
        request: ListEventWebhookAttemptsRequest,
    ) -> Result<ListEventWebhookAttemptsResponse, Error> {
        let ListEventWebhookAttemptsRequest { name } = request;
        let found = self.find_subscription(call, Check::new(), &name, "name").await?;
        let Attempts { attempts } = record::read(self.event_store()?, &found.key).await?;
        Ok(ListEventWebhookAttemptsResponse { attempts: attempts.into_iter().map(describe).collect() })
    }

    /// Returns the delivery to webhooks.
    ///
    /// # Errors
    /// UNSUPPORTED: the server has no store.
    fn event_webhooks(&self) -> Result<&Outgoing, Error> {
        self.event_store()?;
        self.outgoing.as_ref().ok_or_else(|| Error::internal("there is a store, but nothing that delivers"))
    }

    /// Returns the settings of a webhook that there is.
    async fn webhook_of(&self, found: &Found) -> Result<Settings, Error> {
        let settings = record::read::<Settings>(self.event_store()?, &found.key).await?;
        match settings.url.is_empty() {
            true => {
                let text = "the subscription has no webhook: SetEventWebhook sets one";
                Err(Error::new(Reason::StateConflict, text).outcome(Outcome::NotSent))
            }
            false => Ok(settings),
        }
    }
}

fn random() -> Result<SigningSecret, Error> {
    SigningSecret::generate().ok_or_else(|| Error::internal("the system has no randomness"))
}

fn describe(attempt: StoredAttempt) -> EventWebhookAttempt {
    let StoredAttempt { event, number, time, duration, status, error, answer } = attempt;
    EventWebhookAttempt {
        event,
        attempt: number as i32,
        time: Some(epoch::time_of(time).into()),
        duration: Duration::from_millis(duration.into()).try_into().ok(),
        http_status: status as i32,
        problem: error,
        answer,
    }
}

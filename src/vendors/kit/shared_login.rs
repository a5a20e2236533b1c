//! A login that replicas share: one of them logs in, and the others use the same session, which the store keeps encrypted.
//!
//! | kept in the store | the lease of the login | what a replica does |
//! |---|---|---|
//! | a login that was not rejected here | | uses it |
//! | a rejection by the vendor | another's | is rejected the same way |
//! | a login that was rejected here, or nothing | another's | waits for the other one's login |
//! | anything else | free | takes the lease, and logs in |
//!
//! After a rejection the lease lasts as long as the pause before the next login. A replica that cannot reach the store logs
//! in by itself.

use std::{convert::Infallible, time::Duration};

use serde::{Deserialize, Serialize};
use tokio::time::sleep;

use super::session::PAUSES_REFUSED;
use crate::{
    api::shared::{LEASE, Replicas, Shared},
    error::{Error, Outcome, Reason},
};

/// How often a replica looks whether another one has logged in.
const LOOKS: Duration = Duration::from_millis(100);

/// How often a lease is renewed while a login takes its time.
const RENEWED: Duration = Duration::from_secs(5);

/// A login that can be kept as a text.
pub trait LoginText: Sized {
    /// Returns the text.
    fn text(&self) -> String;

    /// Reads a text; `None` if it is not one of a login.
    fn read(text: &str) -> Option<Self>;
}

/// What the store keeps of a login.
#[derive(Serialize, Deserialize)]
enum Kept {
    Login(String),
    Refused(Refused),
}

/// A rejection, and how many there were in a row.
#[derive(Clone, Serialize, Deserialize)]
struct Refused {
    times: u32,
    reason: i32,
    text: String,
    http_status: Option<u16>,
    vendor_message: String,
}

impl Refused {
    fn of(error: &Error, before: u32) -> Self {
        Self {
            times: before.saturating_add(1),
            reason: error.reason().into(),
            text: error.text().to_owned(),
            http_status: error.status(),
            vendor_message: error.vendor_text().unwrap_or_default().to_owned(),
        }
    }

    fn error(&self, operation: &'static str) -> Error {
        let reason = Reason::try_from(self.reason).unwrap_or(Reason::VendorDenied);
        let error = Error::new(reason, &*self.text).outcome(Outcome::Refused).operation(operation);
        let error = error.vendor_message(&self.vendor_message);
        match self.http_status {
            Some(status) => error.http_status(status),
            None => error,
        }
    }

    /// Returns the pause before the next login.
    fn pause(&self) -> Duration {
        let doubled = PAUSES_REFUSED.0.saturating_mul(1 << self.times.saturating_sub(1).min(6));
        doubled.min(PAUSES_REFUSED.1)
    }
}

/// Logs in by `make`, or returns the login that another replica has made, unless it is `stale`. `operation` is the vendor's,
/// and `credential` what the login is made with.
pub async fn login<T: LoginText>(
    shared: &Shared,
    (operation, credential): (&'static str, &[&str]),
    stale: Option<&T>,
    make: impl Future<Output = Result<T, Error>>,
) -> Result<T, Error> {
    let Some(replicas) = shared.replicas().filter(|replicas| replicas.encrypts()) else { return make.await };
    let place = Place { replicas, name: format!("login {}", replicas.hash(credential)) };
    let refusals = match place.find(stale.map(LoginText::text).as_deref()).await {
        Ok(Found::Login(login)) => return Ok(login),
        Ok(Found::Refused(refused)) => return Err(refused.error(operation)),
        Ok(Found::Ours(refusals)) => refusals,
        Err(error) => {
            tracing::debug!(%error, "a login is not shared");
            return make.await;
        }
    };
    let made = tokio::select! {
        made = make => made,
        never = place.renew() => match never {},
    };
    if let Err(error) = place.leave(&made, refusals).await {
        tracing::debug!(%error, "a login is not shared");
    }
    made
}

/// Where a login is kept, and the name of its lease.
struct Place<'a> {
    replicas: &'a dyn Replicas,
    name: String,
}

enum Found<T> {
    Login(T),
    Refused(Refused),
    /// This replica is to log in, after so many rejections in a row.
    Ours(u32),
}

impl Place<'_> {
    /// Waits until there is a login, or this replica has the lease.
    async fn find<T: LoginText>(&self, stale: Option<&str>) -> Result<Found<T>, Error> {
        loop {
            let is_ours = self.replicas.take(&self.name, LEASE).await?;
            let kept = self.replicas.kept(&self.name).await?;
            let kept = kept.and_then(|kept| serde_json::from_slice(&kept).ok());
            let refusals = match kept {
                Some(Kept::Login(text)) if stale != Some(&*text) => {
                    if let Some(login) = T::read(&text) {
                        if is_ours {
                            self.replicas.end(&self.name).await?;
                        }
                        return Ok(Found::Login(login));
                    }
                    0
                }
                // So that no replica begins with it any more.
                Some(Kept::Login(_)) if is_ours => {
                    self.replicas.keep(&self.name, Vec::new()).await?;
                    0
                }
                Some(Kept::Refused(refused)) if !is_ours => return Ok(Found::Refused(refused)),
                Some(Kept::Refused(refused)) => refused.times,
                Some(Kept::Login(_)) | None => 0,
            };
            if is_ours {
                return Ok(Found::Ours(refusals));
            }
            sleep(LOOKS).await;
        }
    }

    /// Keeps the lease, for ever. Without the store the others log in by themselves.
    async fn renew(&self) -> Infallible {
        loop {
            sleep(RENEWED).await;
            if let Err(error) = self.replicas.take(&self.name, LEASE).await {
                tracing::debug!(%error, "the lease of a login was not renewed");
            }
        }
    }

    /// Keeps what came of a login, and ends the lease, after a rejection when the next login is due.
    async fn leave<T: LoginText>(&self, made: &Result<T, Error>, refusals: u32) -> Result<(), Error> {
        let (kept, pause) = match made {
            Ok(login) => (Kept::Login(login.text()), None),
            Err(error) if error.was_refused() => {
                let refused = Refused::of(error, refusals);
                let pause = refused.pause().max(error.retry_delay().unwrap_or_default());
                (Kept::Refused(refused), Some(pause))
            }
            Err(_) => return self.replicas.end(&self.name).await,
        };
        let kept = serde_json::to_vec(&kept).map_err(|_| Error::internal("a login cannot be encoded"))?;
        self.replicas.keep(&self.name, kept).await?;
        match pause {
            Some(pause) => self.replicas.take(&self.name, pause).await.map(drop),
            None => self.replicas.end(&self.name).await,
        }
    }
}

//! Answers AnalyzeMessage from a configuration that is not served.

use std::{sync::Arc, time::Duration};

use futures::future::BoxFuture;
use tokio::time::Instant;

use super::Setup;
use crate::{
    api::pb::{AnalyzeMessageRequest, AnalyzeMessageResponse},
    call::{Call, Caller, Origin},
    config::{ConsentConfig, GuardLimits, StoreConfig, StorePlace},
    error::Error,
    gateway::{Accounts, Gateway, Guard, OfflineConsents, OptOuts, Quiet},
    store::Beside,
};

/// The longest that an answer may take.
const TIMEOUT: Duration = Duration::from_secs(60);

/// A caller that has this name and may do everything.
#[derive(Debug)]
struct Named(Arc<str>);

impl Caller for Named {
    fn may_call(&self, _: usize) -> bool {
        true
    }

    fn may_use(&self, _: &str) -> bool {
        true
    }

    fn name(&self) -> &Arc<str> {
        &self.0
    }

    fn ends(&self) -> BoxFuture<'_, ()> {
        Box::pin(std::future::pending())
    }
}

impl Setup {
    /// Returns what a send would come to with this configuration, for a caller of this name. No vendor is asked. Who opted out
    /// is read from the file of the store, if there is one. What else a server has learned while it runs is not known: the
    /// spend guard judges by its settings alone.
    ///
    /// # Errors
    /// As AnalyzeMessage.
    pub async fn explain(
        self,
        caller: Option<&str>,
        request: AnalyzeMessageRequest,
    ) -> Result<AnalyzeMessageResponse, Error> {
        let limits = GuardLimits::of(&self.config);
        let accounts = Accounts::new(self.config.accounts, self.vendors, None, &Accounts::default());
        let opt_outs = opt_outs(&self.config.store, &self.config.consent);
        let guard = self.config.store.enabled.then(|| Guard::new(self.config.guard.clone(), limits));
        let gateway = Gateway::new(accounts, None, Duration::ZERO)
            .with_senders(self.config.senders)
            .with_guard(guard)
            .with_quiet_hours(Some(Quiet::new(self.config.quiet_hours)))
            .with_opt_outs(opt_outs);
        let call = Call::new(Origin {
            deadline: Instant::now() + TIMEOUT,
            caller: caller.map(|name| Arc::new(Named(name.into())) as Arc<dyn Caller>),
            credential: None,
            idempotency_key: None,
            request_id: None,
            trace: None,
        });
        gateway.analyze_message(&call, request).await
    }
}

/// Returns who knows which people opted out: the file of the store, if it is there.
fn opt_outs(store: &StoreConfig, config: &ConsentConfig) -> Option<Arc<dyn OptOuts>> {
    let is_file = store.enabled && matches!(store.place, StorePlace::File(_));
    let store = is_file.then(|| Beside::open(store)).and_then(Result::ok)?;
    Some(Arc::new(OfflineConsents::new(store, config)))
}

//! Answers AnalyzeMessage from a configuration that is not served.

use std::{sync::Arc, time::Duration};

use futures::future::BoxFuture;
use tokio::time::Instant;

use super::Setup;
use crate::{
    api::pb::{AnalyzeMessageRequest, AnalyzeMessageResponse},
    call::{Call, Caller, Origin},
    error::Error,
    gateway::{Accounts, Gateway},
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
    /// Returns what a send would come to with this configuration, for a caller of this name. No vendor is asked. What a
    /// server has learned while it runs is not known.
    ///
    /// # Errors
    /// As AnalyzeMessage.
    pub async fn explain(
        self,
        caller: Option<&str>,
        request: AnalyzeMessageRequest,
    ) -> Result<AnalyzeMessageResponse, Error> {
        let accounts = Accounts::new(self.config.accounts, self.vendors, None, &Accounts::default());
        let gateway = Gateway::new(accounts, None, Duration::ZERO).with_senders(self.config.senders);
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

//! A vendor's inbox with the store before it: what is taken from the vendor, which returns it once, is stored before it is
//! handed out.

use async_trait::async_trait;

use super::Logged;
use crate::{
    api::{
        InboxService, ResponseStream, not_offered,
        pb::{
            ListReceivedMessagesAfterRequest, ListReceivedMessagesAfterResponse, ListReceivedMessagesRequest,
            ListReceivedMessagesResponse, PullReceivedMessagesRequest, PullReceivedMessagesResponse,
            WatchReceivedMessagesRequest, WatchReceivedMessagesResponse,
        },
    },
    call::Call,
    error::Error,
    gateway::pushes::record_taken,
};

impl Logged {
    fn inbox(&self) -> Result<&dyn InboxService, Error> {
        self.vendor.inbox_service().ok_or_else(not_offered)
    }
}

#[async_trait]
impl InboxService for Logged {
    async fn pull_received_messages(
        &self,
        call: &Call,
        request: PullReceivedMessagesRequest,
    ) -> Result<PullReceivedMessagesResponse, Error> {
        let account = request.parent.clone();
        let response = self.inbox()?.pull_received_messages(call, request).await?;
        // What a credential of the caller's own takes is not the account's.
        if call.credential().is_none()
            && let Err(error) = record_taken(&self.log, &account, response.messages.clone()).await
        {
            // The vendor will not return them again.
            tracing::error!(account, %error, "received messages that were taken from the vendor were not stored");
        }
        Ok(response)
    }

    async fn list_received_messages(
        &self,
        call: &Call,
        request: ListReceivedMessagesRequest,
    ) -> Result<ListReceivedMessagesResponse, Error> {
        self.inbox()?.list_received_messages(call, request).await
    }

    async fn list_received_messages_after(
        &self,
        call: &Call,
        request: ListReceivedMessagesAfterRequest,
    ) -> Result<ListReceivedMessagesAfterResponse, Error> {
        self.inbox()?.list_received_messages_after(call, request).await
    }

    async fn watch_received_messages(
        &self,
        call: &Call,
        request: WatchReceivedMessagesRequest,
    ) -> Result<ResponseStream<WatchReceivedMessagesResponse>, Error> {
        self.inbox()?.watch_received_messages(call, request).await
    }
}

//! AccountService at smSend.

use async_trait::async_trait;

use super::{NotFound, SmSend, wire};
use crate::{
    api::{
        AccountService,
        pb::{GetAccountStatusRequest, GetAccountStatusResponse, GetDashboardUrlRequest, GetDashboardUrlResponse},
    },
    call::Call,
    error::Error,
    request::check::Check,
    vendors::kit::Request,
};

#[async_trait]
impl AccountService for SmSend {
    async fn get_dashboard_url(
        &self,
        call: &Call,
        request: GetDashboardUrlRequest,
    ) -> Result<GetDashboardUrlResponse, Error> {
        let GetDashboardUrlRequest { name } = request;
        let mut check = Check::new();
        check.account(&name, "name");
        check.done()?;
        let reply = self.exchange(call, Request::new("GET /dashboard"), NotFound::Credential).await?;
        let url = wire::unquoted(reply.text());
        if url.is_empty() {
            return Err(reply.unreadable("its address is empty"));
        }
        Ok(GetDashboardUrlResponse { url: url.to_owned() })
    }

    async fn get_account_status(
        &self,
        call: &Call,
        request: GetAccountStatusRequest,
    ) -> Result<GetAccountStatusResponse, Error> {
        let GetAccountStatusRequest { name } = request;
        let mut check = Check::new();
        check.account(&name, "name");
        check.done()?;
        let request = Request::new("GET /status").query("getMoney", "true");
        let status: wire::account::UserStatus = self.ask(call, request, NotFound::Credential).await?.object()?;
        Ok(GetAccountStatusResponse { status: Some(status.into_status(self.types)) })
    }
}

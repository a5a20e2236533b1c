//! AccountService at smSend.

use tonic::{Request, Response, Status};

use super::{NotFound, SmSend, wire};
use crate::{
    check::Check,
    http::Call,
    pb::{
        GetAccountStatusRequest, GetAccountStatusResponse, GetDashboardUrlRequest, GetDashboardUrlResponse,
        account_service_server::AccountService,
    },
};

#[tonic::async_trait]
impl AccountService for SmSend {
    async fn get_dashboard_url(
        &self,
        request: Request<GetDashboardUrlRequest>,
    ) -> Result<Response<GetDashboardUrlResponse>, Status> {
        let (_, extensions, GetDashboardUrlRequest { name }) = request.into_parts();
        let mut check = Check::new();
        check.account(&name, "name");
        check.done()?;
        let reply = self.call(&extensions, Call::new("GET /dashboard"), NotFound::Credential).await?;
        let url = wire::unquoted(reply.text());
        if url.is_empty() {
            return Err(reply.unreadable("it is empty where an address should be").into());
        }
        Ok(Response::new(GetDashboardUrlResponse { url: url.to_owned() }))
    }

    async fn get_account_status(
        &self,
        request: Request<GetAccountStatusRequest>,
    ) -> Result<Response<GetAccountStatusResponse>, Status> {
        let (_, extensions, GetAccountStatusRequest { name }) = request.into_parts();
        let mut check = Check::new();
        check.account(&name, "name");
        check.done()?;
        let call = Call::new("GET /status").query("getMoney", "true");
        let status: wire::account::UserStatus = self.ask(&extensions, call, NotFound::Credential).await?.object()?;
        Ok(Response::new(GetAccountStatusResponse { status: Some(status.into()) }))
    }
}

//! AccountService at LOX24.

use tonic::{Request, Response, Status};

use super::{Lox24, wire};
use crate::{
    check::Check,
    http::Call,
    pb::{GetAccountStatusRequest, GetAccountStatusResponse, account_service_server::AccountService},
};

#[tonic::async_trait]
impl AccountService for Lox24 {
    async fn get_account_status(
        &self,
        request: Request<GetAccountStatusRequest>,
    ) -> Result<Response<GetAccountStatusResponse>, Status> {
        let (_, extensions, GetAccountStatusRequest { name }) = request.into_parts();
        let mut check = Check::new();
        check.account(&name, "name");
        check.done()?;
        let reply = self.call(&extensions, Call::new("GET /me")).await?;
        let me: wire::account::Me = reply.object()?;
        if me.is_nothing() {
            return Err(reply.unreadable("it has no balance").into());
        }
        Ok(Response::new(GetAccountStatusResponse { status: Some(me.into()) }))
    }
}

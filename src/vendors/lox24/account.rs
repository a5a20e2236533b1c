//! AccountService at LOX24.

use async_trait::async_trait;

use super::{Lox24, wire};
use crate::{
    api::{
        AccountService,
        pb::{GetAccountStatusRequest, GetAccountStatusResponse},
    },
    call::Call,
    error::Error,
    request::check::Check,
    vendors::kit::Request,
};

#[async_trait]
impl AccountService for Lox24 {
    async fn get_account_status(
        &self,
        call: &Call,
        request: GetAccountStatusRequest,
    ) -> Result<GetAccountStatusResponse, Error> {
        let GetAccountStatusRequest { name } = request;
        let mut check = Check::new();
        check.account(&name, "name");
        check.done()?;
        let reply = self.exchange(call, Request::new("GET /me")).await?;
        let me: wire::account::Me = reply.object()?;
        if me.is_empty() {
            return Err(reply.unreadable("it has no balance"));
        }
        Ok(GetAccountStatusResponse { status: Some(me.into()) })
    }
}

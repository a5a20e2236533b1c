//! AccountService at SMSPartner.

use async_trait::async_trait;

use super::{SmsPartner, get, wire};
use crate::{
    api::{
        AccountService,
        pb::{GetAccountStatusRequest, GetAccountStatusResponse},
    },
    call::{Call, Credential},
    error::Error,
    request::check::Check,
};

#[async_trait]
impl AccountService for SmsPartner {
    async fn get_account_status(
        &self,
        call: &Call,
        request: GetAccountStatusRequest,
    ) -> Result<GetAccountStatusResponse, Error> {
        let GetAccountStatusRequest { name } = request;
        let mut check = Check::new();
        check.account(&name, "name");
        check.done()?;
        let credential = Credential::of(call, &self.api_key)?;
        // The operation has no codes but those of the account as a whole.
        let reply = self.ask(call, &get("GET /me", credential), credential, |_| None).await?;
        let me: wire::account::Me = reply.object()?;
        Ok(GetAccountStatusResponse { status: Some(me.into()) })
    }
}

//! AccountService at SMSPartner.

use tonic::{Request, Response, Status};

use super::{SmsPartner, get, wire};
use crate::{
    check::Check,
    credential::Credential,
    pb::{GetAccountStatusRequest, GetAccountStatusResponse, account_service_server::AccountService},
};

#[tonic::async_trait]
impl AccountService for SmsPartner {
    async fn get_account_status(
        &self,
        request: Request<GetAccountStatusRequest>,
    ) -> Result<Response<GetAccountStatusResponse>, Status> {
        let (_, extensions, GetAccountStatusRequest { name }) = request.into_parts();
        let mut check = Check::new();
        check.account(&name, "name");
        check.done()?;
        let credential = Credential::of(&extensions, &self.api_key)?;
        // It has no codes but those of the account as a whole.
        let reply = self.ask(&get("GET /me", credential), credential, |_| None).await?;
        let me: wire::account::Me = reply.object()?;
        Ok(Response::new(GetAccountStatusResponse { status: Some(me.into()) }))
    }
}

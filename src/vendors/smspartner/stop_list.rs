//! StopListService at SMSPartner.

use tonic::{Request, Response, Status};

use super::{SmsPartner, changing, get};
use crate::{
    check::Check,
    credential::Credential,
    error::Reason,
    pb::{DeleteStopListEntryRequest, DeleteStopListEntryResponse, stop_list_service_server::StopListService},
};

#[tonic::async_trait]
impl StopListService for SmsPartner {
    async fn delete_stop_list_entry(
        &self,
        request: Request<DeleteStopListEntryRequest>,
    ) -> Result<Response<DeleteStopListEntryResponse>, Status> {
        let (_, extensions, DeleteStopListEntryRequest { name }) = request.into_parts();
        let mut check = Check::new();
        let id = check.id(&name, "accounts/*/stopListEntries/*", "name");
        check.done()?;
        let credential = Credential::of(&extensions, &self.api_key);
        let call = changing(get("GET /stop-sms/delete", credential)).query("id", id);
        self.ask(&call, credential, deleting).await?;
        Ok(Response::new(DeleteStopListEntryResponse {}))
    }
}

fn deleting(code: i64) -> Option<(Reason, &'static str)> {
    (code == 4).then_some((Reason::ResourceNotFound, "the stop list has no entry of this id"))
}

//! StopListService at IP1SMS, after the vendor's reference and its official clients: the document has no stop list.

use tonic::{Request, Response, Status};

use super::{Ip1Sms, number, wire::stop_list as wire};
use crate::{
    check::Check,
    http::Call,
    page::Page,
    pb::{
        CreateStopListEntryRequest, CreateStopListEntryResponse, DeleteStopListEntryRequest,
        DeleteStopListEntryResponse, ListStopListEntriesRequest, ListStopListEntriesResponse,
        stop_list_service_server::StopListService,
    },
    vendors::stop_list::new_number,
};

#[tonic::async_trait]
impl StopListService for Ip1Sms {
    async fn create_stop_list_entry(
        &self,
        request: Request<CreateStopListEntryRequest>,
    ) -> Result<Response<CreateStopListEntryResponse>, Status> {
        let (_, extensions, CreateStopListEntryRequest { parent, entry }) = request.into_parts();
        let mut check = Check::new();
        check.account(&parent, "parent");
        let phone_number = new_number(&mut check, entry);
        check.done()?;
        let call = Call::new("POST /api/blacklist").json(&wire::NewEntry { phone: &phone_number })?;
        let reply = self.call(&extensions, call).await?;
        let entry = reply.object::<wire::Entry>()?.read(&self.name);
        let entry = entry.ok_or_else(|| reply.unreadable("it has no id"))?;
        Ok(Response::new(CreateStopListEntryResponse { entry: Some(entry) }))
    }

    async fn list_stop_list_entries(
        &self,
        request: Request<ListStopListEntriesRequest>,
    ) -> Result<Response<ListStopListEntriesResponse>, Status> {
        let (_, extensions, request) = request.into_parts();
        let ListStopListEntriesRequest { parent, page_size, page_token } = request;
        let mut check = Check::new();
        check.account(&parent, "parent");
        let page = Page::new(&mut check, page_size, &page_token, ("ListStopListEntries", &parent));
        check.done()?;
        // It has no pages: all of it comes at once.
        let reply = self.call(&extensions, Call::new("GET /api/blacklist")).await?;
        let entries = reply.list(|entry: wire::Entry| entry.read(&self.name))?;
        let total_size = i32::try_from(entries.len()).ok();
        let (entries, next_page_token) = page.of(entries.into_iter());
        let entries = entries.into_iter().flatten().collect();
        Ok(Response::new(ListStopListEntriesResponse { entries, next_page_token, total_size }))
    }

    async fn delete_stop_list_entry(
        &self,
        request: Request<DeleteStopListEntryRequest>,
    ) -> Result<Response<DeleteStopListEntryResponse>, Status> {
        let (_, extensions, DeleteStopListEntryRequest { name }) = request.into_parts();
        let mut check = Check::new();
        let id = check.id(&name, "accounts/*/stopListEntries/*", "name");
        // Not the phone number.
        number(&mut check, &id, "name");
        check.done()?;
        self.change(&extensions, Call::new("DELETE /api/blacklist/{id}").id(&id)).await?;
        Ok(Response::new(DeleteStopListEntryResponse {}))
    }
}

//! StopListService at IP1SMS, after the vendor's reference and its official clients: the document does not cover stop
//! lists.

use async_trait::async_trait;

use super::{Ip1Sms, number, wire::stop_list as wire};
use crate::{
    api::{
        StopListService,
        pb::{
            CreateStopListEntryRequest, CreateStopListEntryResponse, DeleteStopListEntryRequest,
            DeleteStopListEntryResponse, ListStopListEntriesRequest, ListStopListEntriesResponse,
        },
    },
    call::Call,
    error::Error,
    request::{check::Check, page::Page},
    vendors::kit::{Request, stop_list::new_number},
};

#[async_trait]
impl StopListService for Ip1Sms {
    async fn create_stop_list_entry(
        &self,
        call: &Call,
        request: CreateStopListEntryRequest,
    ) -> Result<CreateStopListEntryResponse, Error> {
        let CreateStopListEntryRequest { parent, entry } = request;
        let mut check = Check::new();
        check.account(&parent, "parent");
        let phone_number = new_number(&mut check, entry);
        check.done()?;
        let request = Request::new("POST /api/blacklist").json(&wire::NewEntry { phone: &phone_number })?;
        let reply = self.exchange(call, request).await?;
        let entry = reply.object::<wire::Entry>()?.read(&self.name);
        let entry = entry.ok_or_else(|| reply.unreadable("it has no id"))?;
        Ok(CreateStopListEntryResponse { entry: Some(entry) })
    }

    async fn list_stop_list_entries(
        &self,
        call: &Call,
        request: ListStopListEntriesRequest,
    ) -> Result<ListStopListEntriesResponse, Error> {
        let ListStopListEntriesRequest { parent, page_size, page_token } = request;
        let mut check = Check::new();
        check.account(&parent, "parent");
        let page = Page::new(&mut check, page_size, &page_token, ("ListStopListEntries", &parent));
        check.done()?;
        // The list has no pages: all entries are in one answer.
        let reply = self.exchange(call, Request::new("GET /api/blacklist")).await?;
        let entries = reply.list(|entry: wire::Entry| entry.read(&self.name))?;
        let total_size = i32::try_from(entries.len()).ok();
        let (entries, next_page_token) = page.of(entries.into_iter());
        let entries = entries.into_iter().flatten().collect();
        Ok(ListStopListEntriesResponse { entries, next_page_token, total_size })
    }

    async fn delete_stop_list_entry(
        &self,
        call: &Call,
        request: DeleteStopListEntryRequest,
    ) -> Result<DeleteStopListEntryResponse, Error> {
        let DeleteStopListEntryRequest { name } = request;
        let mut check = Check::new();
        let id = check.id(&name, "accounts/*/stopListEntries/*", "name");
        // The id, not the phone number.
        number(&mut check, &id, "name");
        check.done()?;
        self.change(call, Request::new("DELETE /api/blacklist/{id}").id(&id)).await?;
        Ok(DeleteStopListEntryResponse {})
    }
}

//! StopListService at SMSPartner.

use async_trait::async_trait;

use super::{SmsPartner, as_write, get, post, wire};
use crate::{
    api::{
        StopListService,
        pb::{
            CreateStopListEntryRequest, CreateStopListEntryResponse, DeleteStopListEntryRequest,
            DeleteStopListEntryResponse, ListStopListEntriesRequest, ListStopListEntriesResponse, StopListEntry,
        },
    },
    call::{Call, Credential},
    error::{Error, Reason},
    request::{check::Check, names, page::Page},
    vendors::kit::stop_list::new_number,
};

#[async_trait]
impl StopListService for SmsPartner {
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
        let credential = Credential::of(call, &self.api_key)?;
        let request = post("POST /stop-sms/add", credential, wire::stop_list::Add { phone_number: &phone_number })?;
        let reply = self.ask(call, &request, credential, adding).await?;
        let wire::stop_list::Added { stop_id } = reply.object()?;
        let name = stop_id.0.map(|id| names::child(&self.name, "stopListEntries", &id)).unwrap_or_default();
        let entry = StopListEntry { name, phone_number, ..StopListEntry::default() };
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
        let credential = Credential::of(call, &self.api_key)?;
        let reply = self.ask(call, &get("GET /stop-sms/list", credential), credential, |_| None).await?;
        let wire::stop_list::List { data } = reply.object()?;
        let data = reply.entries(data)?;
        let total_size = data.len().try_into().ok();
        let (entries, next_page_token) = page.of(data.into_iter());
        let entries = entries.into_iter().flatten();
        let entries = entries.map(|entry| entry.into_entry(&self.name, &self.time_zone)).collect();
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
        check.done()?;
        let credential = Credential::of(call, &self.api_key)?;
        let request = as_write(get("GET /stop-sms/delete", credential)).query("id", id);
        self.ask(call, &request, credential, deleting).await?;
        Ok(DeleteStopListEntryResponse {})
    }
}

fn adding(code: i64) -> Option<(Reason, &'static str)> {
    matches!(code, 2 | 9).then_some((Reason::VendorRefused, "SMSPartner does not take this phone number"))
}

fn deleting(code: i64) -> Option<(Reason, &'static str)> {
    (code == 4).then_some((Reason::ResourceNotFound, "the stop list has no entry of this id"))
}

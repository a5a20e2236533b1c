//! StopListService at smSend, which calls it the SMS blacklist. It is beyond the document: the source is the vendor's
//! newer manual, which adds and lists numbers; no operation removes one.

use async_trait::async_trait;

use super::{NotFound, SmSend, wire};
use crate::{
    api::{
        StopListService,
        pb::{
            CreateStopListEntryRequest, CreateStopListEntryResponse, ListStopListEntriesRequest,
            ListStopListEntriesResponse, StopListEntry,
        },
    },
    call::Call,
    error::{Error, Reason},
    request::{check::Check, page::Page},
    vendors::kit::{Request, stop_list::new_number},
};

#[async_trait]
impl StopListService for SmSend {
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
        let request = Request::new("POST /blacklist/sms").query("phoneNumber", &phone_number);
        // The manual's sample answer is a bare `true`, not an object.
        let reply = self.exchange(call, request, NotFound::Credential).await?;
        match wire::unquoted(reply.text()) {
            "true" => {}
            "false" => {
                let message = "smSend did not add the number to the stop list";
                return Err(reply.refused(Reason::VendorRefused, message, "false"));
            }
            _ => drop(wire::accepted_by_result(reply)?),
        }
        // The manual has no id for entries, so an entry has no name.
        let entry = StopListEntry { phone_number, ..StopListEntry::default() };
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
        let request = Request::new("GET /blacklist/sms")
            .query("pageNumber", page.number().to_string())
            .query("pageSize", page.size().to_string());
        let reply = self.exchange(call, request, NotFound::Credential).await?;
        let list = wire::stop_list::List::read(reply.value()?, &self.time_zone);
        let Some(wire::stop_list::List { entries, total }) = list else {
            // An answer without a list may be a rejection.
            return Err(wire::accepted(reply)?.unreadable("it is not a list of numbers"));
        };
        let total_size = total.and_then(|total| total.try_into().ok());
        let (entries, next_page_token) = page.cut(entries, total);
        Ok(ListStopListEntriesResponse { entries, next_page_token, total_size })
    }
}

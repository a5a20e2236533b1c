//! StopListService at smSend, which calls it the SMS blacklist. It is beyond the document: what is known comes from the
//! vendor's newer manual. A number is put on the list there, and the list is read; nothing takes a number off again.

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
        // The manual's sample answer is the word `true` and no object.
        let reply = self.exchange(call, request, NotFound::Credential).await?;
        match wire::unquoted(reply.text()) {
            "true" => {}
            "false" => {
                let message = "smSend did not put the number on the stop list";
                return Err(reply.refused(Reason::VendorRefused, message, "false"));
            }
            _ => drop(wire::said_yes(reply)?),
        }
        // An entry has no id that the manual tells of, so that there is nothing to name it by.
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
            // What is no list may be a refusal.
            return Err(wire::accepted(reply)?.unreadable("it is no list of numbers"));
        };
        let total_size = total.and_then(|total| total.try_into().ok());
        let (entries, next_page_token) = page.cut(entries, total);
        Ok(ListStopListEntriesResponse { entries, next_page_token, total_size })
    }
}

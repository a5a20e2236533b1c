//! ListMessages: what the log has of one account, or of all that the caller may use.

use prost_types::Timestamp;

use super::logged::logged_message;
use crate::{
    api::pb::{DeliveryState, ListMessagesRequest, ListMessagesResponse},
    call::Call,
    error::{Error, Outcome, Reason},
    gateway::{
        Gateway,
        layers::{ALL, find_all},
    },
    request::{check::Check, page, token},
    store::{MessageFilter, WriteId},
};

/// The bytes from which a page takes no further message: one to 10,000 recipients has about as many, and clients read answers
/// of at most 4 MiB unless they are configured otherwise.
const PAGE_BYTES: usize = 1 << 20;

impl Gateway {
    pub(crate) async fn list_messages(
        &self,
        call: &Call,
        request: ListMessagesRequest,
    ) -> Result<ListMessagesResponse, Error> {
        let ListMessagesRequest {
            parent,
            page_size,
            page_token,
            start_time,
            end_time,
            state,
            recipient,
            reference,
            tag,
        } = request;
        let mut check = Check::new();
        if parent != ALL {
            check.account(&parent, "parent");
        }
        let limit = page::size(&mut check, page_size);
        let list = (&parent, nanos(start_time), nanos(end_time), state, &recipient, &reference, &tag);
        let before: Option<i64> = match page_token.is_empty() {
            true => None,
            false => {
                let before = token::open(&page_token, &("ListMessages", list));
                check.that(before.is_some(), "page_token", "was not made for this list");
                before
            }
        };
        check.that(DeliveryState::try_from(state).is_ok(), "state", "unknown value");
        if !recipient.is_empty() {
            check.phone_number(&recipient, || "recipient".to_owned());
        }
        check.tag(&tag);
        let (from, until) = (check.time(start_time, "start_time"), check.time(end_time, "end_time"));
        check.done()?;
        let Some(log) = &self.log else {
            let text = "the messages are not logged, as this server has no store";
            return Err(Error::new(Reason::Unsupported, text).outcome(Outcome::NotSent));
        };
        let filter = MessageFilter {
            accounts: Some(find_all(&self.accounts(), call, &parent, "parent")?),
            states: if state == 0 { Vec::new() } else { vec![state] },
            from,
            until,
            recipient: if recipient.is_empty() { Vec::new() } else { log.store().numbers(&recipient) },
            reference: Some(reference.clone()).filter(|reference| !reference.is_empty()),
            tag: Some(tag.clone()).filter(|tag| !tag.is_empty()),
        };
        let mut page = log.store().messages(filter, before.map(WriteId), limit).await?;
        let fits = page::fits(page.messages.iter().map(|stored| stored.body.len()), PAGE_BYTES);
        if fits < page.messages.len() {
            page.messages.truncate(fits);
            page.next = page.messages.last().map(|last| last.write_id);
        }
        let messages = page.messages.iter().filter_map(|stored| logged_message(stored).transpose());
        let messages = messages.collect::<Result<_, Error>>()?;
        let next_page_token = page.next.map(|next| token::seal(&next.0, &("ListMessages", list)));
        Ok(ListMessagesResponse { messages, next_page_token: next_page_token.unwrap_or_default() })
    }
}

fn nanos(time: Option<Timestamp>) -> Option<(i64, i32)> {
    time.map(|time| (time.seconds, time.nanos))
}

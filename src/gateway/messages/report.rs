//! What vendors report of messages by themselves.

use std::{collections::BTreeSet, time::SystemTime};

use super::{
    Log,
    change::Cause,
    logged::{decode, is_known},
    refresh::{PartId, ask, is_of, merge, was_first_of},
    state::is_final,
};
use crate::{
    api::{
        pb::{EventSource, Message, Recipient, Resend},
        pushed::Report,
    },
    call::Call,
    error::{Error, Reason},
    gateway::Account,
    store::{Append, StoredMessage, WriteId},
};

/// How often a message is looked up again because it was changed in the meantime.
const ATTEMPTS: usize = 10;

/// A push that proves nothing.
const UNCONFIRMED: Cause = Cause { source: EventSource::Push, confirmed: false };

/// Merges a report of the vendor of `account` into the message that it is about, as the answer to a look-up is merged.
pub(in crate::gateway) fn merge_report(message: &mut Message, account: &str, report: &Report) {
    // The recipients of a send to groups are not known before a look-up, which returns all of them.
    if message.recipients.is_empty() {
        return;
    }
    let (before, id) = (message.clone(), (account.to_owned(), report.vendor_message_id.clone()));
    merge(message, &id, Message { recipients: vec![report.recipient.clone()], ..Message::default() });
    if *message != before {
        message.update_time = Some(SystemTime::now().into());
    }
}

/// Whether a report of the vendor of `account` is of a final state that is not known yet.
pub(in crate::gateway) fn is_final_news(message: &Message, account: &str, report: &Report) -> bool {
    is_final(report.recipient.state()) && !are_final(message, &(account.to_owned(), report.vendor_message_id.clone()))
}

/// Whether all of a part is in a final state.
fn are_final(message: &Message, id: &PartId) -> bool {
    let now = message.recipients.iter().filter(|recipient| is_of(recipient, id)).map(Recipient::state);
    let first = message.recipients.iter().filter(|recipient| was_first_of(recipient, id));
    let first = first.filter_map(|recipient| recipient.resend.as_ref()).map(Resend::state);
    let mut states = now.chain(first).peekable();
    states.peek().is_some() && states.all(is_final)
}

/// Records reports of the vendor of `account` on one message that no look-up confirmed.
///
/// # Errors
/// STORE_UNAVAILABLE.
pub(in crate::gateway) async fn apply(
    log: &Log,
    account: &str,
    write_id: WriteId,
    reports: &[Report],
) -> Result<(), Error> {
    let Some((stored, _)) = load(log, write_id).await? else { return Ok(()) };
    let merge_all = |message: &mut Message| reports.iter().for_each(|report| merge_report(message, account, report));
    log.amend(stored, UNCONFIRMED, merge_all).await.map(drop)
}

/// Looks up the messages of these ids at the vendor of `account`, and records what is new. Returns whether all of them are
/// final.
///
/// # Errors
/// STORE_UNAVAILABLE, and those of the look-up if nothing was answered.
pub(in crate::gateway) async fn look_up_ids(
    log: &Log,
    account: &Account,
    call: &Call,
    write_id: WriteId,
    ids: &BTreeSet<String>,
) -> Result<bool, Error> {
    let vendor = account.vendor.inner().unwrap_or(&*account.vendor);
    let parts: Vec<PartId> = ids.iter().map(|id| (account.site.account.as_ref().to_owned(), id.clone())).collect();
    for _ in 0..ATTEMPTS {
        // Nothing is left to confirm of a message that was erased.
        let Some((stored, before)) = load(log, write_id).await? else { return Ok(true) };
        let mut now = before.clone();
        if let (0, Some(error)) = ask(vendor, call, &mut now, parts.clone()).await {
            return Err(error);
        }
        let changes = vec![log.change(&stored, &before.recipients, &mut now, Cause::LOOKUP)];
        if log.store().append(Append { changes, ..Append::default() }).await?.stale.is_empty() {
            return Ok(parts.iter().all(|id| are_final(&now, id)));
        }
    }
    Err(Error::new(Reason::StoreUnavailable, "others change the message all the time"))
}

/// Returns a message that was not erased.
async fn load(log: &Log, write_id: WriteId) -> Result<Option<(StoredMessage, Message)>, Error> {
    let stored = log.store().message_of_write(write_id).await?.filter(is_known);
    stored.map(|stored| decode(&stored).map(|message| (stored, message))).transpose()
}

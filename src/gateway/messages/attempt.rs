//! The record of a write while it is made. A send of several parts records them one by one, so that an end of the process
//! in the middle leaves known what became of each recipient.
//!
//! A send with an idempotency key is recorded as possibly sent to all recipients. Before its first part leaves, those after
//! it are marked as not sent to; that may be lost. Before each further part leaves, the mark is removed, and that is on
//! disk. So whoever has the mark in the store was not sent to, and a repeated call, which takes the message over under an
//! id of its own, may.

use std::{
    future::ready,
    sync::{Mutex, MutexGuard, PoisonError},
};

use futures::{FutureExt, future::BoxFuture};

use super::{Draft, Log, Unfinished, recipient_update};
use crate::{
    api::pb::{self, DeliveryState, Recipient},
    call::{Carrier, Ended, Intent},
    error::{Error, Outcome, Reason},
    gateway::screen::{Content, Refusal, Refusals, Screened},
    store::{Claim, RecipientUpdate, Recipients, WriteId},
};

/// One attempt to make a write.
pub(in crate::gateway) struct Attempt {
    log: Log,
    /// The lease of the process when the write was claimed.
    lease: u64,
    write_id: WriteId,
    is_keyed: bool,
    draft: Option<Mutex<Draft>>,
    /// The claim of a write that is not recorded yet.
    unrecorded: Mutex<Option<Claim>>,
}

impl Attempt {
    /// Begins an attempt, of a send with this draft.
    pub(in crate::gateway) fn new(log: Log, is_keyed: bool, draft: Option<Draft>) -> Self {
        let (lease, write_id) = (log.store().lease(), log.store().new_write_id());
        Self { log, lease, write_id, is_keyed, draft: draft.map(Mutex::new), unrecorded: Mutex::default() }
    }

    /// Whether the call has an idempotency key.
    pub(in crate::gateway) fn is_keyed(&self) -> bool {
        self.is_keyed
    }

    /// Records the write by this claim, which cannot be refused, once the first of it is about to leave: by then it is known
    /// through which account. The message is that of the draft.
    ///
    /// # Errors
    /// STORE_UNAVAILABLE: it could not be recorded now.
    pub(in crate::gateway) fn record_later(&self, claim: Claim) -> Result<(), Error> {
        *self.unrecorded() = Some(claim);
        self.log.store().check()
    }

    /// Records a write that is to be recorded later, unless that was done.
    ///
    /// # Errors
    /// STORE_UNAVAILABLE: the write must not be sent.
    pub(in crate::gateway) fn record(&self) -> Result<(), Error> {
        let mut unrecorded = self.unrecorded();
        if let Some(claim) = &*unrecorded {
            let message = self.draft().map(|draft| draft.to_stored(None));
            self.log.store().record(Claim { message, ..claim.clone() })?;
            *unrecorded = None;
        }
        Ok(())
    }

    /// Whether the write is recorded.
    pub(in crate::gateway) fn is_recorded(&self) -> bool {
        self.unrecorded().is_none()
    }

    fn unrecorded(&self) -> MutexGuard<'_, Option<Claim>> {
        self.unrecorded.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The id of the write.
    pub(in crate::gateway) fn write_id(&self) -> WriteId {
        self.write_id
    }

    /// Returns what is known of the message, if the write is a send.
    pub(in crate::gateway) fn draft(&self) -> Option<MutexGuard<'_, Draft>> {
        self.draft.as_ref().map(|draft| draft.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Goes on with the message of an earlier attempt, unless somebody else did or changed it: then returns false.
    ///
    /// # Errors
    /// STORE_UNAVAILABLE: nothing must be sent.
    pub(in crate::gateway) async fn resume(
        &self,
        Unfinished { write_id, version, message }: Unfinished,
        claim: &Claim,
    ) -> Result<bool, Error> {
        // First, as the store may give it to a call that was given up while it waited.
        let own = self.draft().map(|mut draft| draft.resume(message));
        let message = self.draft().map(|draft| draft.to_stored(None));
        let is_ours = self.log.store().resume(write_id, version, Claim { message, ..claim.clone() }).await?;
        if let (false, Some(mut draft), Some(own)) = (is_ours, self.draft(), own) {
            draft.start_over(own);
        }
        Ok(is_ours)
    }

    /// Asks the rules who may be sent to, and takes the others out of the send.
    ///
    /// # Errors
    /// Nobody may: the reason of the first one.
    pub(in crate::gateway) fn screen(
        &self,
        content: &Content,
        account: &str,
        caller: &str,
        opted_out: &[u32],
    ) -> Result<(), Error> {
        let Some(mut draft) = self.draft() else { return Ok(()) };
        let (recipients, numbers) = (&*draft.message().recipients, draft.numbers());
        let send = Screened { account, caller, content, recipients, numbers, opted_out };
        let mut refusals = Refusals::default();
        self.log.rules().iter().for_each(|rule| rule.screen(&send, &mut refusals));
        if refusals.is_empty() && !draft.was_resumed() {
            return Ok(());
        }
        let error = refusals.first().map(Refusal::error);
        let refused = draft.refuse(refusals);
        let (refused, is_nobody_left) = (updates(&draft, refused), draft.kept().is_some_and(<[usize]>::is_empty));
        drop(draft);
        if !refused.is_empty() {
            self.record()?;
            self.log.store().update_recipients(self.recipients(refused));
        }
        error.filter(|_| is_nobody_left).map_or(Ok(()), Err)
    }

    /// Whether an earlier attempt may have sent a part of the message.
    pub(in crate::gateway) fn was_resumed_and_left(&self) -> bool {
        self.draft().is_some_and(|draft| draft.was_resumed_and_left())
    }

    fn recipients(&self, recipients: Vec<RecipientUpdate>) -> Recipients {
        Recipients { write_id: self.write_id, recipients }
    }
}

/// Returns what is to be recorded of some recipients.
fn updates(draft: &Draft, places: impl IntoIterator<Item = usize>) -> Vec<RecipientUpdate> {
    places.into_iter().filter_map(|index| recipient_update(draft.message(), index)).collect()
}

/// Waits until recipients are recorded, which may be sent to then.
fn recorded(
    recorded: impl Future<Output = Result<bool, Error>> + Send + 'static,
) -> BoxFuture<'static, Result<(), Error>> {
    async move {
        match recorded.await? {
            true => Ok(()),
            false => {
                let text = "another process has taken over the rest of the send, which this one did not send";
                Err(Error::new(Reason::StoreUnavailable, text).outcome(Outcome::NotSent))
            }
        }
    }
    .boxed()
}

impl Intent for Attempt {
    fn check(&self) -> Result<(), Error> {
        if self.draft().is_some_and(|draft| draft.is_blindly_resumed()) {
            let text = "an earlier attempt was interrupted, and the vendor cannot be sent only the rest";
            return Err(Error::new(Reason::StateConflict, text).outcome(Outcome::NotSent));
        }
        if self.log.store().holds_lease(self.lease) {
            return self.record();
        }
        let text =
            "this process was suspended for too long, and another one may look after its calls; nothing was sent";
        Err(Error::new(Reason::StoreUnavailable, text).outcome(Outcome::NotSent))
    }

    fn kept(&self) -> Option<Vec<usize>> {
        self.draft().and_then(|draft| draft.kept().map(<[usize]>::to_vec))
    }

    fn earlier(&self) -> Vec<Option<Recipient>> {
        self.draft().map(|draft| draft.earlier()).unwrap_or_default()
    }

    fn advance(&self, now: &[usize], later: &[usize]) -> BoxFuture<'static, Result<(), Error>> {
        // Without a key nobody can repeat the call: what is not known to have been sent stays unknown.
        let Some(mut draft) = self.draft().filter(|_| self.is_keyed) else { return ready(Ok(())).boxed() };
        let (now, later) = (draft.places(now), draft.places(later));
        let (later, now) = draft.advance(&now, &later);
        if !later.is_empty() {
            self.log.store().update_recipients(self.recipients(updates(&draft, later)));
        }
        if now.is_empty() {
            return ready(Ok(())).boxed();
        }
        let now = updates(&draft, now);
        recorded(self.log.store().record_recipients(self.recipients(now)))
    }

    fn hand_over(&self, places: &[usize], to: Carrier<'_>) -> BoxFuture<'static, Result<(), Error>> {
        let Some(mut draft) = self.draft() else { return ready(Ok(())).boxed() };
        let places = draft.places(places);
        let were_unsent = draft.hand_over(&places, to);
        drop(draft);
        if !self.is_recorded() {
            return ready(self.record()).boxed();
        }
        let is_flushed = were_unsent || !to.is_first;
        // What was claimed may have been sent through any account of the route: without an id no account can be asked.
        if !is_flushed && to.message_id.is_empty() {
            return ready(Ok(())).boxed();
        }
        let update = |&index: &usize| RecipientUpdate {
            index: u32::try_from(index).unwrap_or(u32::MAX),
            state: DeliveryState::Unknown.into(),
            vendor_message_id: Some(to.message_id.to_owned()),
            account: Some(to.account.into()),
            is_final: false,
        };
        let recipients = self.recipients(places.iter().map(update).collect());
        if is_flushed {
            return recorded(self.log.store().record_recipients(recipients));
        }
        self.log.store().update_recipients(recipients);
        ready(Ok(())).boxed()
    }

    fn part_ended(&self, first: usize, ended: Ended<'_>) {
        let Some(mut draft) = self.draft() else { return };
        let changed = draft.part_ended(first, ended, self.is_keyed);
        let changed = updates(&draft, changed);
        drop(draft);
        if !changed.is_empty() && self.is_recorded() {
            self.log.store().update_recipients(self.recipients(changed));
        }
    }

    fn attempted(&self, attempts: Vec<pb::Attempt>) {
        if let Some(mut draft) = self.draft() {
            draft.attempted(attempts);
        }
    }
}

//! Sends a message again to those whom it did not reach. That another account is asked is on disk before the message leaves, as a change
//! of the very version that was read: of two processes one makes the change, and after a crash no recipient is sent to a third time.

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, SystemTime},
};

use tokio::time::Instant;

use super::{
    Route,
    group::Sends,
    plan::Group,
    record::{Came, Record, load},
    resend::Due,
};
use crate::{
    api::pb::{self, AttemptOutcome, DeliveryState, Message, Requested, SendMessageRequest, SendMessageResponse},
    call::{Call, Intent},
    config::route::{OnUnknown, Send},
    error::Error,
    gateway::{
        Account, Log,
        messages::{Cause, count_accepted, give_back},
        screen::{Content, Refusals, Screened},
    },
    request::names,
    store::{StoredMessage, WriteId},
    telemetry::metrics::{ResendCause, ResendResult, route_resent},
    text::countries,
};

/// How long the accounts may take.
const TIMEOUT: Duration = Duration::from_secs(60);

/// Sends a message of a route again to those to whom it is due now.
///
/// # Errors
/// STORE_UNAVAILABLE.
pub(in crate::gateway) async fn send_again(log: &Log, account: &Account, write_id: WriteId) -> Result<(), Error> {
    let Some(route) = &account.route else { return Ok(()) };
    let Some((stored, message)) = load(log, write_id).await? else { return Ok(()) };
    let due = route.due(&message, write_id.time().elapsed().unwrap_or_default());
    if due.is_empty() {
        return Ok(());
    }
    let request = request(&message);
    let again = Again { log, account, route, stored: &stored, message: &message, request: &request };
    let (due, late): (Vec<_>, Vec<_>) = due.into_iter().partition(|due| due.is_in_time);
    again.give_up(&late, ResendResult::Late, Vec::new()).await?;
    let due = again.screen(due).await?;
    for (group, due) in again.groups(due) {
        again.send(&group, &due).await?;
    }
    Ok(())
}

/// A message that is to be sent again.
struct Again<'a> {
    log: &'a Log,
    account: &'a Account,
    route: &'a Route,
    stored: &'a StoredMessage,
    message: &'a Message,
    request: &'a SendMessageRequest,
}

impl<'a> Again<'a> {
    /// Asks the rules who may be sent to now: a person may have opted out since the first send. Returns those who may.
    async fn screen(&self, due: Vec<Due>) -> Result<Vec<Due>, Error> {
        let Some(content) = Content::of(self.request, true) else { return Ok(Vec::new()) };
        if self.log.store().is_shared() {
            self.log.consents().catch_up().await;
        }
        let recipients: Vec<_> = due.iter().map(|due| self.message.recipients[due.place].clone()).collect();
        let numbers: Vec<_> = recipients.iter().map(|recipient| self.log.store().number(&recipient.to)).collect();
        let send = Screened {
            account: &self.account.site.account,
            caller: &self.stored.caller,
            content: &content,
            recipients: &recipients,
            numbers: &numbers,
            opted_out: &[],
        };
        let mut refusals = Refusals::default();
        self.log.rules().iter().for_each(|rule| rule.screen(&send, &mut refusals));
        let (mut refused, mut may) = (Vec::new(), due);
        for (index, refusal) in refusals.into_iter().collect::<Vec<_>>().into_iter().rev() {
            let (due, error) = (may.remove(index), refusal.error());
            refused.push((due, attempt_not_made(self.message, due, &error)));
        }
        let (refused, attempts): (Vec<_>, Vec<_>) = refused.into_iter().rev().unzip();
        self.give_up(&refused, ResendResult::Refused, attempts).await?;
        Ok(may)
    }

    /// Returns the recipients in groups that are sent to together, as the plan of a send does.
    fn groups(&self, due: Vec<Due>) -> Vec<(Group<'a>, Vec<Due>)> {
        let mut groups = Vec::<(Group<'a>, Vec<Due>)>::new();
        for due in due {
            let recipient = &self.message.recipients[due.place];
            let (Some(send), Ok(rule)) = (self.route.send_of(recipient), usize::try_from(recipient.rule)) else {
                continue;
            };
            let country = countries::country_of(&recipient.to);
            let sender = send.sender.as_deref().unwrap_or(&self.request.sender);
            let mut turn = self.route.chooser.order(rule, send, &recipient.to, country, sender);
            // One that may have sent it already is not asked either.
            let may_have_it = |account: &str| {
                let is_unknown = |one: &pb::Attempt| one.account == account && one.outcome() == AttemptOutcome::Unknown;
                recipient.account == account || self.message.attempts.iter().any(is_unknown)
            };
            turn.accounts.retain(|id| !may_have_it(&format!("accounts/{id}")));
            let is_same = |(group, others): &&mut (Group<'a>, Vec<Due>)| {
                group.rule == rule && group.turn == turn && others.iter().all(|other| other.cause == due.cause)
            };
            match groups.iter_mut().find(is_same) {
                Some((group, others)) => {
                    group.places.push(due.place);
                    others.push(due);
                }
                None => groups.push((Group { rule, send, turn, places: vec![due.place] }, vec![due])),
            }
        }
        groups
    }

    /// Sends to one group, and records what came of it.
    async fn send(&self, group: &Group<'_>, due: &[Due]) -> Result<(), Error> {
        // After an unknown outcome no further account is asked: the recipient could get the message three times.
        let send = Send { on_unknown: OnUnknown::Stop, ..group.send.clone() };
        let group = Group { send: &send, turn: group.turn.clone(), places: group.places.clone(), rule: group.rule };
        let record = Record::new(self.log, self.stored.write_id, self.message, &group);
        let intent: Arc<dyn Intent> = record.clone();
        let call = Call::until(Instant::now() + TIMEOUT);
        let sends = Sends::new(self.route, &call, self.request, &group, Some(&intent));
        let delivered = sends.again(why(self.message, due, &send)).deliver().await;
        let (mut came, mut taken) = (Vec::new(), Message::default());
        let known: BTreeMap<_, _> = delivered.known.iter().map(|(place, known)| (*place, known)).collect();
        for due in due {
            let known = known.get(&due.place).copied();
            let one = match known.map(|known| (known, known.state())) {
                Some((known, DeliveryState::Unknown)) => (Came::Unknown(known.clone()), ResendResult::Unknown),
                Some((known, state)) if state != DeliveryState::Rejected => {
                    taken.recipients.push(known.clone());
                    (Came::Taken(known.clone()), ResendResult::Accepted)
                }
                _ if record.has_failed() => (Came::Unrecorded, ResendResult::NotAccepted),
                _ => (Came::NotTaken, ResendResult::NotAccepted),
            };
            route_resent(self.route.id(), due.cause, one.1);
            came.push((due.place, one.0));
        }
        let segments = Content::of(self.request, true).map_or(1, |content| content.segments);
        count_accepted(self.account, &SendMessageResponse { message: Some(taken) }, segments);
        let (message, attempts) = (&*self.message.name, delivered.attempts.len());
        tracing::info!(message, recipients = due.len(), attempts, "a message of a route was sent again");
        record.finish(&came, delivered.attempts).await
    }

    /// Records that a message is not sent again to some recipients.
    async fn give_up(&self, due: &[Due], result: ResendResult, attempts: Vec<pb::Attempt>) -> Result<(), Error> {
        if due.is_empty() {
            return Ok(());
        }
        due.iter().for_each(|due| route_resent(self.route.id(), due.cause, result));
        let Some((stored, _)) = load(self.log, self.stored.write_id).await? else { return Ok(()) };
        let edit = |message: &mut Message| {
            for due in due {
                // Somebody else may have sent it.
                let is_same = message.recipients.get(due.place) == self.message.recipients.get(due.place);
                message.recipients.get_mut(due.place).filter(|_| is_same).map(give_back);
            }
            message.attempts.extend(attempts.iter().cloned());
        };
        self.log.amend(stored, Cause::CALL, edit).await.map(drop)
    }
}

/// Returns the request that a message was made of: every field of it, as the rules choose by them, and accounts send by them. It is
/// another message at vendors that take our ids.
fn request(message: &Message) -> SendMessageRequest {
    let (account, id) = names::message(&message.name).unwrap_or_default();
    let Requested { sender, quality, encoding, reference } = message.requested.clone().unwrap_or_default();
    SendMessageRequest {
        parent: account.to_owned(),
        recipients: message.recipients.iter().map(|recipient| recipient.to.clone()).collect(),
        text: message.text.clone(),
        sender,
        quality,
        encoding,
        message_id: format!("{id} again"),
        reference,
        purpose: message.purpose,
        tag: message.tag.clone(),
        // A message with a time stays at the account that took it.
        schedule_time: None,
        // A route has none of its own, and rejects those of a vendor.
        vendor_options: None,
    }
}

/// Returns why another account is asked.
fn why(message: &Message, due: &[Due], send: &Send) -> String {
    let Some(first) = due.first() else { return String::new() };
    let recipient = &message.recipients[first.place];
    match (first.cause, &recipient.resend, send.resend.after) {
        (ResendCause::NoReport, _, Some(after)) => format!(
            "{} reported nothing for {}, and resend_after is over: the message may arrive twice",
            recipient.account,
            humantime::format_duration(after)
        ),
        (_, Some(reported), _) => {
            let state = reported.state().as_str_name().trim_start_matches("DELIVERY_STATE_");
            format!("{} reported {state}, and resend_on has it", reported.account)
        }
        _ => String::new(),
    }
}

/// Notes that no account was asked.
fn attempt_not_made(message: &Message, due: Due, error: &Error) -> pb::Attempt {
    let recipient = &message.recipients[due.place];
    pb::Attempt {
        rule: recipient.rule,
        recipient_count: 1,
        create_time: Some(SystemTime::now().into()),
        outcome: AttemptOutcome::NotSent.into(),
        reason: error.reason_text().to_owned(),
        explanation: error.explanation().1.to_owned(),
        cause: "the message was to be sent again".to_owned(),
        ..pb::Attempt::default()
    }
}

//! Asks one account after the other, as far as the verdict on each permits, and shares the deadline among them.

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, SystemTime},
};

use futures::future::join_all;
use ring::digest::{SHA256, digest};
use tokio::time::Instant;

use super::{
    Route,
    part::{Note, Part},
    plan::{Group, Plan},
    reply, service,
    verdict::Verdict,
};
use crate::{
    api::pb::{self, AttemptOutcome, DeliveryState, Message, Recipient, SendMessageRequest, SendMessageResponse},
    call::{Call, Carrier, Intent},
    config::route::OnUnknown,
    error::{Error, Outcome, Reason, Violation},
    gateway::{Account, overloaded},
    text::{countries, hex},
    vendors::refusals,
};

/// A further account is not asked with less time than this.
const LEAST: Duration = Duration::from_secs(1);

/// What came of the sends to a group.
#[derive(Default)]
pub(super) struct Delivered {
    /// What the accounts accepted.
    pub(super) parts: Vec<Message>,
    /// What became of recipients, by their places.
    pub(super) known: BTreeMap<usize, Recipient>,
    /// The recipients whom no account took, and why the last one did not.
    pub(super) open: BTreeMap<usize, Error>,
    pub(super) attempts: Vec<pb::Attempt>,
    /// Why the call fails if nothing was accepted.
    pub(super) error: Option<Error>,
}

impl Delivered {
    /// Notes an error. What is unknown comes first: a caller who reads that nothing was sent may send again. Then what
    /// may pass, and then what was last.
    fn failed(&mut self, error: Error) {
        let rank = |error: &Error| (error.reason() == Reason::OutcomeUnknown, error.is_transient());
        if self.error.as_ref().is_none_or(|worst| rank(worst) <= rank(&error)) {
            self.error = Some(error);
        }
    }
}

impl Route {
    pub(super) async fn deliver(&self, call: &Call, request: SendMessageRequest) -> Result<SendMessageResponse, Error> {
        let intent = call.intent().cloned();
        let earlier = intent.as_ref().map(|intent| intent.earlier()).unwrap_or_default();
        let count = request.recipients.len();
        let is_open = |place: &usize| earlier.get(*place).is_none_or(Option::is_none);
        let plan = self.plan(call, &request, (0..count).filter(is_open));
        // An account names the recipients of its part by their places there, and would know of the other parts' faults
        // nothing.
        let is_whole = matches!(&plan.groups[..], [group] if group.places.len() == count);
        if call.is_dry_run() || !is_whole {
            let faults = self.faults(call, &request, &plan).await;
            if !faults.is_empty() {
                return Err(Error::invalid(faults));
            }
        }
        call.check_active()?;
        let groups = plan.groups.iter().map(|group| self.deliver_group(call, &request, group, intent.as_ref()));
        let delivered = join_all(groups).await;
        let earlier = earlier.into_iter().enumerate().filter_map(|(place, known)| Some((place, known?)));
        reply::assemble(&self.name, &request, &plan.refused, earlier.collect(), delivered, intent.as_deref())
    }

    /// Returns what the first accounts of the groups reject before anything is sent.
    async fn faults(&self, call: &Call, request: &SendMessageRequest, plan: &Plan<'_>) -> Vec<Violation> {
        let mut faults: Vec<Violation> = Vec::new();
        for group in &plan.groups {
            let Some(account) = group.turn.accounts.first().and_then(|id| self.accounts.get(*id)) else { continue };
            let part = self.part_of(request, group, account, &group.places);
            for mut fault in refusals(&*account.vendor, call, part).await {
                fault.field = renumbered(&fault.field, &group.places);
                if !faults.contains(&fault) {
                    faults.push(fault);
                }
            }
        }
        faults
    }

    /// Asks the accounts of a group.
    async fn deliver_group(
        &self,
        call: &Call,
        request: &SendMessageRequest,
        group: &Group<'_>,
        intent: Option<&Arc<dyn Intent>>,
    ) -> Delivered {
        let mut delivered = Delivered::default();
        let (mut open, mut doubtful) = (group.places.clone(), BTreeMap::new());
        let mut cause = format!("the first of rule {}", group.rule);
        let accounts: Vec<_> =
            group.turn.accounts.iter().filter_map(|id| self.accounts.get(*id).map(|it| (*id, it))).collect();
        for (turn, &(id, account)) in accounts.iter().enumerate() {
            let (now, share) = (Instant::now(), u32::try_from(accounts.len() - turn).unwrap_or(u32::MAX));
            let left = call.deadline().saturating_duration_since(now);
            if open.is_empty() || turn > 0 && left < LEAST {
                break;
            }
            if !self.balance().take(id, group.turn.home, open.len()) {
                cause = format!("{} has no room for more than its own share", account.site.account);
                continue;
            }
            let part_request = self.part_of(request, group, account, &open);
            // Nobody may conclude from a look-up at this account what another one did.
            let is_known_by_ours = account.vendor.takes_message_ids() && doubtful.is_empty();
            let carrier = Carrier {
                account: &account.site.account,
                message_id: if is_known_by_ours { &part_request.message_id } else { "" },
                is_first: turn == 0,
            };
            if let Some(intent) = intent
                && let Err(error) = intent.hand_over(&open, carrier).await
            {
                delivered.failed(error.clone());
                delivered.open.extend(open.iter().map(|place| (*place, error.clone())));
                break;
            }
            let part = Part::new(intent.cloned(), open.clone(), turn == 0);
            let attempt = call.attempt(now + left / share, part.clone());
            attempt.set_site(&account.site);
            let began = SystemTime::now();
            let result = ask(account, &attempt, part_request).await;
            let verdict = match &result {
                Ok(_) => Verdict::Accepted,
                // The account cannot carry what the one before could.
                Err(error) if turn > 0 && error.reason() == Reason::InvalidRequest => Verdict::NotSent,
                Err(error) => Verdict::of(error),
            };
            let sender = group.send.sender.as_deref().unwrap_or(&request.sender);
            group
                .countries
                .iter()
                .for_each(|country| self.chooser.observe(id, *country, sender, verdict, Instant::now()));
            let number = |place: &usize| request.recipients.get(*place).map_or("", String::as_str);
            let countries = open.iter().map(|place| countries::country_of(number(place)));
            self.balance().observe(id, result.as_ref().map(drop), countries);
            if result.is_err() && verdict != Verdict::Unknown {
                attempt.attempt_rejected();
            }
            delivered.attempts.push(note(account, group.rule, open.len(), began, &result, cause));
            cause = match &result {
                Err(error) if verdict == Verdict::Unknown => format!(
                    "the outcome at {} is unknown ({}), and on_unknown is resend: the message may arrive twice",
                    account.site.account,
                    error.reason_text()
                ),
                Err(error) => format!("{} did not take it: {}", account.site.account, error.reason_text()),
                Ok(_) => format!("{} did not take all of it", account.site.account),
            };
            let is_to_resend = group.send.on_unknown == OnUnknown::Resend && doubtful.is_empty();
            let mut still_open = Vec::new();
            let (message, error) = match result {
                Ok(message) => (Some(message), None),
                Err(error) => (None, Some(error)),
            };
            for (index, (&place, noted)) in open.iter().zip(part.take_notes()).enumerate() {
                let theirs = message.as_ref().and_then(|message| message.recipients.get(index));
                let to = request.recipients.get(place).map_or("", String::as_str);
                let recipient = match (noted, theirs, &error) {
                    (Some(Note::Open(why)), ..) => {
                        delivered.open.insert(place, why);
                        still_open.push(place);
                        continue;
                    }
                    (Some(Note::Known(recipient)), None, _) => *recipient,
                    (_, Some(recipient), _) => recipient.clone(),
                    (None, None, Some(error)) if verdict.may_go_on() => {
                        delivered.open.insert(place, error.clone());
                        still_open.push(place);
                        continue;
                    }
                    (None, None, Some(error)) => reply::failed(to, &account.site.account, error),
                    (None, None, None) => reply::unlisted(to, &account.site.account),
                };
                delivered.open.remove(&place);
                let is_unknown = recipient.state() == DeliveryState::Unknown;
                if is_unknown && error.is_some() && is_to_resend && turn + 1 < accounts.len() {
                    doubtful.insert(place, recipient);
                    still_open.push(place);
                } else {
                    delivered.known.insert(place, recipient);
                }
            }
            message.iter().for_each(|message| self.prices.note(&account.site.account, message));
            delivered.parts.extend(message);
            if let Some(error) = error.filter(|error| turn == 0 || error.reason() != Reason::InvalidRequest) {
                delivered.failed(error);
            }
            open = still_open;
        }
        let is_asked = |place: &&usize| delivered.open.contains_key(place) || doubtful.contains_key(place);
        let unasked: Vec<_> = open.iter().filter(|place| !is_asked(place)).copied().collect();
        if !unasked.is_empty() {
            let text = "the accounts of the route can carry no more; nothing was sent";
            let error = overloaded(text).retry_after(group.turn.wait.or(Some(LEAST)));
            delivered.open.extend(unasked.into_iter().map(|place| (place, error.clone())));
            delivered.failed(error);
        }
        if !delivered.open.is_empty() {
            self.balance().exhausted();
        }
        // What may have been sent once stays unknown, unless a further account took it.
        for (place, recipient) in doubtful {
            let is_settled = delivered.known.get(&place).is_some_and(|known| known.state() != DeliveryState::Rejected);
            if !is_settled {
                delivered.open.remove(&place);
                delivered.known.insert(place, recipient);
            }
        }
        delivered
    }

    /// Returns the request to an account, for the recipients at these places.
    fn part_of(
        &self,
        request: &SendMessageRequest,
        group: &Group<'_>,
        account: &Account,
        places: &[usize],
    ) -> SendMessageRequest {
        let recipients = places.iter().filter_map(|&place| request.recipients.get(place).cloned()).collect();
        SendMessageRequest {
            parent: account.site.account.as_ref().to_owned(),
            recipients,
            sender: group.send.sender.as_ref().unwrap_or(&request.sender).clone(),
            message_id: self.part_id(&request.message_id, places, request.recipients.len()),
            text: request.text.clone(),
            quality: request.quality,
            encoding: request.encoding,
            schedule_time: request.schedule_time,
            reference: request.reference.clone(),
            purpose: request.purpose,
            // A route has none of its own, and those of a vendor are rejected before.
            vendor_options: None,
        }
    }

    /// Returns the id of a part of a message, of `count` recipients, at vendors that take one: that of the message if the
    /// part is the whole, and no other caller can have chosen it for another message of the account.
    fn part_id(&self, message_id: &str, places: &[usize], count: usize) -> String {
        let is_ours = message_id.len() == 32 && message_id.bytes().all(|byte| byte.is_ascii_hexdigit());
        if is_ours && places.len() == count || message_id.is_empty() {
            return message_id.to_owned();
        }
        let text = format!("{} {message_id} {places:?}", self.name);
        hex(digest(&SHA256, text.as_bytes()).as_ref().get(..16).unwrap_or_default())
    }
}

/// Asks an account, with one of its permits.
async fn ask(account: &Account, attempt: &Call, request: SendMessageRequest) -> Result<Message, Error> {
    let _permit = account.bulkhead.enter(attempt.deadline()).await?;
    let reply = service(account)?.send_message(attempt, request).await?;
    reply.message.ok_or_else(|| Error::internal("the reply has no message").outcome(Outcome::Unknown))
}

/// Notes an attempt.
fn note(
    account: &Account,
    rule: usize,
    count: usize,
    began: SystemTime,
    result: &Result<Message, Error>,
    cause: String,
) -> pb::Attempt {
    let outcome = match result {
        Ok(_) => AttemptOutcome::Accepted,
        Err(error) if error.was_not_sent() => AttemptOutcome::NotSent,
        Err(error) if error.was_refused() => AttemptOutcome::Refused,
        Err(_) => AttemptOutcome::Unknown,
    };
    let error = result.as_ref().err();
    pb::Attempt {
        account: account.site.account.as_ref().to_owned(),
        rule: i32::try_from(rule).unwrap_or(i32::MAX),
        recipient_count: i32::try_from(count).unwrap_or(i32::MAX),
        create_time: Some(began.into()),
        outcome: outcome.into(),
        reason: error.map(|error| error.reason_text().to_owned()).unwrap_or_default(),
        explanation: error.map(|error| error.explanation().1.to_owned()).unwrap_or_default(),
        cause,
    }
}

/// Returns the path of a field, with the recipient's place in the whole send instead of that in a part.
fn renumbered(field: &str, places: &[usize]) -> String {
    let place = |rest: &str| {
        let (index, rest) = rest.split_once(']')?;
        Some(format!("recipients[{}]{rest}", places.get(index.parse::<usize>().ok()?)?))
    };
    field.strip_prefix("recipients[").and_then(place).unwrap_or_else(|| field.to_owned())
}

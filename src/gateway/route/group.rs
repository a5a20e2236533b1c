//! The sends to one group of recipients: one account is asked after the other, as far as the verdict on each permits. The
//! deadline is shared among them.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::{Duration, SystemTime},
};

use tokio::time::Instant;

use super::{
    Route,
    deliver::part_of,
    part::{Note, Part},
    plan::Group,
    reply, service,
    verdict::Verdict,
};
use crate::{
    api::pb::{self, AttemptOutcome, DeliveryState, Message, Recipient, SendMessageRequest},
    call::{Call, Carrier, Intent},
    config::route::OnUnknown,
    error::{Error, Outcome, Reason},
    gateway::{Account, overloaded},
    text::countries,
};

/// A further account is not asked with less time than this.
const LEAST: Duration = Duration::from_secs(1);

/// What came of the sends to a group.
#[derive(Default)]
pub(super) struct Delivered {
    /// What the accounts accepted.
    pub(super) parts: Vec<Message>,
    /// What became of recipients, with their places, each once.
    pub(super) known: Vec<(usize, Recipient)>,
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

    /// Adds what came of the sends to another group. Of the errors, the first one stays, unless another one is unknown.
    pub(super) fn and(mut self, mut other: Self) -> Self {
        self.parts.append(&mut other.parts);
        self.known.append(&mut other.known);
        self.open.append(&mut other.open);
        self.attempts.append(&mut other.attempts);
        let is_unknown = |error: &Error| error.reason() == Reason::OutcomeUnknown;
        if self.error.as_ref().is_none_or(|error| !is_unknown(error) && other.error.as_ref().is_some_and(is_unknown)) {
            self.error = other.error.or(self.error.take());
        }
        self
    }
}

/// The sends to a group while they are made.
pub(super) struct Sends<'a> {
    route: &'a Route,
    call: &'a Call,
    request: &'a SendMessageRequest,
    group: &'a Group<'a>,
    intent: Option<&'a Arc<dyn Intent>>,
    /// The places of the recipients that the next account is asked for.
    open: Vec<usize>,
    /// The recipients that may have been sent to, and that one more account is asked for all the same.
    doubtful: BTreeMap<usize, Recipient>,
    /// Why the next account is asked.
    cause: String,
    /// Whether an account took the message before.
    is_again: bool,
    delivered: Delivered,
}

/// An account in its turn.
#[derive(Clone, Copy)]
struct Turn<'a> {
    id: &'a str,
    account: &'a Account,
    is_first: bool,
    /// How many accounts can be asked after this one.
    after: usize,
}

impl<'a> Sends<'a> {
    pub(super) fn new(
        route: &'a Route,
        call: &'a Call,
        request: &'a SendMessageRequest,
        group: &'a Group<'a>,
        intent: Option<&'a Arc<dyn Intent>>,
    ) -> Self {
        let (open, cause) = (group.places.clone(), "the first account of the rule".to_owned());
        // Mostly one account is asked, and takes all.
        let (parts, attempts) = (Vec::with_capacity(1), Vec::with_capacity(1));
        let delivered = Delivered { parts, attempts, known: Vec::with_capacity(open.len()), ..Delivered::default() };
        Self { route, call, request, group, intent, open, doubtful: BTreeMap::new(), cause, is_again: false, delivered }
    }

    /// Says why a message is sent again that an account took before.
    pub(super) fn again(self, cause: String) -> Self {
        Self { cause, is_again: true, ..self }
    }

    /// Asks the accounts, once: what came of it is given away.
    pub(super) async fn deliver(&mut self) -> Delivered {
        let ids = &self.group.turn.accounts;
        for (turn, &id) in ids.iter().enumerate() {
            let Some(account) = self.route.accounts.get(id) else { continue };
            let turn = Turn { id, account, is_first: turn == 0, after: ids.len() - turn - 1 };
            let has_time = turn.is_first || self.call.deadline().saturating_duration_since(Instant::now()) >= LEAST;
            if self.open.is_empty() || !has_time {
                break;
            }
            if !self.route.balance().take(id, self.group.turn.home, self.open.len()) {
                self.cause = format!("{} has no room for more than its own share", account.site.account);
            } else if let Err(error) = self.attempt(&turn).await {
                self.delivered.failed(error.clone());
                self.delivered.open.extend(self.open.iter().map(|place| (*place, error.clone())));
                break;
            }
        }
        self.end()
    }

    /// Asks one account for the recipients that are open.
    ///
    /// # Errors
    /// It could not be recorded, so nothing was sent, and nothing must be.
    async fn attempt(&mut self, turn: &Turn<'_>) -> Result<(), Error> {
        let message_id = self.route.part_id(self.request, &self.open);
        // Nobody may conclude from a look-up at this account what another one did.
        let is_known_by_ours = turn.account.vendor.takes_message_ids() && self.doubtful.is_empty();
        if let Some(intent) = self.intent {
            let message_id = if is_known_by_ours { &message_id } else { "" };
            let carrier = Carrier { account: &turn.account.site.account, message_id, is_first: turn.is_first };
            intent.hand_over(&self.open, carrier).await?;
        }
        let part = Part::new(self.intent.cloned(), std::mem::take(&mut self.open), turn.is_first);
        let attempt = self.call.attempt(self.deadline(turn.after), part.clone());
        attempt.set_site(&turn.account.site);
        let began = SystemTime::now();
        let result = self.ask(turn.account, &attempt, &part, message_id).await;
        let verdict = match &result {
            Ok(_) => Verdict::Accepted,
            // The account cannot carry what the one before could.
            Err(error) if (!turn.is_first || self.is_again) && error.reason() == Reason::InvalidRequest => {
                Verdict::NotSent
            }
            Err(error) => Verdict::of(error),
        };
        self.observe(turn.id, part.all(), &result, verdict);
        if result.is_err() && verdict != Verdict::Unknown {
            attempt.attempt_rejected();
        }
        let cause = std::mem::take(&mut self.cause);
        let (rule, count, error) = (self.group.rule, part.all().len(), result.as_ref().err());
        self.delivered.attempts.push(note(turn.account, rule, count, began, error, cause));
        self.settle(turn, verdict, result, &part);
        Ok(())
    }

    /// Returns when an attempt ends: the accounts after it get the same of the time that is left.
    fn deadline(&self, after: usize) -> Instant {
        if after == 0 {
            return self.call.deadline();
        }
        let (now, share) = (Instant::now(), u32::try_from(after + 1).unwrap_or(u32::MAX));
        now + self.call.deadline().saturating_duration_since(now) / share
    }

    /// Asks an account for the recipients of an attempt, with one of its permits. Keeps the message that it accepts, and
    /// returns the recipients of it.
    async fn ask(
        &mut self,
        account: &Account,
        attempt: &Call,
        part: &Part,
        message_id: String,
    ) -> Result<Vec<Recipient>, Error> {
        let _permit = account.bulkhead.enter(attempt.deadline()).await?;
        let request = part_of(self.request, self.group, account, part.all(), message_id);
        let reply = service(account)?.send_message(attempt, request).await?;
        let Some(mut message) = reply.message else {
            return Err(Error::internal("the reply has no message").outcome(Outcome::Unknown));
        };
        self.route.prices.note(&account.site.account, &message);
        let recipients = std::mem::take(&mut message.recipients);
        self.delivered.parts.push(message);
        Ok(recipients)
    }

    /// Tells the health of the route, and who is left out, what an account answered.
    fn observe(&self, id: &str, places: &[usize], result: &Result<Vec<Recipient>, Error>, verdict: Verdict) {
        let sender = self.group.send.sender.as_deref().unwrap_or(&self.request.sender);
        let countries = || places.iter().map(|place| countries::country_of(self.number(*place)));
        self.route.chooser.observe(id, countries(), sender, verdict);
        self.route.balance().observe(id, result.as_ref().map(drop), countries());
        if self.group.send.resend.after.is_some() && result.is_ok() {
            self.route.hedges.count(places.len());
        }
    }

    /// Notes what became of each recipient of an attempt.
    fn settle(&mut self, turn: &Turn<'_>, verdict: Verdict, result: Result<Vec<Recipient>, Error>, part: &Part) {
        let (theirs, error) = match result {
            Ok(theirs) => (theirs, None),
            Err(error) => (Vec::new(), Some(error)),
        };
        let (mut theirs, mut notes) = (theirs.into_iter(), part.take_notes().into_iter());
        let may_resend = self.group.send.on_unknown == OnUnknown::Resend && self.doubtful.is_empty();
        let is_to_resend = may_resend && error.is_some() && turn.after > 0;
        for &place in part.all() {
            let became = match (notes.next().flatten(), theirs.next()) {
                (Some(Note::Open(why)), _) => Err(why),
                (_, Some(recipient)) => Ok(recipient),
                (Some(Note::Known(recipient)), None) => Ok(*recipient),
                (None, None) => self.became(place, turn.account, error.as_ref().map(|error| (error, verdict))),
            };
            match became {
                Err(why) => {
                    self.delivered.open.insert(place, why);
                    self.open.push(place);
                }
                Ok(mut recipient) => {
                    recipient.rule = i32::try_from(self.group.rule).unwrap_or(i32::MAX);
                    self.delivered.open.remove(&place);
                    if is_to_resend && recipient.state() == DeliveryState::Unknown {
                        self.doubtful.insert(place, recipient);
                        self.open.push(place);
                    } else {
                        self.delivered.known.push((place, recipient));
                    }
                }
            }
        }
        if !self.open.is_empty() {
            self.cause = cause_of_next(turn.account, error.as_ref(), verdict);
        }
        if let Some(error) = error.filter(|error| turn.is_first || error.reason() != Reason::InvalidRequest) {
            self.delivered.failed(error);
        }
    }

    /// Returns what became of a recipient of whom there is neither a note of a part of the attempt nor an answer of the
    /// vendor's.
    ///
    /// # Errors
    /// Nothing was sent to the recipient, and a further account may be asked.
    fn became(&self, place: usize, account: &Account, error: Option<(&Error, Verdict)>) -> Result<Recipient, Error> {
        let to = self.number(place);
        match error {
            Some((error, verdict)) if verdict.may_go_on() => Err(error.clone()),
            Some((error, _)) => Ok(reply::failed(to, &account.site.account, error)),
            None => Ok(reply::unlisted(to, &account.site.account)),
        }
    }

    /// Notes the recipients that no account was asked for, and those that stay doubtful.
    fn end(&mut self) -> Delivered {
        let Self { open, doubtful, .. } = self;
        let mut delivered = std::mem::take(&mut self.delivered);
        let is_asked = |place: &&usize| delivered.open.contains_key(place) || doubtful.contains_key(place);
        let unasked: Vec<_> = open.iter().filter(|place| !is_asked(place)).copied().collect();
        if !unasked.is_empty() {
            let text =
                "the accounts of the route can carry no more, or were taken out by an operator; nothing was sent";
            let error = overloaded(text).retry_after(self.group.turn.wait.or(Some(LEAST)));
            delivered.open.extend(unasked.into_iter().map(|place| (place, error.clone())));
            delivered.failed(error);
        }
        if !delivered.open.is_empty() {
            self.route.balance().exhausted();
        }
        // What may have been sent once stays unknown, unless a further account took it.
        if !doubtful.is_empty() {
            let is_rejected = |known: &Recipient| known.state() == DeliveryState::Rejected;
            delivered.known.retain(|(place, known)| !(is_rejected(known) && doubtful.contains_key(place)));
            let taken: BTreeSet<_> = delivered.known.iter().map(|(place, _)| *place).collect();
            for (place, recipient) in std::mem::take(doubtful).into_iter().filter(|(place, _)| !taken.contains(place)) {
                delivered.open.remove(&place);
                delivered.known.push((place, recipient));
            }
        }
        delivered
    }

    fn number(&self, place: usize) -> &str {
        self.request.recipients.get(place).map_or("", String::as_str)
    }
}

/// Returns why the account after this one is asked.
fn cause_of_next(account: &Account, error: Option<&Error>, verdict: Verdict) -> String {
    let account = &account.site.account;
    match error {
        Some(error) if verdict == Verdict::Unknown => format!(
            "the outcome at {account} is unknown ({}), and on_unknown is resend: the message may arrive twice",
            error.reason_text()
        ),
        Some(error) => format!("{account} did not take it: {}", error.reason_text()),
        None => format!("{account} did not take all of it"),
    }
}

/// Notes an attempt.
fn note(
    account: &Account,
    rule: usize,
    count: usize,
    began: SystemTime,
    error: Option<&Error>,
    cause: String,
) -> pb::Attempt {
    let outcome = match error {
        None => AttemptOutcome::Accepted,
        Some(error) if error.was_not_sent() => AttemptOutcome::NotSent,
        Some(error) if error.was_refused() => AttemptOutcome::Refused,
        Some(_) => AttemptOutcome::Unknown,
    };
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

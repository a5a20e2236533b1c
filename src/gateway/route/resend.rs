//! Who is sent to again through another account: those whose account reported that it did not deliver the message, and those whose
//! account reports nothing in time. Each once, and only as the rule says so.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use super::{
    Route,
    balance::now,
    health::{Decayed, Time},
};
use crate::{
    api::pb::{Message, Recipient},
    config::route::{Action, Send},
    gateway::messages::{is_held, is_under_way},
    request::names,
    telemetry::metrics::ResendCause,
};

/// The part of the messages of the last hour, and the number beside it, that are sent again for want of a report at most: if the
/// reports of all accounts are lost, not everybody gets everything twice.
const HEDGED: f64 = 0.1;
const FEW: f64 = 10.0;
const HOUR: Duration = Duration::from_secs(3600);

/// The most recipients of a message that is sent again for want of a report: of so many a look-up asks at once.
const MOST: usize = 20;

/// A recipient who is to be sent to again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Due {
    /// The place in the message.
    pub(super) place: usize,
    pub(super) cause: ResendCause,
    /// Whether it is not too late, and known what the send asked for.
    pub(super) is_in_time: bool,
}

/// Counts what was sent, and what was sent again for want of a report. Both halve in an hour.
#[derive(Debug, Default)]
pub(super) struct Hedges(Mutex<Decayed>);

impl Hedges {
    /// Counts messages that accounts took.
    pub(super) fn count(&self, sent: usize) {
        self.add(sent as f64, 0.0, now());
    }

    /// Takes one of the messages that may be sent again for want of a report. Returns whether there is any.
    fn take(&self) -> bool {
        self.take_at(now())
    }

    fn take_at(&self, now: Time) -> bool {
        let counts = self.add(0.0, 0.0, now);
        let may = counts.hits + 1.0 <= FEW.max(counts.count * HEDGED);
        if may {
            self.add(0.0, 1.0, now);
        }
        may
    }

    fn add(&self, sent: f64, hedged: f64, now: Time) -> Decayed {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        counts.add(now, HOUR, sent, hedged);
        *counts
    }
}

impl Route {
    /// Whether a rule has messages sent again.
    pub(in crate::gateway) fn sends_again(&self) -> bool {
        self.config.rules.iter().any(|rule| matches!(&rule.then, Action::Send(send) if send.resend.is_on()))
    }

    /// Whether a message of this age is to be sent again to a recipient, whose account has just reported a final state.
    pub(in crate::gateway) fn makes_up_for(&self, message: &Message, place: usize, age: Duration) -> bool {
        let recipient = message.recipients.get(place);
        let send = recipient.and_then(|recipient| self.first_send(message, recipient).zip(Some(recipient)));
        send.is_some_and(|(send, recipient)| send.resend.on.contains(&recipient.state()) && age < send.resend.within)
    }

    /// Returns when a message of this age is to be sent again to a recipient.
    pub(in crate::gateway) fn sends_again_after(&self, message: &Message, age: Duration) -> Option<Duration> {
        if !self.sends_again() {
            return None;
        }
        let wait = |recipient: &Recipient| {
            if is_held(recipient) {
                return Some(Duration::ZERO);
            }
            let after = self.waiting(message, recipient)?.resend.after?;
            after.checked_sub(age).filter(|wait| !wait.is_zero())
        };
        message.recipients.iter().filter_map(wait).min()
    }

    /// Returns the recipients to whom a message of this age is to be sent again now.
    pub(super) fn due(&self, message: &Message, age: Duration) -> Vec<Due> {
        let due = |(place, recipient): (usize, &Recipient)| {
            if is_held(recipient) {
                let within = self.send_of(recipient).map_or(Duration::ZERO, |send| send.resend.within);
                let state = recipient.resend.as_ref().map(|first| first.state()).unwrap_or_default();
                let is_in_time = age < within && message.requested.is_some();
                return Some(Due { place, cause: ResendCause::of(state), is_in_time });
            }
            let resend = &self.waiting(message, recipient)?.resend;
            let is_due = resend.after.is_some_and(|after| after <= age) && age < resend.within;
            (is_due && self.hedges.take()).then_some(Due { place, cause: ResendCause::NoReport, is_in_time: true })
        };
        message.recipients.iter().enumerate().filter_map(due).collect()
    }

    /// Returns how a recipient was sent to by the rule that it met, if that rule still has the recipient's account.
    pub(super) fn send_of(&self, recipient: &Recipient) -> Option<&Send> {
        let number = usize::try_from(recipient.rule).ok()?;
        let account = names::account_id(&recipient.account);
        match &self.config.rules.iter().find(|rule| rule.number == number)?.then {
            Action::Send(send) if send.asked().contains(&account) => Some(send),
            _ => None,
        }
    }

    /// Returns the same of a recipient to whom a message may be sent again: it was sent at once, and once, and what the send asked for is
    /// known.
    fn first_send(&self, message: &Message, recipient: &Recipient) -> Option<&Send> {
        let may = recipient.resend.is_none() && message.schedule_time.is_none();
        let may = may && !message.text.is_empty() && message.requested.is_some();
        self.send_of(recipient).filter(|_| may)
    }

    /// Returns the same of a recipient whose account took the message, and has reported no final state.
    fn waiting(&self, message: &Message, recipient: &Recipient) -> Option<&Send> {
        let is_waiting = is_under_way(recipient.state()) && !recipient.vendor_message_id.is_empty();
        let is_waiting = is_waiting && message.recipients.len() <= MOST;
        self.first_send(message, recipient).filter(|send| is_waiting && send.resend.after.is_some())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_in_ten_messages_of_an_hour_is_sent_again_for_want_of_a_report() {
        let (hedges, now) = (Hedges::default(), Duration::from_secs(1_800_000_000));
        let taken = |count: usize, now| (0..count).filter(|_| hedges.take_at(now)).count();
        assert_eq!(taken(50, now), 10, "a few in any case");
        hedges.add(1000.0, 0.0, now);
        assert_eq!(taken(200, now), 90, "100 of 1000 in all");
        // What was counted half has faded after an hour, and so has what may be taken.
        assert_eq!(taken(200, now + HOUR), 0);
        assert_eq!(taken(50, now + HOUR * 100), 10);
    }
}

//! Which rule each recipient of a send meets, and which accounts are asked for it: recipients with the same answer are one
//! group, which is sent together.

use jiff::Timestamp;

use super::{Route, balance::Turn};
use crate::{
    api::pb::{Encoding, Purpose, SendMessageRequest},
    call::Call,
    config::route::{Action, Conditions, Rule, Send},
    text::{
        countries, gsm,
        segments::{Alphabet, Segments},
    },
};

/// What becomes of the recipients of a send.
pub(super) struct Plan<'a> {
    /// Those that are sent to.
    pub(super) groups: Vec<Group<'a>>,
    /// The places of those that a rule refuses, with the rule's number and its words.
    pub(super) refused: Vec<(usize, usize, &'a str)>,
}

/// Recipients for whom the same accounts are asked by the same rule.
pub(super) struct Group<'a> {
    /// The rule's number.
    pub(super) rule: usize,
    pub(super) send: &'a Send,
    /// The accounts to ask.
    pub(super) turn: Turn<'a>,
    /// The places of the recipients in the send.
    pub(super) places: Vec<usize>,
}

/// What rules look at, apart from the recipient.
pub(super) struct Facts<'a> {
    sender: &'a str,
    purpose: Purpose,
    caller: &'a str,
    tag: &'a str,
    /// When the message is sent, if a rule looks at it.
    time: Option<Timestamp>,
    segments: usize,
}

impl<'a> Facts<'a> {
    /// Returns the facts of a request that these rules look at.
    pub(super) fn of(call: &'a Call, request: &'a SendMessageRequest, rules: &[Rule]) -> Self {
        Self {
            sender: &request.sender,
            purpose: match request.purpose() {
                Purpose::Unspecified => Purpose::Transactional,
                purpose => purpose,
            },
            caller: call.caller().map_or("", |caller| caller.name()),
            tag: &request.tag,
            time: rules.iter().any(|rule| !rule.when.at.is_empty()).then(|| time_of(request)),
            segments: if rules.iter().any(|rule| rule.when.segments.is_some()) { segments_of(request) } else { 1 },
        }
    }
}

/// Returns the condition that does not fit; `None` if all do.
pub(super) fn unfit(facts: &Facts<'_>, conditions: &Conditions, number: &str) -> Option<&'static str> {
    let Conditions { to, from, purpose, caller, tag, at, segments } = conditions;
    let is_one = |texts: &[String], text: &str| texts.is_empty() || texts.iter().any(|one| one == text);
    let is_to = || {
        let country = countries::country_of(number);
        to.iter().any(|to| to.has(number, country))
    };
    if !to.is_empty() && !is_to() {
        Some("to")
    } else if !is_one(from, facts.sender) {
        Some("from")
    } else if !purpose.is_empty() && !purpose.contains(&facts.purpose) {
        Some("purpose")
    } else if !is_one(caller, facts.caller) {
        Some("caller")
    } else if !is_one(tag, facts.tag) {
        Some("tag")
    } else if !at.is_empty() && !facts.time.is_some_and(|time| at.iter().any(|hours| hours.have(time))) {
        Some("at")
    } else if segments.is_some_and(|(least, most)| !(least..=most).contains(&facts.segments)) {
        Some("segments")
    } else {
        None
    }
}

impl Route {
    /// Plans the send to the recipients at these places.
    pub(super) fn plan(
        &self,
        call: &Call,
        request: &SendMessageRequest,
        places: impl IntoIterator<Item = usize>,
    ) -> Plan<'_> {
        let rules = &self.config.rules;
        let facts = Facts::of(call, request, rules);
        // Mostly all recipients are one group.
        let mut plan = Plan { groups: Vec::<Group<'_>>::with_capacity(1), refused: Vec::new() };
        for place in places {
            let Some(number) = request.recipients.get(place) else { continue };
            // The last rule has no condition.
            let Some(Rule { number: rule, then, .. }) =
                rules.iter().find(|rule| unfit(&facts, &rule.when, number).is_none())
            else {
                continue;
            };
            let send = match then {
                Action::Refuse(why) => {
                    plan.refused.push((place, *rule, why));
                    continue;
                }
                Action::Send(send) => send,
            };
            let country = countries::country_of(number);
            let sender = send.sender.as_deref().unwrap_or(&request.sender);
            let turn = self.chooser.order(*rule, send, number, country, sender);
            match plan.groups.iter_mut().find(|group| group.rule == *rule && group.turn == turn) {
                Some(group) => group.places.push(place),
                None => plan.groups.push(Group { rule: *rule, send, turn, places: vec![place] }),
            }
        }
        plan
    }
}

/// Returns when a message is sent.
fn time_of(request: &SendMessageRequest) -> Timestamp {
    let scheduled = request.schedule_time.and_then(|time| Timestamp::new(time.seconds, time.nanos).ok());
    scheduled.unwrap_or_else(Timestamp::now)
}

/// Returns the number of segments of a text, in the alphabet that it is sent in.
fn segments_of(request: &SendMessageRequest) -> usize {
    let is_ucs_2 = request.encoding() == Encoding::Ucs2 || !gsm::fits(&request.text);
    Segments::of(if is_ucs_2 { Alphabet::Ucs2 } else { Alphabet::Gsm7 }, &request.text).count
}

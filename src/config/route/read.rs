//! Reads the rules of a route, each by itself.

use std::{collections::BTreeMap, time::Duration};

use serde::{Deserialize, Serialize, de::IntoDeserializer as _};
use toml::{Table, Value};

use super::{Action, Choice, Conditions, Hours, Need, OnUnknown, Resend, RouteConfig, Rule, Send, To, resend};
use crate::{
    api::pb::Purpose,
    config::{Keys, Problems},
    request::check::Check,
    text::countries,
};

pub(super) fn route(keys: &mut Keys, problems: &mut Problems) -> RouteConfig {
    for (key, why) in [
        ("allow_caller_credential", "a credential of a caller is for one vendor, and a route has several"),
        ("webhook_tokens", "vendors push to the webhooks of the accounts that the route uses"),
        ("webhook_register", "vendors push to the webhooks of the accounts that the route uses"),
    ] {
        if keys.has(key) {
            let _ = keys.optional::<Value>(key, problems);
            keys.problem(key, format!("must not be set for a route: {why}"), problems);
        }
    }
    let rules: Option<Vec<Value>> = keys.required("rules", problems);
    if rules.as_ref().is_some_and(Vec::is_empty) {
        keys.problem("rules", "must have a rule", problems);
    }
    let on_unknown = keys.optional("on_unknown", problems).unwrap_or_default();
    let resend = Resend::read(keys, problems);
    let mut read = Vec::new();
    for (index, value) in rules.into_iter().flatten().enumerate() {
        let mut reader = Reader { number: index + 1, table: Table::new(), faults: Vec::new() };
        match value {
            Value::Table(table) => reader.table = table,
            _ => reader.faults.push("must be a table such as { to = \"FR\", use = [\"fr\"] }".to_owned()),
        }
        read.push(reader.rule(on_unknown, &resend));
        let number = reader.number;
        for fault in reader.faults {
            keys.problem("rules", format!("rule {number}: {fault}"), problems);
        }
    }
    let mode = keys.or("mode", Mode::Move, problems);
    let strict_order = keys.or("strict_order", false, problems);
    RouteConfig { rules: read, observes: mode == Mode::Observe, strict_order }
}

/// Whether weights are moved by the health of accounts, or only judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Mode {
    Move,
    Observe,
}

fn parse_on_unknown(text: &str) -> Result<OnUnknown, String> {
    OnUnknown::deserialize(text.into_deserializer()).map_err(|error: serde::de::value::Error| error.to_string())
}

/// Reads one rule.
struct Reader {
    number: usize,
    table: Table,
    faults: Vec<String>,
}

impl Reader {
    fn rule(&mut self, on_unknown: OnUnknown, resend: &Resend) -> Rule {
        let when = Conditions {
            to: self.parsed("to", parse_to),
            from: self.parsed("from", |sender| parse_sender(sender).map(str::to_owned)),
            purpose: self.parsed("purpose", parse_purpose),
            caller: self.list("caller"),
            tag: self.parsed("tag", parse_tag),
            at: self.parsed("at", Hours::parse),
            segments: self.segments(),
        };
        let refuse = self.text("refuse");
        let (choice, then) = (self.choice(), self.list("then"));
        let sender = self.text("sender").and_then(|sender| match parse_sender(&sender) {
            Ok(_) => Some(sender),
            Err(fault) => self.fault("sender", fault),
        });
        let own = self.text("on_unknown").and_then(|text| match parse_on_unknown(&text) {
            Ok(own) => Some(own),
            Err(fault) => self.fault("on_unknown", fault),
        });
        let needs = self.parsed("needs", parse_need);
        let own_resend = self.resend(resend);
        let known = "to, from, purpose, caller, tag, at, segments, use, then, sender, on_unknown, needs, resend_on, \
                     resend_after, resend_within, refuse";
        for key in std::mem::take(&mut self.table).keys() {
            self.faults.push(format!("unknown key {key:?}; expected one of {known}"));
        }
        match (&refuse, &choice) {
            (Some(_), Some(_)) => self.fault("refuse", "must not stand beside use"),
            (Some(why), None) if why.trim().is_empty() => self.fault("refuse", "must say why"),
            (None, None) if self.faults.is_empty() => self.fault("use", "is required, or refuse"),
            _ => None::<()>,
        };
        let on_unknown = own.unwrap_or(on_unknown);
        let send = |choice| {
            let mut send = Send { choice, then, sender, on_unknown, needs, resend: own_resend };
            // What is said for the whole route does not mean a rule that has no other account.
            if send.resend == *resend && send.asked().len() < 2 {
                send.resend = Resend::default();
            }
            Action::Send(send)
        };
        let then = choice.map_or_else(|| Action::Refuse(refuse.unwrap_or_default()), send);
        Rule { number: self.number, when, then, is_sound: self.faults.is_empty() }
    }

    fn fault<T>(&mut self, key: &str, text: impl Into<String>) -> Option<T> {
        self.faults.push(format!("{key}: {}", text.into()));
        None
    }

    fn text(&mut self, key: &str) -> Option<String> {
        match self.table.remove(key)? {
            Value::String(text) => Some(text),
            _ => self.fault(key, "must be text"),
        }
    }

    /// Reads one text, or a list of them, which must not be empty.
    fn list(&mut self, key: &str) -> Vec<String> {
        let texts = match self.table.remove(key) {
            None => return Vec::new(),
            Some(Value::String(text)) => Some(vec![text]),
            Some(Value::Array(values)) => values.iter().map(|value| value.as_str().map(str::to_owned)).collect(),
            Some(_) => None,
        };
        match texts {
            Some(texts) if !texts.is_empty() => texts,
            _ => self.fault(key, "must be text, or a list of texts").unwrap_or_default(),
        }
    }

    fn parsed<T, E: Into<String>>(&mut self, key: &str, parse: impl Fn(&str) -> Result<T, E>) -> Vec<T> {
        let mut all = Vec::new();
        for text in self.list(key) {
            match parse(&text) {
                Ok(parsed) => all.push(parsed),
                Err(fault) => drop(self.fault::<()>(key, fault)),
            }
        }
        all
    }

    /// Reads when the message is sent again: what the rule does not say is as it is for the route. An empty list is off.
    fn resend(&mut self, of_route: &Resend) -> Resend {
        let mut resend = of_route.clone();
        match self.table.get("resend_on") {
            Some(Value::Array(states)) if states.is_empty() => {
                self.table.remove("resend_on");
                resend.on.clear();
            }
            Some(_) => resend.on = self.parsed("resend_on", resend::state),
            None => {}
        }
        if let Some(after) = self.span("resend_after") {
            resend.after = Some(after);
        }
        if let Some(within) = self.span("resend_within") {
            resend.within = within;
        }
        // What is wrong for the whole route is told there.
        if let Some(fault) = resend.fault().filter(|_| resend != *of_route) {
            self.faults.push(format!("resend_after: {fault}"));
        }
        resend
    }

    fn span(&mut self, key: &str) -> Option<Duration> {
        let value = self.table.remove(key)?;
        resend::span(value).map_or_else(|fault| self.fault(key, fault), Some)
    }

    /// Reads a number of segments, such as `"1"`, `"2-3"`, `"4-"`, or a number.
    fn segments(&mut self) -> Option<(usize, usize)> {
        let text = match self.table.remove("segments")? {
            Value::Integer(count) => count.to_string(),
            Value::String(text) => text,
            _ => String::new(),
        };
        let (least, most) = text.split_once('-').unwrap_or((&text, &text));
        let least = least.parse().ok();
        let most = if most.is_empty() { Some(usize::MAX) } else { most.parse().ok() };
        match least.zip(most) {
            Some((least, most)) if (1..=most).contains(&least) => Some((least, most)),
            _ => self.fault("segments", "must be such as 1, \"2-3\" or \"4-\""),
        }
    }

    /// Reads the accounts: a list is an order, a table has weights.
    fn choice(&mut self) -> Option<Choice> {
        match self.table.remove("use")? {
            Value::Table(table) => {
                let weight = |(account, weight): (String, Value)| {
                    let weight = weight.as_integer().and_then(|weight| u32::try_from(weight).ok());
                    weight.map(|weight| (account, weight)).ok_or(())
                };
                match table.into_iter().map(weight).collect::<Result<BTreeMap<_, _>, _>>() {
                    Ok(weights) if weights.values().any(|weight| *weight > 0) => Some(Choice::Weights(weights)),
                    _ => self.fault("use", "must have weights from 0 on, of which one is above 0"),
                }
            }
            order => {
                self.table.insert("use".to_owned(), order);
                let accounts = self.list("use");
                (!accounts.is_empty()).then_some(Choice::Order(accounts))
            }
        }
    }
}

fn parse_purpose(text: &str) -> Result<Purpose, String> {
    match text {
        "marketing" => Ok(Purpose::Marketing),
        "transactional" => Ok(Purpose::Transactional),
        "authentication" => Ok(Purpose::Authentication),
        _ => Err(format!("invalid purpose {text:?}; expected marketing, transactional or authentication")),
    }
}

fn parse_need(text: &str) -> Result<Need, String> {
    let need = Need::ALL.into_iter().find(|need| need.name() == text);
    need.ok_or_else(|| format!("invalid need {text:?}; expected schedule, cancel or reports"))
}

fn parse_tag(text: &str) -> Result<String, String> {
    let mut check = Check::new();
    check.required(text, "tag");
    check.tag(text);
    match check.violations().into_iter().next() {
        Some(violation) => Err(violation.description),
        None => Ok(text.to_owned()),
    }
}

fn parse_to(text: &str) -> Result<To, String> {
    if let Some(digits) = text.strip_prefix('+') {
        let is_prefix = (1..=15).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
        return match is_prefix && !digits.starts_with('0') {
            true => Ok(To::Prefix(text.to_owned())),
            false => Err(format!("invalid prefix {text:?}; expected a plus and digits such as +8816")),
        };
    }
    match countries::is_country(text) {
        true => Ok(To::Country(text.to_owned())),
        false => Err(format!("invalid country {text:?}; expected two letters of ISO 3166-1 such as FR, or a prefix")),
    }
}

fn parse_sender(sender: &str) -> Result<&str, String> {
    let mut check = Check::new();
    check.required(sender, "sender");
    check.sender(sender, "sender");
    match check.violations().into_iter().next() {
        Some(violation) => Err(violation.description),
        None => Ok(sender),
    }
}

//! What a route would do with the recipients of a send, and why not something else: without asking any vendor.

use super::{
    Route,
    plan::{Facts, unfit},
};
use crate::{
    api::pb::{PassedOver, RouteDecision, SendMessageRequest},
    call::Call,
    config::route::{Action, Send},
    text::countries,
};

/// A send, whose recipients meet the rules of a route.
pub(in crate::gateway) struct Explained<'a> {
    route: &'a Route,
    facts: Facts<'a>,
    request: &'a SendMessageRequest,
}

impl Explained<'_> {
    /// Returns what the route would do with a recipient.
    pub(in crate::gateway) fn decide(&self, number: &str) -> RouteDecision {
        let Self { route, facts, request } = self;
        let mut decision = RouteDecision::default();
        for rule in &route.config.rules {
            let count = i32::try_from(rule.number).unwrap_or(i32::MAX);
            if let Some(condition) = unfit(facts, &rule.when, number) {
                let reason = format!("its {condition} does not fit");
                decision.passed_over.push(PassedOver { rule: count, account: String::new(), reason });
                continue;
            }
            decision.rule = count;
            match &rule.then {
                Action::Refuse(why) => decision.refusal.clone_from(why),
                Action::Send(send) => {
                    let country = countries::country_of(number);
                    let sender = send.sender.as_deref().unwrap_or(&request.sender);
                    let accounts = route.chooser.order(rule.number, send, number, country, sender).accounts;
                    for account in rule.accounts().into_iter().filter(|account| !accounts.contains(account)) {
                        let reason = route.why_not(send, account, country, sender).to_owned();
                        let account = format!("accounts/{account}");
                        decision.passed_over.push(PassedOver { rule: count, account, reason });
                    }
                    sender.clone_into(&mut decision.sender);
                    decision.accounts = accounts.into_iter().map(|account| format!("accounts/{account}")).collect();
                    decision.prices = route.prices.of(&decision.accounts, country);
                }
            }
            break;
        }
        decision
    }
}

impl Route {
    /// Lets the recipients of a send meet the rules.
    pub(in crate::gateway) fn explained<'a>(
        &'a self,
        call: &'a Call,
        request: &'a SendMessageRequest,
    ) -> Explained<'a> {
        Explained { route: self, facts: Facts::of(call, request, &self.config.rules), request }
    }

    /// Returns why an account of a rule is not asked.
    fn why_not(&self, send: &Send, account: &str, country: Option<&'static str>, sender: &str) -> &'static str {
        if send.choice.has_no_weight(account) {
            "its weight is 0"
        } else if self.chooser.is_left_out(account, country, sender) {
            "it was at fault for this country and sender less than ten minutes ago"
        } else if let Some(why) = self.balance().why_not(account) {
            why
        } else {
            "at most three accounts are asked"
        }
    }
}

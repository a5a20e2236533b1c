//! What a route would do with the recipients of a send, and why not something else: without asking any vendor.

use tokio::time::Instant;

use super::{
    Route,
    plan::{Facts, unfit},
};
use crate::{
    api::pb::{PassedOver, RouteDecision, SendMessageRequest},
    call::Call,
    config::route::{Action, Send},
    gateway::slices::Slices,
    text::countries,
};

impl Route {
    /// Returns the decisions for all recipients: those with the same one are told together.
    pub(in crate::gateway) async fn explain(
        &self,
        call: &Call,
        request: &SendMessageRequest,
        slices: &mut Slices,
    ) -> Vec<RouteDecision> {
        let facts = Facts::of(call, request, &self.config.rules);
        let mut decisions: Vec<(RouteDecision, Vec<i32>)> = Vec::new();
        for (place, number) in (0..).zip(&request.recipients) {
            let decision = self.decide(&facts, request, number);
            match decisions.iter_mut().find(|(other, _)| *other == decision) {
                Some((_, places)) => places.push(place),
                None => decisions.push((decision, vec![place])),
            }
            slices.step().await;
        }
        decisions.into_iter().map(|(decision, recipients)| RouteDecision { recipients, ..decision }).collect()
    }

    fn decide(&self, facts: &Facts<'_>, request: &SendMessageRequest, number: &str) -> RouteDecision {
        let (mut decision, now) = (RouteDecision::default(), Instant::now());
        for rule in &self.config.rules {
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
                    let accounts = self.chooser.order(rule.number, send, number, country, sender, now).accounts;
                    for account in rule.accounts().into_iter().filter(|account| !accounts.contains(account)) {
                        let reason = self.why_not(send, account, country, sender).to_owned();
                        let account = format!("accounts/{account}");
                        decision.passed_over.push(PassedOver { rule: count, account, reason });
                    }
                    sender.clone_into(&mut decision.sender);
                    decision.accounts = accounts.into_iter().map(|account| format!("accounts/{account}")).collect();
                }
            }
            break;
        }
        decision
    }

    /// Returns why an account of a rule is not asked.
    fn why_not(&self, send: &Send, account: &str, country: Option<&'static str>, sender: &str) -> &'static str {
        if send.choice.has_no_weight(account) {
            "its weight is 0"
        } else if self.chooser.is_left_out(account, country, sender, Instant::now()) {
            "it was at fault for this country and sender less than ten minutes ago"
        } else if let Some(why) = self.balance().why_not(account) {
            why
        } else {
            "at most three accounts are asked"
        }
    }
}

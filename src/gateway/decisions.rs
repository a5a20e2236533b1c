//! What would become of the recipients of a send, and why: what consent, quiet hours, the spend guard and the rules of a route
//! say. No vendor is asked, and nothing is counted.

use super::{Account, Guard, Quiet, consent::OptOuts, screen::Content, slices::Slices, spend::Rehearsed};
use crate::{
    api::pb::{ConsentVerdict, GuardVerdict, RouteDecision, SendMessageRequest},
    call::Call,
};

/// Who decides about recipients, beside the rules of a route.
pub(super) struct Deciders<'a> {
    pub(super) opt_outs: Option<&'a dyn OptOuts>,
    pub(super) guard: Option<&'a Guard>,
    pub(super) quiet: Option<&'a Quiet>,
}

impl Deciders<'_> {
    /// Returns the decisions about all recipients of a send: those with the same one are told together.
    pub(super) async fn decide(
        &self,
        call: &Call,
        account: &Account,
        send: &SendMessageRequest,
        slices: &mut Slices,
    ) -> Vec<RouteDecision> {
        let (name, caller) = (&*account.site.account, call.caller().map_or("", |caller| caller.name()));
        let explained = account.route.as_ref().map(|route| route.explained(call, send));
        let content = Content::of(send, !send.message_id.is_empty());
        let mut rehearsal =
            content.and_then(|content| Some((self.guard?, self.guard?.rehearse(name, caller, content)?)));
        let mut decisions: Vec<(RouteDecision, Vec<i32>)> = Vec::new();
        for (place, number) in (0..).zip(&send.recipients) {
            let mut decision = match &explained {
                Some(route) => route.decide(number),
                None => {
                    let (accounts, sender) = (vec![name.to_owned()], send.sender.clone());
                    RouteDecision { accounts, sender, ..RouteDecision::default() }
                }
            };
            let purpose = content.map(|content| content.purpose).unwrap_or_default();
            let consent = self.opt_outs.and_then(|opt_outs| opt_outs.has_opted_out(name, number, purpose));
            decision.set_consent(match consent {
                None => ConsentVerdict::Unspecified,
                Some(false) => ConsentVerdict::Permitted,
                Some(true) => ConsentVerdict::OptedOut,
            });
            let quiet = self.quiet.zip(content).and_then(|(quiet, content)| quiet.judge(&content, number));
            if let Some((verdict, permitted)) = quiet {
                decision.set_quiet_hours(verdict);
                decision.permitted_time = permitted;
            }
            let is_refused = consent == Some(true) || decision.quiet_hours() == GuardVerdict::Refused;
            if let (Some((guard, rehearsal)), false) = (&mut rehearsal, is_refused) {
                let Rehearsed { rule, is_unpriced } = rehearsal.judge(number);
                decision.set_guard(match rule {
                    None => GuardVerdict::Permitted,
                    Some(_) if guard.enforces() => GuardVerdict::Refused,
                    Some(_) => GuardVerdict::Observed,
                });
                decision.guard_rule = rule.unwrap_or_default().to_owned();
                decision.unpriced = is_unpriced;
            }
            match decisions.iter_mut().find(|(other, _)| *other == decision) {
                Some((_, places)) => places.push(place),
                None => decisions.push((decision, vec![place])),
            }
            slices.step().await;
        }
        decisions.into_iter().map(|(decision, recipients)| RouteDecision { recipients, ..decision }).collect()
    }
}

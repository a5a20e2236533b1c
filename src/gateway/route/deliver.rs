//! Sends a message through the accounts of a route: each group of recipients by itself.

use futures::future::join_all;
use ring::digest::{SHA256, digest};

use super::{
    Route,
    group::{Delivered, Sends},
    plan::{Group, Plan},
    reply::{self, Whole},
};
use crate::{
    api::pb::{SendMessageRequest, SendMessageResponse},
    call::Call,
    error::{Error, Violation},
    gateway::Account,
    request::names,
    text::hex,
    vendors::refusals,
};

impl Route {
    pub(super) async fn deliver(&self, call: &Call, request: SendMessageRequest) -> Result<SendMessageResponse, Error> {
        let request = &request;
        let intent = call.intent().cloned();
        let earlier = intent.as_ref().map(|intent| intent.earlier()).unwrap_or_default();
        let count = request.recipients.len();
        let is_open = |place: &usize| earlier.get(*place).is_none_or(Option::is_none);
        let plan = self.plan(call, request, (0..count).filter(is_open));
        // An account names the recipients of its part by their places there, and would know of the other parts' faults
        // nothing.
        let is_whole = matches!(&plan.groups[..], [group] if group.places.len() == count);
        if call.is_dry_run() || !is_whole {
            let faults = self.faults(call, request, &plan).await;
            if !faults.is_empty() {
                return Err(Error::invalid(faults));
            }
        }
        call.check_active()?;
        let delivered = match &plan.groups[..] {
            [group] => Sends::new(self, call, request, group, intent.as_ref()).deliver().await,
            groups => {
                let sends = groups.iter().map(|group| Sends::new(self, call, request, group, intent.as_ref()));
                let all = join_all(sends.map(async |mut sends| sends.deliver().await)).await;
                all.into_iter().fold(Delivered::default(), Delivered::and)
            }
        };
        let earlier = earlier.into_iter().enumerate().filter_map(|(place, known)| Some((place, known?)));
        // The gateway has made the name before; a call of its own has none.
        let name =
            call.resource().map_or_else(|| names::child(&self.name, "messages", &request.message_id), str::to_owned);
        let whole = Whole { account: &self.name, name, request };
        reply::assemble(whole, &plan.refused, earlier.collect(), delivered, intent.as_deref())
    }

    /// Returns what the first accounts of the groups reject before anything is sent.
    async fn faults(&self, call: &Call, request: &SendMessageRequest, plan: &Plan<'_>) -> Vec<Violation> {
        let mut faults: Vec<Violation> = Vec::new();
        for group in &plan.groups {
            let Some(account) = group.turn.accounts.first().and_then(|id| self.accounts.get(*id)) else { continue };
            let message_id = self.part_id(request, &group.places);
            let part = part_of(request, group, account, &group.places, message_id);
            for mut fault in refusals(&*account.vendor, call, part).await {
                fault.field = renumbered(&fault.field, &group.places);
                if !faults.contains(&fault) {
                    faults.push(fault);
                }
            }
        }
        faults
    }

    /// Returns the id of the part of a message for the recipients at these places, at vendors that take one: that of the
    /// message if the part is the whole, and no other caller can have chosen it for another message of the account.
    pub(super) fn part_id(&self, request: &SendMessageRequest, places: &[usize]) -> String {
        let message_id = &request.message_id;
        // Not by `all`, which may stop at any byte, and so looks at them one by one.
        let is_hex = || message_id.bytes().fold(true, |all, byte| all & byte.is_ascii_hexdigit());
        let is_ours = message_id.len() == 32 && is_hex();
        if is_ours && places.len() == request.recipients.len() || message_id.is_empty() {
            return message_id.to_owned();
        }
        let text = format!("{} {message_id} {places:?}", self.name);
        hex(digest(&SHA256, text.as_bytes()).as_ref().get(..16).unwrap_or_default())
    }
}

/// Returns the request to an account, for the recipients at these places.
pub(super) fn part_of(
    request: &SendMessageRequest,
    group: &Group<'_>,
    account: &Account,
    places: &[usize],
    message_id: String,
) -> SendMessageRequest {
    let recipients = places.iter().filter_map(|&place| request.recipients.get(place).cloned()).collect();
    SendMessageRequest {
        parent: account.site.account.as_ref().to_owned(),
        recipients,
        sender: group.send.sender.as_ref().unwrap_or(&request.sender).clone(),
        message_id,
        text: request.text.clone(),
        quality: request.quality,
        encoding: request.encoding,
        schedule_time: request.schedule_time,
        reference: request.reference.clone(),
        purpose: request.purpose,
        tag: request.tag.clone(),
        // A route has none of its own, and those of a vendor are rejected before.
        vendor_options: None,
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

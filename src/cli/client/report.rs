//! Messages for people.

use std::{collections::BTreeMap, fmt::Write as _};

use smsmux::api::pb::{DeliveryState, Message, Recipient};

use crate::cli::{
    events::{state, state_with_code},
    table::{money, table, time},
};

/// Returns a line for each message.
pub(super) fn list(messages: &[Message]) -> String {
    let rows = messages.iter().map(|message| {
        let to = match &message.recipients[..] {
            [recipient] => recipient.to.clone(),
            recipients => format!("{} recipients", recipients.len()),
        };
        [message.name.clone(), time(message.create_time), to, states(message)]
    });
    table(["message", "sent", "to", "state"], &rows.collect::<Vec<_>>())
}

/// Returns the states of a message with the number of recipients in each, if there are several.
fn states(message: &Message) -> String {
    let mut counts = BTreeMap::<i32, usize>::new();
    message.recipients.iter().for_each(|recipient| *counts.entry(recipient.state).or_default() += 1);
    let states: Vec<_> = counts
        .into_iter()
        .map(|(number, count)| {
            let state = state(DeliveryState::try_from(number).unwrap_or_default());
            if message.recipients.len() == 1 { state.to_owned() } else { format!("{count} {state}") }
        })
        .collect();
    states.join(", ")
}

/// Returns a message with all its recipients.
pub(super) fn message(message: &Message) -> String {
    let mut page = format!("{}\n", message.name);
    for (name, value) in [
        ("sent", time(message.create_time)),
        ("scheduled", time(message.schedule_time)),
        ("sender", message.sender.clone()),
        ("reference", message.reference.clone()),
        ("price", money(message.price.as_ref())),
        ("text", message.text.clone()),
    ] {
        let _ = if value.is_empty() { Ok(()) } else { writeln!(page, "  {name}: {value}") };
    }
    for attempt in &message.attempts {
        let outcome = attempt.outcome().as_str_name().trim_start_matches("ATTEMPT_OUTCOME_");
        let why =
            [&*attempt.reason, &attempt.explanation].into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>();
        let _ = writeln!(
            page,
            "  {outcome} by {}: {}",
            attempt.account,
            [&[&*attempt.cause][..], &why].concat().join("; ")
        );
    }
    let owner = message.name.split("/messages/").next().unwrap_or_default();
    let rows: Vec<_> = message.recipients.iter().map(|recipient| row(recipient, owner)).collect();
    page.push('\n');
    page + &table(["recipient", "state", "delivered", "account", "segments", "price", "detail"], &rows)
}

/// Returns the cells of a recipient. Its account is shown if it is another than the message's.
fn row(recipient: &Recipient, owner: &str) -> [String; 7] {
    [
        recipient.to.clone(),
        state_with_code(recipient.state(), &recipient.vendor_code),
        time(recipient.delivery_time),
        if recipient.account == owner { String::new() } else { recipient.account.clone() },
        recipient.segment_count.map(|count| count.to_string()).unwrap_or_default(),
        money(recipient.price.as_ref()),
        recipient.vendor_text.clone(),
    ]
}

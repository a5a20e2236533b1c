//! The arguments that describe a message.

use clap::Args;
use jiff::Timestamp;
use smsmux::api::pb::SendMessageRequest;

use crate::cli::arguments::{PurposeArgument, account_name, purpose, time_or_delay, timestamp};

#[derive(Debug, Args)]
pub(super) struct DraftArguments {
    /// The account to send through: its id, or accounts/ID
    #[arg(long, value_name = "ACCOUNT", value_parser = account_name)]
    account: String,
    /// The text
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    text: String,
    /// The sender that the recipients see [default: the account's]
    #[arg(long, value_name = "SENDER", default_value = "", hide_default_value = true, allow_hyphen_values = true)]
    sender: String,
    /// What the message is for; who opted out of advertising still gets the rest
    #[arg(long)]
    purpose: Option<PurposeArgument>,
    /// A tag of yours, by which a route may choose
    #[arg(long, value_name = "TAG", default_value = "", hide_default_value = true)]
    tag: String,
    /// When it is sent, such as 2026-12-24T18:00:00Z or +2h [default: now]
    #[arg(long, value_name = "TIME", value_parser = time_or_delay)]
    at: Option<Timestamp>,
}

impl DraftArguments {
    /// Returns the message, without recipients.
    pub(super) fn message(self) -> SendMessageRequest {
        let Self { account, text, sender, purpose, tag, at } = self;
        SendMessageRequest {
            parent: account,
            text,
            sender,
            tag,
            purpose: self::purpose(purpose),
            schedule_time: at.map(timestamp),
            ..SendMessageRequest::default()
        }
    }
}

//! `smsmux store export`.

use std::time::SystemTime;

use clap::Args;
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use prost::Message as _;
use prost_reflect::{DescriptorPool, DynamicMessage, MessageDescriptor};
use smsmux::{
    api::pb,
    gateway::logged_message,
    store::{Beside, MessageFilter, StoredMessage},
};

use super::{Failure, print, progress::Progress};

/// The messages of one page.
const PAGE: u32 = 1000;

#[derive(Debug, Args)]
pub(super) struct ExportArguments {
    /// The earliest time, inclusive, such as 2026-11-01 or 2026-11-01T12:00:00Z
    #[arg(long, value_name = "TIME", value_parser = time)]
    from: Option<SystemTime>,
    /// The latest time, exclusive
    #[arg(long, value_name = "TIME", value_parser = time)]
    until: Option<SystemTime>,
    /// An account whose messages are printed; all of them without this
    #[arg(long = "account", value_name = "ACCOUNT")]
    accounts: Vec<String>,
}

pub(super) fn run(store: &mut Beside, arguments: ExportArguments) -> Result<(), Failure> {
    let ExportArguments { from, until, accounts } = arguments;
    let accounts = (!accounts.is_empty()).then(|| accounts.iter().map(|id| name(id).into()).collect());
    let filter = MessageFilter { accounts, from, until, ..MessageFilter::default() };
    let message = message_type()?;
    let (mut before, mut count, mut progress) = (None, 0, Progress::new("messages"));
    loop {
        // Each page is a query of its own: a long one would keep the server's log from starting over.
        let page = store.messages(&filter, before, PAGE).map_err(Failure::new)?;
        let lines = page.messages.iter().filter_map(|stored| line(&message, stored).transpose());
        let lines = lines.collect::<Result<Vec<_>, _>>()?;
        count += lines.len() as u64;
        print::out(lines.concat()).inspect_err(|_| progress.end())?;
        progress.count(count);
        before = page.next;
        if before.is_none() {
            progress.end();
            return Ok(());
        }
    }
}

/// Returns the name of an account, of which an id is enough.
fn name(account: &str) -> String {
    if account.starts_with("accounts/") { account.to_owned() } else { format!("accounts/{account}") }
}

fn message_type() -> Result<MessageDescriptor, Failure> {
    let pool = DescriptorPool::decode(pb::DESCRIPTORS).map_err(Failure::new)?;
    pool.get_message_by_name("smsmux.v1.Message").ok_or_else(|| Failure::new("the build has no messages"))
}

/// Returns the line of a message; `None` if the entry is that of none.
fn line(message: &MessageDescriptor, stored: &StoredMessage) -> Result<Option<String>, Failure> {
    let damaged = |e: &dyn std::fmt::Display| Failure::new(format!("write {} is damaged: {e}", stored.write_id));
    let Some(logged) = logged_message(stored).map_err(|e| damaged(&e))? else { return Ok(None) };
    let bytes = logged.encode_to_vec();
    let decoded = DynamicMessage::decode(message.clone(), &*bytes).map_err(|e| damaged(&e))?;
    let line = serde_json::to_string(&decoded).map_err(|e| damaged(&e))?;
    Ok(Some(line + "\n"))
}

/// Reads a time, or a date in UTC.
fn time(text: &str) -> Result<SystemTime, String> {
    let time = text
        .parse::<Timestamp>()
        .or_else(|_| text.parse::<Date>().and_then(|date| date.to_zoned(TimeZone::UTC)).map(|zoned| zoned.timestamp()));
    time.map(SystemTime::from).map_err(|_| "expected a time such as 2026-11-01 or 2026-11-01T12:00:00Z".to_owned())
}

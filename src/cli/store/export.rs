//! `smsmux store export`.

use std::time::SystemTime;

use clap::Args;
use smsmux::{
    gateway::logged_message,
    store::{Beside, MessageFilter, StoredMessage},
};

use super::{Failure, Progress, print};
use crate::cli::{
    arguments::{account, system_time},
    json::Json,
};

/// The messages of one page.
const PAGE: u32 = 1000;

#[derive(Debug, Args)]
pub(super) struct ExportArguments {
    /// The earliest time, inclusive, such as 2026-11-01 or 2026-11-01T12:00:00Z
    #[arg(long, value_name = "TIME", value_parser = system_time)]
    from: Option<SystemTime>,
    /// The latest time, exclusive
    #[arg(long, value_name = "TIME", value_parser = system_time)]
    until: Option<SystemTime>,
    /// An account whose messages are printed; all of them without this
    #[arg(long = "account", value_name = "ACCOUNT")]
    accounts: Vec<String>,
}

pub(super) fn run(store: &mut Beside, arguments: ExportArguments) -> Result<(), Failure> {
    let ExportArguments { from, until, accounts } = arguments;
    let accounts = (!accounts.is_empty()).then(|| accounts.iter().map(|id| account(id).into()).collect());
    let filter = MessageFilter { accounts, from, until, ..MessageFilter::default() };
    let json = Json::new()?;
    let (mut before, mut count, mut progress) = (None, 0, Progress::new("messages"));
    loop {
        // Each page is a query of its own: a long one would keep the server's log from starting over.
        let page = store.messages(&filter, before, PAGE).map_err(Failure::new)?;
        let lines = page.messages.iter().filter_map(|stored| line(&json, stored).transpose());
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

/// Returns the line of a message; `None` if the entry is that of none.
fn line(json: &Json, stored: &StoredMessage) -> Result<Option<String>, Failure> {
    let damaged = |e: &dyn std::fmt::Display| Failure::new(format!("write {} is damaged: {e}", stored.write_id));
    let Some(logged) = logged_message(stored).map_err(|e| damaged(&e))? else { return Ok(None) };
    let line = serde_json::to_string(&json.message("Message", &logged)?).map_err(|e| damaged(&e))?;
    Ok(Some(line + "\n"))
}

//! What several commands take as arguments.

use std::{convert::Infallible, time::SystemTime};

use clap::{ArgMatches, Args, ValueEnum};
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use smsmux::api::pb::Purpose;

/// How results are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Output {
    /// For people
    #[value(alias = "text")]
    Table,
    /// One JSON document, or one line of JSON for each event
    Json,
}

/// The argument of every command that prints results.
#[derive(Debug, Clone, Copy, Args)]
pub(super) struct OutputArguments {
    /// How results are printed, and errors
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = Output::Table, global = true)]
    pub(super) output: Output,
}

impl Output {
    /// Returns how the command that was given prints.
    pub(super) fn of(matches: &ArgMatches) -> Self {
        match matches.subcommand() {
            Some((_, command)) => Self::of(command),
            None => matches.try_get_one("output").ok().flatten().copied().unwrap_or(Self::Table),
        }
    }
}

/// What a message is for.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum PurposeArgument {
    Marketing,
    Transactional,
    Authentication,
}

/// Returns the purpose of a request.
pub(super) fn purpose(argument: Option<PurposeArgument>) -> i32 {
    let purpose = match argument {
        None => Purpose::Unspecified,
        Some(PurposeArgument::Marketing) => Purpose::Marketing,
        Some(PurposeArgument::Transactional) => Purpose::Transactional,
        Some(PurposeArgument::Authentication) => Purpose::Authentication,
    };
    purpose.into()
}

/// Returns the name of an account, of which an id is enough.
pub(super) fn account(account: &str) -> String {
    if account.starts_with("accounts/") { account.to_owned() } else { format!("accounts/{account}") }
}

/// Reads the name of an account.
pub(super) fn account_name(text: &str) -> Result<String, Infallible> {
    Ok(account(text))
}

/// Reads a time, or a date in UTC.
pub(super) fn time(text: &str) -> Result<Timestamp, String> {
    let time = text
        .parse::<Timestamp>()
        .or_else(|_| text.parse::<Date>().and_then(|date| date.to_zoned(TimeZone::UTC)).map(|zoned| zoned.timestamp()));
    time.map_err(|_| "expected a time such as 2026-11-01 or 2026-11-01T12:00:00Z".to_owned())
}

/// Reads a time, or a time from now on such as `+2h`, to the second: vendors take no fractions.
pub(super) fn time_or_delay(text: &str) -> Result<Timestamp, String> {
    let delay = text.strip_prefix('+').and_then(|delay| humantime::parse_duration(delay).ok());
    let now = Timestamp::from_second(Timestamp::now().as_second()).unwrap_or_default();
    let later = delay.and_then(|delay| now.checked_add(delay).ok());
    later.map_or_else(|| time(text).map_err(|expected| format!("{expected}, or +2h")), Ok)
}

/// Reads a time for the store.
pub(super) fn system_time(text: &str) -> Result<SystemTime, String> {
    time(text).map(SystemTime::from)
}

/// Returns a time as requests have it.
pub(super) fn timestamp(time: Timestamp) -> prost_types::Timestamp {
    prost_types::Timestamp { seconds: time.as_second(), nanos: time.subsec_nanosecond() }
}

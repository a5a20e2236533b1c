//! `smsmux store`.

mod export;

use std::{
    io::{self, BufRead as _},
    path::PathBuf,
};

use clap::{Args, Subcommand};
use jiff::Timestamp;
use serde_json::{Value, json};
use smsmux::{
    config::{Problem, StoreConfig},
    request::check::Check,
    store::{Beside, ByAge, Checked, Rekeyed, Stats, WriteId},
};

use super::{
    ConfigArguments, Failure,
    arguments::{Output, OutputArguments},
    load::Draft,
    print,
    progress::Progress,
};

#[derive(Debug, Args)]
pub(super) struct StoreArguments {
    #[command(flatten)]
    config: ConfigArguments,
    /// Another file of SQLite than that of the configuration, such as a backup
    #[arg(long, value_name = "FILE", global = true)]
    path: Option<PathBuf>,
    #[command(flatten)]
    output: OutputArguments,
    #[command(subcommand)]
    command: StoreCommand,
}

#[derive(Debug, Subcommand)]
enum StoreCommand {
    /// Copy the store of this moment to a new file, beside a running server
    #[command(after_help = "\
Examples:
  smsmux store backup /backup/smsmux-monday.db
  smsmux store backup copy.db --path /var/lib/smsmux/smsmux.db

The key file of the store is copied beside it. To restore: stop the server, remove smsmux.db-wal and smsmux.db-shm, move both
copies into place, start the server. A store in PostgreSQL is backed up with pg_dump or a base backup.")]
    Backup {
        /// The new file
        file: PathBuf,
    },
    /// Look for damage, and count the rows; exit code 1 if something is damaged
    #[command(after_help = "\
Examples:
  smsmux store check
  smsmux store check --path /backup/smsmux-monday.db --output json")]
    Check,
    /// Show the size, the ages, and how many messages are open or unknown
    #[command(after_help = "Examples:\n  smsmux store stats\n  smsmux store stats --output json")]
    Stats,
    /// Erase the messages to phone numbers and the replies that name them, beside a running server
    #[command(after_help = "\
Examples:
  smsmux store purge --number +393471234567
  smsmux store purge < numbers.txt      one number a line; they do not appear in the list of processes

The calls stay recorded without their content, so a repeated one is not sent again. Backups keep what they have.")]
    Purge {
        /// A number in E.164 form; without it, numbers are read from standard input
        #[arg(long, value_name = "NUMBER", allow_hyphen_values = true)]
        number: Option<String>,
    },
    /// Have people in the list of consent be known by the first of store.number_keys, and tell which keys are still needed
    #[command(after_help = "\
Examples:
  smsmux store rekey
  smsmux store rekey --output json

It works beside running servers, all of which must have both keys. Messages and events keep the key that they were recorded with,
until they are removed by their age. People whose numbers were erased keep it for ever.")]
    Rekey,
    /// Print the messages as JSON Lines, newest first, beside a running server
    #[command(after_help = "\
Examples:
  smsmux store export > messages.jsonl
  smsmux store export --from 2026-11-01 --until 2026-12-01T00:00:00Z --account acme

Each line is a smsmux.v1.Message in the JSON form of protocol buffers. It has a text only with store.keep_texts.")]
    Export(export::ExportArguments),
}

pub(super) async fn run(arguments: StoreArguments) -> Result<(), Failure> {
    let mut draft = Draft::new(&arguments.config);
    draft.flag(&["store", "path"], arguments.path.as_ref().map(|path| path.display()));
    let config = draft.store()?;
    // A store blocks, and has runtimes of its own.
    let done = tokio::task::spawn_blocking(move || work(arguments, &config)).await;
    done.map_err(Failure::new)?
}

fn work(arguments: StoreArguments, config: &StoreConfig) -> Result<(), Failure> {
    let StoreArguments { output: OutputArguments { output }, command, .. } = arguments;
    // Before the store is opened, so that a wrong number changes nothing.
    let numbers = match &command {
        StoreCommand::Purge { number } => numbers(number.as_deref())?,
        _ => Vec::new(),
    };
    let mut store = Beside::open(config).map_err(|problem| Failure::Configuration(vec![problem]))?;
    let place = config.place.described().1;
    match command {
        StoreCommand::Backup { file } => {
            let mut progress = Progress::new("copied");
            let copied = store.backup(&file, &mut |done, all| progress.part(done, all));
            progress.end();
            copied.map_err(Failure::new)?;
            let bytes = std::fs::metadata(&file)?.len();
            let text = format!("{place} was copied to {}: {}\n", file.display(), size(bytes));
            show(output, text, || json!({ "file": file, "bytes": bytes }))
        }
        StoreCommand::Check => {
            let checked = store.check().map_err(Failure::new)?;
            let stats = store.stats().map_err(Failure::new)?;
            show(output, check_text(&place, &checked, &stats), || check_json(&checked, &stats))?;
            match checked.problems.len() {
                0 => Ok(()),
                count => Err(Failure::new(format!("{place} is damaged in {count} places: restore a backup"))),
            }
        }
        StoreCommand::Stats => {
            let stats = store.stats().map_err(Failure::new)?;
            show(output, stats_text(&place, &stats), || stats_json(&stats))
        }
        StoreCommand::Purge { .. } => {
            let mut erased = 0;
            for number in &numbers {
                erased += store.purge(number).map_err(Failure::new)?;
            }
            let text = format!("{erased} messages to {} numbers were erased\n", numbers.len());
            show(output, text, || json!({ "numbers": numbers.len(), "messages": erased }))
        }
        StoreCommand::Rekey => {
            let rekeyed = store.rekey().map_err(Failure::new)?;
            show(output, rekey_text(&rekeyed), || rekey_json(&rekeyed))
        }
        StoreCommand::Export(arguments) => export::run(&mut store, arguments),
    }
}

fn show(output: Output, text: String, json: impl FnOnce() -> Value) -> Result<(), Failure> {
    match output {
        Output::Table => print::out(text),
        Output::Json => print::out(format_args!("{}\n", json())),
    }
}

/// Returns the numbers to be erased. No error quotes one.
fn numbers(given: Option<&str>) -> Result<Vec<String>, Failure> {
    let numbers = match given {
        Some(number) => vec![number.to_owned()],
        None => {
            let lines = io::stdin().lock().lines().collect::<io::Result<Vec<_>>>()?;
            lines.iter().map(|line| line.trim().to_owned()).filter(|line| !line.is_empty()).collect()
        }
    };
    if numbers.is_empty() {
        return Err(Failure::new(
            "there is no number to erase: name one with --number, or write them to standard input",
        ));
    }
    for (line, number) in (1..).zip(&numbers) {
        let mut check = Check::new();
        check.phone_number(number, String::new);
        if check.done().is_err() {
            let which = if given.is_some() { "the number".to_owned() } else { format!("number {line}") };
            return Err(Failure::new(format!(
                "{which} is not in E.164 form, such as +393471234567; nothing was erased"
            )));
        }
    }
    Ok(numbers)
}

fn rekey_text(done: &Rekeyed) -> String {
    let Rekeyed { rekeyed, erased, needed_by } = done;
    let mut text = format!("{rekeyed} people are known by the first of store.number_keys now, and were not before\n");
    if *erased > 0 {
        text += &format!("{erased} people stay known by another, as their numbers were erased\n");
    }
    for (place, needed_by) in (2..).zip(needed_by) {
        let needed_by: Vec<_> = needed_by.iter().copied().collect();
        text += &match &needed_by[..] {
            [] => format!("nothing needs key {place} of store.number_keys: it can be removed\n"),
            by => format!("key {place} of store.number_keys is needed by {}\n", by.join(", ")),
        };
    }
    text
}

fn rekey_json(done: &Rekeyed) -> Value {
    let Rekeyed { rekeyed, erased, needed_by } = done;
    let keys = (2..).zip(needed_by).map(|(place, needed_by)| json!({ "key": place, "neededBy": needed_by }));
    json!({ "rekeyed": rekeyed, "erased": erased, "keys": keys.collect::<Vec<_>>() })
}

fn check_text(place: &str, checked: &Checked, stats: &Stats) -> String {
    let mut text = format!("{place}: {}, schema {}, {}\n", stats.engine, stats.schema, size(stats.bytes));
    checked.rows.iter().for_each(|(table, rows)| text += &format!("  {table}: {rows} rows\n"));
    checked.problems.iter().for_each(|problem| text += &format!("  damaged: {problem}\n"));
    checked.warnings.iter().for_each(|warning| text += &format!("  warning: {warning}\n"));
    text += if checked.problems.is_empty() { "no damage was found\n" } else { "" };
    text
}

fn check_json(checked: &Checked, stats: &Stats) -> Value {
    let rows = checked.rows.iter().map(|(table, rows)| ((*table).to_owned(), json!(rows)));
    json!({
        "engine": stats.engine,
        "schema": stats.schema,
        "bytes": stats.bytes,
        "rows": Value::Object(rows.collect()),
        "problems": checked.problems,
        "warnings": checked.warnings,
    })
}

fn stats_text(place: &str, stats: &Stats) -> String {
    let of_age = |ByAge { minute, hour, day, older }: ByAge| {
        format!("{} (under a minute {minute}, an hour {hour}, a day {day}, older {older})", minute + hour + day + older)
    };
    let at = |id: Option<WriteId>| time(id).map_or_else(|| "none".to_owned(), |time| time.to_string());
    format!(
        "{place}: {}, schema {}, {}\n  oldest write: {}\n  newest write: {}\n  running: {}\n  unknown outcome: {}\n  \
         followed to their end: {}\n",
        stats.engine,
        stats.schema,
        size(stats.bytes),
        at(stats.oldest),
        at(stats.newest),
        stats.running,
        of_age(stats.unknown),
        of_age(stats.open)
    )
}

fn stats_json(stats: &Stats) -> Value {
    let of_age =
        |ages: ByAge| json!({ "minute": ages.minute, "hour": ages.hour, "day": ages.day, "older": ages.older });
    json!({
        "engine": stats.engine,
        "schema": stats.schema,
        "bytes": stats.bytes,
        "oldest": time(stats.oldest).map(|time| time.to_string()),
        "newest": time(stats.newest).map(|time| time.to_string()),
        "running": stats.running,
        "unknown": of_age(stats.unknown),
        "open": of_age(stats.open),
    })
}

fn time(id: Option<WriteId>) -> Option<Timestamp> {
    Timestamp::try_from(id?.time()).ok()
}

/// Returns a size for people.
fn size(bytes: u64) -> String {
    match bytes {
        0..1_000_000 => format!("{} kB", bytes.div_ceil(1000)),
        1_000_000..1_000_000_000 => format!("{:.1} MB", bytes as f64 / 1e6),
        _ => format!("{:.1} GB", bytes as f64 / 1e9),
    }
}

/// Returns the problem of a store that is turned off.
pub(super) fn no_store() -> Failure {
    let text = "is false: there is no store".to_owned();
    Failure::Configuration(vec![Problem { path: "store.enabled".to_owned(), text }])
}

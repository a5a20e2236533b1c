//! `smsmux consent`.

mod lines;

use std::{
    fs::{self, File},
    io::{self, BufRead, BufReader},
    path::{Path, PathBuf},
};

use clap::{Args, Subcommand, ValueEnum};
use ring::hmac;
use serde_json::json;
use smsmux::store::{Beside, ConsentChange, ConsentEntry, ConsentFilter, Digest};

use self::lines::{KeyedLine, Line, Reader, Writer};
use super::{
    ConfigArguments, Failure,
    arguments::{Output, OutputArguments},
    json,
    load::Draft,
    print,
};

/// The people of one step.
const STEP: usize = 1000;

/// The brand of accounts of no configured brand.
const BRAND: &str = "default";

#[derive(Debug, Args)]
pub(super) struct ConsentArguments {
    #[command(flatten)]
    config: ConfigArguments,
    /// Another file of SQLite than that of the configuration
    #[arg(long, value_name = "FILE", global = true)]
    path: Option<PathBuf>,
    /// The form of the lines
    #[arg(long, value_name = "FORM", value_enum, default_value_t = Form::Csv, global = true)]
    form: Form,
    #[command(subcommand)]
    command: ConsentCommand,
}

/// The form of the lines of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Form {
    /// phone_number,scope,blocked,time,origin,evidence
    Csv,
    /// A JSON object a line, with the same keys
    Jsonl,
}

#[derive(Debug, Subcommand)]
enum ConsentCommand {
    /// Say what an import would change, or import with --apply
    #[command(after_help = "\
Examples:
  smsmux consent import opted-out.csv            what would change; nothing is
  smsmux consent import opted-out.csv --apply
  smsmux consent import --form jsonl --apply < opted-out.jsonl

Of the columns phone_number,scope,blocked,time,origin,evidence only the first is required. A scope is a brand. An import can be
repeated: who is known already is counted and not changed.")]
    Import {
        /// The file; without it, standard input
        file: Option<PathBuf>,
        /// Import what can be read
        #[arg(long)]
        apply: bool,
        /// Take lines that permit messages again; without this they are not taken
        #[arg(long)]
        allow_unblock: bool,
        /// The brand of lines without a scope
        #[arg(long, value_name = "BRAND", default_value = BRAND)]
        brand: String,
        #[command(flatten)]
        output: OutputArguments,
    },
    /// Print who must not be written to, with --all also who may be again
    #[command(after_help = "\
Examples:
  smsmux consent export > opted-out.csv
  smsmux consent export --exchange-key partner.key > for-partner.csv

With --exchange-key, number_hmac takes the place of phone_number: the HMAC-SHA-256 of the digits, without +, with a key that the
partner has too. People who were erased are left out.")]
    Export {
        /// Print those who may be written to again, too
        #[arg(long)]
        all: bool,
        /// A file with a key of at least 32 characters: print keyed hashes of the numbers, for a partner who has the same key
        #[arg(long, value_name = "FILE")]
        exchange_key: Option<PathBuf>,
    },
}

pub(super) async fn run(arguments: ConsentArguments) -> Result<(), Failure> {
    let mut draft = Draft::new(&arguments.config);
    draft.flag(&["store", "path"], arguments.path.as_ref().map(|path| path.display()));
    let config = draft.store()?;
    // A store blocks, and has runtimes of its own.
    let done = tokio::task::spawn_blocking(move || {
        let mut store = Beside::open(&config).map_err(|problem| Failure::Configuration(vec![problem]))?;
        match arguments.command {
            ConsentCommand::Import { file, apply, allow_unblock, brand, output } => {
                let input: Box<dyn BufRead> = match file {
                    Some(file) => Box::new(BufReader::new(File::open(file)?)),
                    None => Box::new(io::stdin().lock()),
                };
                let lines = Reader::new(input, arguments.form == Form::Jsonl).map_err(Failure::new)?;
                let counts = import(&mut store, lines, apply, allow_unblock, &brand)?;
                match output.output {
                    Output::Table => print::out(counts.page(apply))?,
                    Output::Json => json::print(&counts.json(apply))?,
                }
                match counts.unreadable.is_empty() {
                    true => Ok(()),
                    false => Err(Failure::new("some lines cannot be read")),
                }
            }
            ConsentCommand::Export { all, exchange_key } => {
                let key = exchange_key.as_deref().map(read_key).transpose()?;
                export(&mut store, arguments.form == Form::Jsonl, all, key.as_ref())
            }
        }
    });
    done.await.map_err(Failure::new)?
}

/// What an import found.
#[derive(Debug, Default)]
struct Counts {
    new: u64,
    known: u64,
    unblocking: u64,
    unreadable: Vec<(u64, String)>,
}

/// The most unreadable lines that are named.
const NAMED: usize = 20;

impl Counts {
    /// Returns the counts for people.
    fn page(&self, apply: bool) -> String {
        let Self { new, known, unblocking, unreadable } = self;
        let verb = if apply { "were imported" } else { "would be imported; nothing was changed, --apply does it" };
        let mut text = format!("{new} {verb}\n{known} known already\n");
        if *unblocking > 0 {
            text += &format!("{unblocking} not taken, as they permit messages: --allow-unblock takes them\n");
        }
        text += &format!("{} unreadable\n", unreadable.len());
        unreadable.iter().take(NAMED).for_each(|(line, problem)| text += &format!("  line {line}: {problem}\n"));
        if unreadable.len() > NAMED {
            text += &format!("  and {} more\n", unreadable.len() - NAMED);
        }
        text
    }

    /// Returns the counts for a script, with every line that cannot be read.
    fn json(&self, applied: bool) -> serde_json::Value {
        let Self { new, known, unblocking, unreadable } = self;
        let unreadable: Vec<_> =
            unreadable.iter().map(|(line, problem)| json!({ "line": line, "problem": problem })).collect();
        json!({ "applied": applied, "new": new, "known": known, "notTaken": unblocking, "unreadable": unreadable })
    }
}

fn import(store: &mut Beside, lines: Reader, apply: bool, allow_unblock: bool, brand: &str) -> Result<Counts, Failure> {
    let (mut counts, mut changes) = (Counts::default(), Vec::new());
    for (number, line) in lines {
        let change = match line.and_then(|line| line.change(store, brand)) {
            Ok(change) => change,
            Err(problem) => {
                counts.unreadable.push((number, problem));
                continue;
            }
        };
        if change.permits() && !allow_unblock {
            counts.unblocking += 1;
            continue;
        }
        changes.push(change);
        if changes.len() == STEP {
            step(store, &mut changes, apply, &mut counts)?;
        }
    }
    step(store, &mut changes, apply, &mut counts)?;
    Ok(counts)
}

fn step(store: &mut Beside, changes: &mut Vec<ConsentChange>, apply: bool, counts: &mut Counts) -> Result<(), Failure> {
    let all = changes.len() as u64;
    let changes = std::mem::take(changes);
    let new = match apply {
        true => store.record_consents(changes),
        false => store.count_new_consents(&changes),
    };
    let new = new.map_err(Failure::new)?;
    (counts.new, counts.known) = (counts.new + new, counts.known + (all - new));
    Ok(())
}

fn export(store: &mut Beside, is_json: bool, all: bool, key: Option<&hmac::Key>) -> Result<(), Failure> {
    let filter = ConsentFilter { blocked: !all, ..ConsentFilter::default() };
    let (mut writer, mut after) = (Writer::new(is_json), None::<(std::sync::Arc<str>, Digest)>);
    loop {
        let entries = store.consents(&filter, after.take(), STEP as u32).map_err(Failure::new)?;
        let known = entries.iter().filter(|entry: &&ConsentEntry| !entry.person.is_empty());
        let text = known.map(|entry| match key {
            None => writer.write(&Line::of(entry)),
            Some(key) => writer.write(&KeyedLine::of(key, entry)),
        });
        let text: Result<String, _> = text.collect();
        print::out(text.map_err(Failure::new)?)?;
        match entries.last() {
            Some(last) if entries.len() == STEP => after = Some((last.brand.clone(), last.number)),
            _ => return Ok(()),
        }
    }
}

/// The least characters of an exchange key: with a shorter one, the numbers could be found by trying keys.
const KEY: usize = 32;

fn read_key(file: &Path) -> Result<hmac::Key, Failure> {
    let text = fs::read_to_string(file)?;
    match text.trim_end() {
        key if key.len() >= KEY => Ok(hmac::Key::new(hmac::HMAC_SHA256, key.as_bytes())),
        _ => Err(Failure::new(format!("{} must have a key of at least {KEY} characters", file.display()))),
    }
}

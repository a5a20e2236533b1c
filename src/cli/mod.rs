//! The commands, their arguments, and their errors.

mod arguments;
mod check;
mod client;
mod consent;
mod demo;
mod events;
mod explain;
mod failure;
mod health;
mod json;
mod key;
mod load;
mod package;
mod print;
mod progress;
mod quotes;
mod reload;
mod sandbox;
mod serve;
mod settings;
mod signals;
mod store;
mod systemd;
mod table;
mod tls;
mod version;
mod webhooks;

use std::{
    io::{self, IsTerminal},
    net::SocketAddr,
    path::PathBuf,
};

use clap::{Args, CommandFactory as _, FromArgMatches as _, Parser, Subcommand};
use smsmux::{
    config::{self, LogFormat},
    request::names,
    telemetry::log::{self, Lines, StandardError},
};

pub(crate) use self::failure::Failure;
use self::{arguments::Output, signals::Signals};

/// A gRPC gateway with one typed API for many SMS vendors.
#[derive(Debug, Parser)]
#[command(version = version::TEXT.as_str(), about, max_term_width = 100, after_help = EXAMPLES, arg_required_else_help = true)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

impl Arguments {
    /// Reads the command line, and how the command prints. Ends the process if the command line is invalid.
    pub(crate) fn read() -> (Self, Output) {
        let matches = Self::command().get_matches();
        let arguments = Self::from_arg_matches(&matches).unwrap_or_else(|e| e.format(&mut Self::command()).exit());
        (arguments, Output::of(&matches))
    }
}

const EXAMPLES: &str = "\
Examples:
  smsmux demo                           send through every vendor's stand-in, see what happens
  smsmux serve --sandbox                serve all vendors' stand-ins, no configuration needed
  smsmux config init smsend             print a configuration to start from
  smsmux check --config smsmux.toml     see what a configuration means
  smsmux check --online                 log in at each vendor, send nothing
  smsmux serve --config smsmux.toml     serve it
  smsmux explain --to +33612345678      tell which account a message would go through, and why
  smsmux send --account smsend --to +393471234567 --text Ciao
                                        send a message through a running server
  smsmux watch                          see what becomes of messages, and what is received
  smsmux webhooks                       print where vendors push to, and what to enter there
  smsmux health 127.0.0.1:50051         ask a server whether it serves
  smsmux key new billing                make an API key for a caller
  smsmux store backup copy.db           copy the store beside a running server

Exit codes: 0 good, 1 failed, 2 wrong arguments, 64 bad configuration; of a send, 3 sent to \
some recipients only, 4 it is unknown whether it was sent.";

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the configured accounts, or the vendors' stand-ins
    #[command(after_help = "\
Examples:
  smsmux serve --config smsmux.toml
  smsmux serve --sandbox --listen 127.0.0.1:0
  SMSMUX_ACCOUNTS_ACME_VENDOR=smsend SMSMUX_ACCOUNTS_ACME_USERNAME=me \\
    SMSMUX_ACCOUNTS_ACME_PASSWORD=... smsmux serve")]
    Serve(ServeArguments),
    /// Start the vendors' stand-ins alone, for tests of your own
    #[command(after_help = "\
Examples:
  smsmux sandbox                        every vendor, on ports from 9001 on
  smsmux sandbox smsend --port 0        smSend alone, on a free port
  smsmux sandbox --output json          the same, for a script: addresses and credentials
  curl http://127.0.0.1:9001/_sandbox   what a stand-in can be told: faults, expired sessions, ...")]
    Sandbox(sandbox::SandboxArguments),
    /// Send through every vendor's stand-in, show what happens, then serve until Ctrl-C
    Demo(ListenArguments),
    #[command(flatten)]
    Client(client::ClientCommand),
    /// Check a configuration and print its effective values, without secrets
    #[command(after_help = "\
Examples:
  smsmux check --config smsmux.toml
  smsmux check --online                 log in at each vendor, tell what is left, send nothing
  smsmux check --online --output json | jq '.accounts[] | select(.ok | not)'

Exit codes: 0 good, 1 an account cannot be used, 2 wrong arguments, 64 bad configuration.")]
    Check(check::CheckArguments),
    /// Write a configuration to start from, or a schema for editors
    Config(settings::SettingsArguments),
    /// Tell what a send would come to, and why, without sending it
    #[command(after_help = "\
Examples:
  smsmux explain --to +33612345678 --purpose marketing
  smsmux explain --account main --to +4915123456789 --from Shop --text 'Hello world!'
  smsmux explain --to +33612345678 --output json | jq -r '.decisions[].accounts[]'

The answer is from the configuration. AnalyzeMessage of a running server also knows which accounts it leaves out.")]
    Explain(explain::ExplainArguments),
    /// Check the health of a running server, as Kubernetes does
    #[command(after_help = "\
Examples:
  smsmux health
  smsmux health 10.0.0.7:50051 --service smsmux.v1.MessageService
  smsmux health 127.0.0.1:50051 --ca ca.pem --tls-name sms.example.com

Exit codes: 0 SERVING, 1 anything else.")]
    Health(health::HealthArguments),
    /// Print where each account's vendor has to push to, and what to enter at the vendor
    #[command(after_help = "\
Examples:
  smsmux webhooks --config smsmux.toml
  smsmux webhooks --output json | jq -r '.webhooks[].url'

The addresses contain secrets.")]
    Webhooks(webhooks::WebhooksArguments),
    /// Generate API keys for callers
    Key(key::KeyArguments),
    /// Look after the store: copy it, check it, erase a phone number, export its messages
    #[command(after_help = "\
Examples:
  smsmux store backup /backup/smsmux-monday.db
  smsmux store check --path /backup/smsmux-monday.db
  smsmux store stats --output json
  smsmux store purge --number +393471234567
  smsmux store export --from 2026-11-01 > messages.jsonl

The store is that of the configuration. All of it works beside a running server.
Exit codes: 0 good, 1 failed or damaged, 2 wrong arguments, 64 bad configuration or no store.")]
    Store(store::StoreArguments),
    /// Import and export who opted out
    #[command(after_help = "\
Examples:
  smsmux consent import opted-out.csv
  smsmux consent import opted-out.csv --apply
  smsmux consent export > opted-out.csv

The store is that of the configuration. Both work beside a running server, which follows within a second.
Exit codes: 0 good, 1 failed or a line cannot be read, 2 wrong arguments, 64 bad configuration or no store.")]
    Consent(consent::ConsentArguments),
    /// Print the completions of a shell, for a file that the shell reads
    #[command(after_help = "\
Example:
  smsmux completions bash > /etc/bash_completion.d/smsmux")]
    Completions(package::CompletionsArguments),
    /// Write the manual pages to a folder
    #[command(after_help = "\
Example:
  smsmux man /usr/local/share/man/man1")]
    Man(package::ManArguments),
}

#[derive(Debug, Args)]
struct ConfigArguments {
    /// The configuration file; ./smsmux.toml is read if it exists [env: SMSMUX_CONFIG]
    #[arg(long, short, value_name = "FILE")]
    config: Option<PathBuf>,
}

#[derive(Debug, Args)]
struct ListenArguments {
    /// The address to listen on; port 0 takes a free one [default: 127.0.0.1:50051]
    #[arg(long, value_name = "ADDRESS", value_parser = config::address)]
    listen: Option<SocketAddr>,
}

#[derive(Debug, Args)]
struct ServeArguments {
    #[command(flatten)]
    config: ConfigArguments,
    #[command(flatten)]
    listen: ListenArguments,
    /// Permit calls from other machines without authentication, if no [callers.*] are configured
    #[arg(long)]
    insecure_no_auth: bool,
    /// Start the vendors' stand-ins too, with one account each, named like the vendor
    #[arg(long)]
    sandbox: bool,
    /// The log level: info, debug, or a filter such as warn,smsmux=debug [default: info]
    #[arg(long, value_name = "FILTER")]
    log_level: Option<String>,
    /// The log format: text or json [default: text]
    #[arg(long, value_name = "FORMAT")]
    log_format: Option<String>,
}

/// Runs a command.
pub(crate) async fn run(arguments: Arguments) -> Result<(), Failure> {
    match arguments.command {
        Command::Serve(arguments) => serve::run(arguments).await,
        Command::Sandbox(arguments) => sandbox::run(arguments).await,
        Command::Demo(arguments) => demo::run(arguments).await,
        Command::Client(command) => client::run(command).await,
        Command::Check(arguments) => check::run(arguments).await,
        Command::Config(arguments) => settings::run(arguments),
        Command::Explain(arguments) => explain::run(arguments).await,
        Command::Health(arguments) => health::run(arguments).await,
        Command::Webhooks(arguments) => webhooks::run(&arguments),
        Command::Key(arguments) => key::run(arguments),
        Command::Store(arguments) => store::run(arguments).await,
        Command::Consent(arguments) => consent::run(arguments).await,
        Command::Completions(arguments) => package::completions(&arguments),
        Command::Man(arguments) => package::man(&arguments),
    }
}

/// Starts logging to standard error, in color only on a terminal.
fn start_log(log: &config::Log) -> Result<(), Failure> {
    names::show_numbers(log.pii);
    // The crate logs the phone numbers that it parses.
    let silent = tracing_subscriber::filter::Directive::from(tracing::Level::ERROR);
    let silent = "rlibphonenumber=off".parse().unwrap_or(silent);
    let filter = log.level.filter().add_directive(silent);
    let format = Lines { json: log.format == LogFormat::Json };
    log::start()?;
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(|| StandardError)
        // It would panic if standard error cannot be written.
        .log_internal_errors(false)
        .with_ansi(io::stderr().is_terminal())
        .event_format(format)
        .init();
    Ok(())
}

//! The command line as a client of a running server.

mod accounts;
mod analyze;
mod call;
mod connect;
mod draft;
mod dry_run;
mod error;
mod events;
mod info;
mod messages;
mod profile;
mod recipients;
mod report;
mod send;
mod subscriptions;
mod watch;

use std::{path::PathBuf, time::Duration};

use clap::{Args, Subcommand};

use self::call::Client;
pub(super) use self::error::CallError;
use super::{
    Failure,
    arguments::{Output, OutputArguments},
    json::Json,
};

#[derive(Debug, Subcommand)]
pub(super) enum ClientCommand {
    /// Send a message through a running server
    #[command(after_help = "\
Examples:
  smsmux send --account acme --to +393471234567 --text 'Ciao!'
  smsmux send --account acme --to +393471234567 +393477654321 --text 'Closed today' --at +2h
  smsmux send --account acme --recipients-from people.csv --text 'Dear {name}, Ciao!' --dry-run
  smsmux send --account acme --to +393471234567 --text 'Ciao!' --output json | jq .messages

A file of recipients is CSV with a line of names first: the column `to` has the numbers, every \
other one fills in the {placeholder} of its name. Write {{ for a brace. Recipients with the same text \
are sent to in messages of up to 100.

A send has an idempotency key, with which it is repeated while nothing was accepted or the connection \
was lost, and sent once. After an interruption run the same command again with --idempotency-key \
and the key that was printed: nothing is sent twice. A server without a store takes no keys: a send \
there is not repeated once it may have left.

Exit codes: 0 accepted for every recipient, 1 nothing was sent, 2 wrong arguments, 3 accepted for some \
recipients only, 4 it is unknown whether it was sent: look the message up, do not send it again.")]
    Send(send::SendArguments),
    /// List, look up and cancel messages
    #[command(after_help = "\
Examples:
  smsmux messages list --account acme --state DELIVERED --from 2026-11-01
  smsmux messages list --recipient +393471234567 --output json | jq -r '.messages[].name'
  smsmux messages get accounts/acme/messages/0192f6c1a1b27f3e8d5c4b3a29180706
  smsmux messages cancel acme/0192f6c1a1b27f3e8d5c4b3a29180706")]
    Messages(messages::MessagesArguments),
    /// Show what happens as it happens: states of messages, received messages, consent, accounts
    #[command(after_help = "\
Examples:
  smsmux watch
  smsmux watch --account acme --type MESSAGE_RECEIVED
  smsmux watch --output json | jq --unbuffered -r '.event.messageState.state'
  smsmux watch --subscription billing --type MESSAGE_RECEIVED --output json

It goes on until Ctrl-C, through restarts of the server. Each line of JSON has the token with which \
--resume-token goes on after it, and nothing is missed.

With --subscription the server keeps the place: an event that was printed is acknowledged, and the next watch \
of that name, on whatever machine, begins after it. An event may be printed twice if a watch ends in between. A \
newer watch of the same name ends the one before.")]
    Watch(watch::WatchArguments),
    /// Tell what a send would come to, without sending it
    #[command(after_help = "\
Examples:
  smsmux analyze --account acme --to +393471234567 --text 'Perché no?'
  smsmux analyze --account main --to +33612345678 --text 'Sale!' --purpose marketing
  smsmux analyze --account main --to +33612345678 --text 'Sale!' --output json | jq .segmentCount

The running server answers. smsmux explain answers the same from a configuration, without a server.
Exit codes: 0 it would be sent, 1 it would be rejected, or the call failed, 2 wrong arguments.")]
    Analyze(analyze::AnalyzeArguments),
    /// List the accounts, or show one with what it has left at its vendor
    #[command(after_help = "\
Examples:
  smsmux accounts
  smsmux accounts acme
  smsmux accounts --output json | jq -r '.accounts[].name'")]
    Accounts(accounts::AccountsArguments),
    /// Print what a running server is: its version, its store, and the state of its accounts
    #[command(after_help = "\
Examples:
  smsmux info
  smsmux info --output json | jq -r '.accounts[] | select(.breaker == \"BREAKER_OPEN\") | .name'

The server answers from what it knows, without asking a vendor.")]
    Info(info::InfoArguments),
    /// List events from the log, and the subscriptions
    #[command(after_help = "\
Examples:
  smsmux events list --from 2026-11-01
  smsmux events list --type MESSAGE_RECEIVED --output json | jq '.events[].receivedMessage.text'
  smsmux events subscriptions")]
    Events(events::EventsArguments),
}

/// How a server is reached, and how its answers are printed.
#[derive(Debug, Args)]
#[command(next_help_heading = "Connection")]
pub(super) struct ConnectionArguments {
    /// The server's address [env: SMSMUX_ADDRESS] [default: 127.0.0.1:50051]
    ///
    /// The connection is TLS unless the address is of this machine and there is no --ca; http:// or https:// before the address
    /// decides otherwise.
    #[arg(long, value_name = "HOST:PORT", global = true)]
    address: Option<String>,
    /// A file with the API key; it is never sent to another machine in plain text [env: SMSMUX_KEY, the key itself]
    #[arg(long, value_name = "FILE", global = true)]
    key_file: Option<PathBuf>,
    /// A PEM file with the authorities to trust, instead of those of the system [env: SMSMUX_CA]
    #[arg(long, value_name = "FILE", global = true)]
    ca: Option<PathBuf>,
    /// The name that the certificate must have, if it differs from the address
    #[arg(long, value_name = "NAME", global = true)]
    tls_name: Option<String>,
    /// A section of ~/.config/smsmux/profiles.toml with address, key_file and ca [env: SMSMUX_PROFILE]
    ///
    /// A profile that is named replaces SMSMUX_ADDRESS, SMSMUX_KEY and SMSMUX_CA. The section [default] is used if neither a
    /// profile nor one of these is set, and no --address.
    #[arg(long, value_name = "NAME", global = true)]
    profile: Option<String>,
    /// The time limit of a call, with its repeats
    #[arg(long, value_name = "TIME", default_value = "30s", value_parser = humantime::parse_duration, global = true)]
    timeout: Duration,
    #[command(flatten)]
    output: OutputArguments,
}

/// A server, and how its answers are printed.
struct Session {
    client: Client,
    output: Output,
    json: Json,
}

impl ConnectionArguments {
    /// Returns a client, which connects when the first call is made.
    fn open(&self) -> Result<Session, Failure> {
        let target = connect::target(self)?;
        Ok(Session { client: Client::new(target, self.timeout)?, output: self.output.output, json: Json::new()? })
    }
}

pub(super) async fn run(command: ClientCommand) -> Result<(), Failure> {
    match command {
        ClientCommand::Send(arguments) => send::run(arguments).await,
        ClientCommand::Messages(arguments) => messages::run(arguments).await,
        ClientCommand::Watch(arguments) => watch::run(arguments).await,
        ClientCommand::Analyze(arguments) => analyze::run(arguments).await,
        ClientCommand::Accounts(arguments) => accounts::run(arguments).await,
        ClientCommand::Info(arguments) => info::run(arguments).await,
        ClientCommand::Events(arguments) => events::run(arguments).await,
    }
}

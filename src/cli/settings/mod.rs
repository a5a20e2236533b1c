//! `smsmux config`: a configuration to start from, and a schema of it for editors.

mod init;
mod page;
mod schema;

use clap::{Args, Subcommand, builder::PossibleValuesParser};
use smsmux::vendors::{PRESETS, REGISTRY};

use super::{Failure, json, print};

#[derive(Debug, Args)]
pub(super) struct SettingsArguments {
    #[command(subcommand)]
    command: SettingsCommand,
}

#[derive(Debug, Subcommand)]
enum SettingsCommand {
    /// Print a configuration to start from, with comments; smsmux check accepts it
    #[command(after_help = "\
Examples:
  smsmux config init smsend > smsmux.toml
  smsmux config init smsend lox24 --all > smsmux.toml")]
    Init(InitArguments),
    /// Print a JSON schema of the configuration, with which editors complete and check it
    #[command(after_help = "\
Examples:
  smsmux config schema > smsmux.schema.json

Editors with Taplo or Even Better TOML use it for a file that begins with the line
#:schema ./smsmux.schema.json")]
    Schema,
}

#[derive(Debug, Args)]
struct InitArguments {
    /// The vendors to have an account at [default: smsend]
    #[arg(value_name = "VENDOR", value_parser = PossibleValuesParser::new(vendors()))]
    vendors: Vec<String>,
    /// Print every key with its default, not only those to begin with
    #[arg(long)]
    all: bool,
}

/// Returns the names of the vendors in the configuration.
fn vendors() -> impl Iterator<Item = &'static str> {
    REGISTRY.iter().map(|(name, ..)| *name).chain(PRESETS.iter().map(|(name, ..)| *name))
}

/// What each vendor authenticates with, in each of its ways: the first is that of a new configuration.
const LOGINS: &[(&str, &[(&str, &str)])] = &[
    ("smsend", &[("username", "YOUR USERNAME"), ("password", "YOUR PASSWORD")]),
    ("smsend", &[("token", "USER_KEY;ACCESS_TOKEN")]),
    ("lox24", &[("token", "1234567:YOUR-KEY")]),
    ("ip1sms", &[("username", "ip1-12345"), ("api_key", "YOUR KEY")]),
    ("ip1sms", &[("token", "YOUR-TOKEN")]),
    ("intelepeer", &[("token", "YOUR-TOKEN")]),
    ("smspartner", &[("api_key", "YOUR KEY")]),
];

pub(super) fn run(arguments: SettingsArguments) -> Result<(), Failure> {
    match arguments.command {
        SettingsCommand::Init(InitArguments { mut vendors, all }) => {
            if vendors.is_empty() {
                vendors.push("smsend".to_owned());
            }
            vendors.dedup();
            print::out(init::configuration(&vendors, all))
        }
        SettingsCommand::Schema => json::print(&schema::schema()),
    }
}

//! `smsmux key`.

use std::collections::BTreeMap;

use clap::{Args, Subcommand};
use secrecy::ExposeSecret;
use serde_json::json;
use smsmux::{config::api_key, server::Setup};
use toml::{Table, Value};

use super::{
    Failure,
    arguments::{Output, OutputArguments},
    json, print,
};

#[derive(Debug, Args)]
pub(super) struct KeyArguments {
    #[command(subcommand)]
    command: KeyCommand,
}

#[derive(Debug, Subcommand)]
enum KeyCommand {
    /// Generate an API key, and print it once with the lines of the configuration that permit it
    #[command(after_help = "\
Examples:
  smsmux key new billing
  smsmux key new reports --scope '*:read' --account acme --expires 2027-01-31
  smsmux key new billing --output json | jq -r .key

The key goes to standard output alone; nothing keeps it. Callers send it as the metadata authorization: Bearer KEY.")]
    New(NewArguments),
}

#[derive(Debug, Args)]
struct NewArguments {
    /// The caller's name: lowercase letters, digits and hyphens, starting with a letter
    name: String,
    /// A scope of the caller: *, a service, or Service/Method, each also with :read, :write or :secret
    #[arg(long = "scope", value_name = "SCOPE", default_value = "*")]
    scopes: Vec<String>,
    /// An account that the caller may use, or * for all
    #[arg(long = "account", value_name = "ACCOUNT", default_value = "*")]
    accounts: Vec<String>,
    /// When the key expires, such as 2027-01-31 or 2027-01-31T12:00:00Z
    #[arg(long, value_name = "TIME")]
    expires: Option<String>,
    #[command(flatten)]
    output: OutputArguments,
}

pub(super) fn run(arguments: KeyArguments) -> Result<(), Failure> {
    let KeyCommand::New(NewArguments { name, scopes, accounts, expires, output }) = arguments.command;
    let (key, hash) = api_key::generate(&name).map_err(Failure::new)?;
    let list = |texts: Vec<String>| Value::Array(texts.into_iter().map(Value::String).collect());
    let mut caller = Table::new();
    caller.insert("key".to_owned(), Value::String(hash.to_string()));
    caller.insert("scopes".to_owned(), list(scopes));
    caller.insert("accounts".to_owned(), list(accounts));
    if let Some(expires) = expires {
        caller.insert("expires".to_owned(), Value::String(expires));
    }
    // Checks the section as the configuration does, except for the accounts, which only the configuration has.
    let mut callers = Table::new();
    callers.insert(name.clone(), Value::Table(caller.clone()));
    let table = Table::from_iter([("callers".to_owned(), Value::Table(callers))]);
    let mut problems = Setup::new(table).err().unwrap_or_default();
    problems.retain(|problem| !problem.path.ends_with(".accounts"));
    if !problems.is_empty() {
        return Err(Failure::new(Failure::Configuration(problems)));
    }
    if output.output == Output::Json {
        let callers = BTreeMap::from([(&name, &caller)]);
        return json::print(&json!({ "key": key.expose_secret(), "callers": callers }));
    }
    print::out(format_args!("{}\n", key.expose_secret()))?;
    print::error(format_args!(
        "\nThe key is shown only once. Add these lines to the configuration:\n\n[callers.{name}]\n{caller}"
    ));
    Ok(())
}

//! `smsmux check`.

use std::{collections::BTreeMap, fmt::Write as _};

use clap::Args;
use prost_reflect::DynamicMessage;
use serde::Serialize;
use serde_json::json;
use smsmux::{
    api::pushed::{Registered, origin},
    server::{OnlineAccount, Setup},
};

use super::{
    ConfigArguments, Failure,
    arguments::{Output, OutputArguments},
    json::{self, Json},
    load::Draft,
    print,
    table::money,
};

#[derive(Debug, Args)]
pub(super) struct CheckArguments {
    #[command(flatten)]
    config: ConfigArguments,
    /// Log in at each vendor too, without sending anything, and tell what the accounts have left
    #[arg(long)]
    online: bool,
    #[command(flatten)]
    output: OutputArguments,
}

pub(super) async fn run(arguments: CheckArguments) -> Result<(), Failure> {
    let CheckArguments { config, online, output: OutputArguments { output } } = arguments;
    let setup = Draft::new(&config).read()?;
    for warning in &setup.warnings {
        print::error(format_args!("smsmux: warning: {warning}\n"));
    }
    // A store blocks, and has runtimes of its own.
    let problem = tokio::task::spawn_blocking(setup.check_store_keys()).await.map_err(Failure::new)?;
    if let Some(problem) = problem {
        return Err(Failure::Configuration(vec![problem]));
    }
    let countries = tokio::task::spawn_blocking(setup.countries_sent_to()).await.map_err(Failure::new)?;
    for (account, list) in countries {
        let text = "the countries of the last seven days, to be pasted:";
        print::error(format_args!("smsmux: {text}\n[accounts.{account}]\ncountries = {list}\n"));
    }
    if online {
        return self::online(setup, output).await;
    }
    let effective = setup.config.effective();
    match output {
        Output::Table => print::out(effective),
        Output::Json => json::print(&effective.parse::<toml::Table>().map_err(Failure::new)?),
    }
}

/// What an account's vendor answered, as JSON.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    account: String,
    vendor: String,
    /// Whether the vendor accepted the credential.
    ok: bool,
    error: Option<serde_json::Value>,
    status: Option<DynamicMessage>,
    senders: Option<Vec<String>>,
    webhook: bool,
    /// Where the vendor pushes, as far as its API shows it.
    registered: Vec<serde_json::Value>,
    registered_error: Option<String>,
}

/// Asks the vendor of each account. The address of a webhook contains its token, so that only its origin is shown.
async fn online(setup: Setup, output: Output) -> Result<(), Failure> {
    let webhooks: BTreeMap<String, bool> =
        setup.webhooks().map(|guide| (guide.account.to_owned(), guide.webhook.url.is_some())).collect();
    let accounts = setup.check_online().await;
    let failed = accounts.iter().filter(|account| account.login.is_err()).count();
    let all = accounts.len();
    match output {
        Output::Table => {
            let pages = accounts.iter().map(|account| page(account, webhooks.get(&account.account).copied()));
            print::out(pages.collect::<String>())?;
        }
        Output::Json => {
            let types = Json::new()?;
            let answer = |OnlineAccount { account, vendor, login, status, senders, registered }: OnlineAccount| {
                let error =
                    login.err().map(|error| json!({ "reason": error.reason_text(), "message": error.to_string() }));
                let status = status.map(|status| types.message("AccountStatus", &status)).transpose()?;
                let webhook = webhooks.get(&account).copied().unwrap_or_default();
                let (registered, registered_error) = match registered.transpose() {
                    Ok(registered) => (registered.unwrap_or_default(), None),
                    Err(error) => (Vec::new(), Some(error.to_string())),
                };
                let registered = registered.iter().map(
                    |Registered { place, url, is_current }| json!({ "place": place, "origin": origin(url), "isCurrent": is_current }),
                );
                Ok(Answer {
                    account: format!("accounts/{account}"),
                    vendor,
                    ok: error.is_none(),
                    error,
                    status,
                    senders,
                    webhook,
                    registered: registered.collect(),
                    registered_error,
                })
            };
            let answers = accounts.into_iter().map(answer).collect::<Result<Vec<_>, Failure>>()?;
            json::print(&BTreeMap::from([("accounts", answers)]))?;
        }
    }
    match failed {
        0 => Ok(()),
        _ => Err(Failure::new(format!("{failed} of {all} accounts cannot be used"))),
    }
}

fn page(account: &OnlineAccount, webhook: Option<bool>) -> String {
    let OnlineAccount { account, vendor, login, status, senders, registered } = account;
    let mut page = format!("accounts/{account} ({vendor})\n");
    let _ = match login {
        Ok(()) => writeln!(page, "  login: good"),
        Err(error) => writeln!(page, "  login: {error}"),
    };
    if let Some(status) = status {
        let left = status.money.iter().map(|left| money(Some(left)));
        let credits =
            status.credits.iter().map(|credit| format!("{} of type {}", credit.quantity, credit.message_type));
        let _ = writeln!(page, "  left: {}", left.chain(credits).collect::<Vec<_>>().join(", "));
    }
    if let Some(senders) = senders {
        let senders = if senders.is_empty() { "none is registered".to_owned() } else { senders.join(", ") };
        let _ = writeln!(page, "  senders: {senders}");
    }
    let _ = match webhook {
        Some(true) => writeln!(page, "  webhook: smsmux webhooks prints it"),
        Some(false) => writeln!(page, "  webhook: none; what becomes of messages is looked up"),
        None => Ok(()),
    };
    match registered {
        None => {}
        Some(Ok(places)) if places.is_empty() => page += "  registered: the vendor shows no address\n",
        Some(Ok(places)) => {
            for Registered { place, url, is_current } in places {
                let what = match (is_current, origin(url)) {
                    (true, _) => "this webhook".to_owned(),
                    (false, None) => "nothing".to_owned(),
                    (false, Some(origin)) => format!("another address, at {origin}"),
                };
                let _ = writeln!(page, "  registered: {place}: {what}");
            }
        }
        Some(Err(error)) => {
            let _ = writeln!(page, "  registered: cannot be read: {error}");
        }
    }
    page
}

//! `smsmux info`.

use std::{
    fmt::Write as _,
    time::{Duration, SystemTime},
};

use clap::Args;
use smsmux::api::pb::{
    AccountHealth, GetServerInfoRequest, ServerInfo, ServerStore,
    account_health::Breaker,
    server_store::{Engine, State},
};

use super::{ConnectionArguments, Failure, Session, call::Kind};
use crate::cli::{
    arguments::Output,
    json, print,
    table::{money, table, time},
    version::build,
};

#[derive(Debug, Args)]
pub(in crate::cli) struct InfoArguments {
    #[command(flatten)]
    connection: ConnectionArguments,
}

pub(super) async fn run(arguments: InfoArguments) -> Result<(), Failure> {
    let Session { client, output, json: types } = arguments.connection.open()?;
    let request = GetServerInfoRequest {};
    let answer = client.call(Kind::Read, &request, async |request| client.server().get_server_info(request).await);
    let info = answer.await?.server_info.unwrap_or_default();
    match output {
        Output::Table => print::out(page(&info, SystemTime::now())),
        Output::Json => json::print(&types.message("ServerInfo", &info)?),
    }
}

fn page(info: &ServerInfo, now: SystemTime) -> String {
    let ServerInfo { version, commit, features, start_time, store, accounts } = info;
    let mut page = format!("version   {version} ({})\n", build(commit));
    if !features.is_empty() {
        let _ = writeln!(page, "features  {}", features.join(", "));
    }
    let started = start_time.and_then(|time| SystemTime::try_from(time).ok()).unwrap_or(now);
    let uptime = Duration::from_secs(now.duration_since(started).unwrap_or_default().as_secs());
    let _ = writeln!(page, "started   {}, {} ago", time(*start_time), humantime::format_duration(uptime));
    let _ = writeln!(page, "store     {}", store.as_ref().map_or_else(|| "none".to_owned(), describe));
    if !accounts.is_empty() {
        let rows: Vec<_> = accounts.iter().map(row).collect();
        page.push('\n');
        page += &table(["account", "vendor", "breaker", "balance", "reported"], &rows);
    }
    page
}

fn describe(store: &ServerStore) -> String {
    let engine = match store.engine() {
        Engine::Unspecified => "of a kind that this smsmux does not know",
        Engine::Memory => "in memory",
        Engine::Sqlite => "SQLite",
        Engine::Postgresql => "PostgreSQL",
    };
    let state = match store.state() {
        State::Unspecified | State::Available => "available",
        State::Unavailable => "unavailable: sends are rejected",
    };
    format!("{engine}, {state}")
}

fn row(account: &AccountHealth) -> [String; 5] {
    let breaker = match account.breaker() {
        Breaker::Unspecified => "",
        Breaker::Closed => "closed",
        Breaker::Open => "open",
        Breaker::HalfOpen => "half-open",
    };
    let AccountHealth { name, vendor, balance, balance_time, .. } = account;
    [name.clone(), vendor.clone(), breaker.to_owned(), money(balance.as_ref()), time(*balance_time)]
}

#[cfg(test)]
mod tests {
    use smsmux::api::pb::Money;

    use super::*;

    #[test]
    fn a_server_is_described_in_lines_and_its_accounts_in_a_table() {
        let started = SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000);
        let account = |name: &str, breaker: Breaker| AccountHealth {
            name: format!("accounts/{name}"),
            vendor: "lox24".to_owned(),
            breaker: breaker.into(),
            ..AccountHealth::default()
        };
        let good = AccountHealth {
            balance: Some(Money { amount: "12.5".to_owned(), currency_code: "EUR".to_owned() }),
            balance_time: Some(started.into()),
            ..account("good", Breaker::Closed)
        };
        let info = ServerInfo {
            version: "0.1.0".to_owned(),
            commit: "0123456789ab".to_owned(),
            features: vec!["otlp".to_owned()],
            start_time: Some(started.into()),
            store: Some(ServerStore { engine: Engine::Postgresql.into(), state: State::Unavailable.into() }),
            accounts: vec![good, account("bad", Breaker::HalfOpen)],
        };
        let expected = "\
version   0.1.0 (commit 0123456789ab)
features  otlp
started   2027-01-15T08:00:00Z, 1h 1m ago
store     PostgreSQL, unavailable: sends are rejected

account        vendor  breaker    balance   reported
accounts/good  lox24   closed     12.5 EUR  2027-01-15T08:00:00Z
accounts/bad   lox24   half-open
";
        assert_eq!(page(&info, started + Duration::from_secs(3660)), expected);
        let undeclared = ServerInfo { commit: "unknown".to_owned(), ..info };
        let expected = expected.replace("commit 0123456789ab", "development build");
        assert_eq!(page(&undeclared, started + Duration::from_secs(3660)), expected);
    }
}

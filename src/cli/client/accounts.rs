//! `smsmux accounts`.

use std::fmt::Write as _;

use clap::Args;
use prost_reflect::DynamicMessage;
use serde::Serialize;
use smsmux::{
    api::{
        methods::AccountService::GetAccountStatus,
        pb::{
            Account, AccountStatus, Credit, GetAccountRequest, GetAccountStatusRequest, ListAccountsRequest,
            ListAccountsResponse, RouteShare, SetRouteShareRequest,
        },
    },
    text::percent,
};

use super::{ConnectionArguments, Failure, Session, call::Kind, error::CallError};
use crate::cli::{
    arguments::{self, Output},
    json, print,
    table::{money, table, time},
};

#[derive(Debug, Args)]
pub(in crate::cli) struct AccountsArguments {
    /// The account to show: its id, or accounts/ID; all are listed without one
    account: Option<String>,
    /// Set what an account of this route gets of its share, from 0 to 1; 0 takes it out
    #[arg(long, value_name = "ACCOUNT=SHARE", requires = "account", value_parser = share)]
    share: Option<(String, f64)>,
    /// How long the share holds, from 1m to 7d [default: 15m]
    #[arg(long = "for", value_name = "TIME", requires = "share", value_parser = duration)]
    duration: Option<prost_types::Duration>,
    #[command(flatten)]
    connection: ConnectionArguments,
}

/// One account.
#[derive(Serialize)]
struct Shown {
    account: DynamicMessage,
    /// Absent if the vendor does not report it.
    status: Option<DynamicMessage>,
}

pub(super) async fn run(arguments: AccountsArguments) -> Result<(), Failure> {
    let session = arguments.connection.open()?;
    let output = session.output;
    match (arguments.account, arguments.share) {
        (None, _) => list(&session).await?.print(&session),
        (Some(route), Some((account, share))) => {
            let (name, share) = (arguments::account(&route), Some(share));
            let request = SetRouteShareRequest { name, account, share, duration: arguments.duration };
            let share = set_share(&session, &request).await?;
            match output {
                Output::Table => print::out(format!("{}\n{}", request.name, line(&share))),
                Output::Json => json::print(&session.json.message("RouteShare", &share)?),
            }
        }
        (Some(account), None) => {
            let name = arguments::account(&account);
            let (account, status) = show(&session, name).await?;
            let Session { json: types, .. } = &session;
            match output {
                Output::Table => print::out(page(&account, status.as_ref())),
                Output::Json => json::print(&Shown {
                    account: types.message("Account", &account)?,
                    status: status.map(|status| types.message("AccountStatus", &status)).transpose()?,
                }),
            }
        }
    }
}

fn share(text: &str) -> Result<(String, f64), String> {
    let account_and_share = text.split_once('=').filter(|(account, _)| !account.is_empty());
    let (account, share) = account_and_share.ok_or("expected ACCOUNT=SHARE, such as acme=0.5")?;
    let number = share.parse::<f64>().ok().filter(|number| (0.0..=1.0).contains(number));
    let number = number.ok_or_else(|| format!("invalid share {share:?}; expected a number from 0 to 1"))?;
    Ok((arguments::account(account), number))
}

fn duration(text: &str) -> Result<prost_types::Duration, String> {
    let duration = humantime::parse_duration(text).map_err(|error| error.to_string())?;
    duration.try_into().map_err(|_| "expected at most 7d".to_owned())
}

async fn set_share(session: &Session, request: &SetRouteShareRequest) -> Result<RouteShare, CallError> {
    let client = &session.client;
    let ask = async |request| client.accounts().set_route_share(request).await;
    Ok(client.call(Kind::Set, request, ask).await?.route_share.unwrap_or_default())
}

/// All accounts.
struct Listed(Vec<Account>);

impl Listed {
    fn print(self, session: &Session) -> Result<(), Failure> {
        match session.output {
            Output::Json => {
                let all = ListAccountsResponse {
                    total_size: i32::try_from(self.0.len()).unwrap_or(i32::MAX),
                    accounts: self.0,
                    ..ListAccountsResponse::default()
                };
                json::print(&session.json.message("ListAccountsResponse", &all)?)
            }
            Output::Table => {
                let rows = self
                    .0
                    .iter()
                    .map(|account| [account.name.clone(), account.vendor.clone(), account.methods.len().to_string()]);
                print::out(table(["account", "vendor", "calls"], &rows.collect::<Vec<_>>()))
            }
        }
    }
}

async fn list(session: &Session) -> Result<Listed, CallError> {
    let client = &session.client;
    let (mut accounts, mut request) = (Vec::new(), ListAccountsRequest { page_size: 1000, page_token: String::new() });
    loop {
        let page =
            client.call(Kind::Read, &request, async |request| client.accounts().list_accounts(request).await).await?;
        accounts.extend(page.accounts);
        request.page_token = page.next_page_token;
        if request.page_token.is_empty() {
            return Ok(Listed(accounts));
        }
    }
}

async fn show(session: &Session, name: String) -> Result<(Account, Option<AccountStatus>), CallError> {
    let client = &session.client;
    let request = GetAccountRequest { name: name.clone() };
    let account =
        client.call(Kind::Read, &request, async |request| client.accounts().get_account(request).await).await?;
    let account = account.account.unwrap_or_default();
    let has_status = account.methods.iter().any(|method| method == GetAccountStatus.path);
    let status = match has_status {
        true => {
            let request = GetAccountStatusRequest { name };
            let ask =
                client.call(Kind::Read, &request, async |request| client.accounts().get_account_status(request).await);
            ask.await?.status
        }
        false => None,
    };
    Ok((account, status))
}

fn page(account: &Account, status: Option<&AccountStatus>) -> String {
    let mut page = format!("{} ({})\n", account.name, account.vendor);
    if let Some(AccountStatus { money: left, credits, email_plan, .. }) = status {
        if left.is_some() {
            let _ = writeln!(page, "  left: {}", money(left.as_ref()));
        }
        for Credit { message_type, quantity, .. } in credits {
            let _ = writeln!(page, "  left: {quantity} messages of type {message_type}");
        }
        if let Some(plan) = email_plan {
            let _ = writeln!(page, "  e-mail plan: {}, until {}", plan.billing, plan.expire_date);
        }
    }
    account.route_shares.iter().for_each(|share| page += &line(share));
    page += "  calls:\n";
    account.methods.iter().for_each(|method| page += &format!("    {method}\n"));
    page
}

/// Returns the line about an account of a route.
fn line(RouteShare { account, share, end_time }: &RouteShare) -> String {
    let until = end_time.map(|end| format!(", set by an operator until {}", time(Some(end)))).unwrap_or_default();
    format!("  {account}: {} % of its share{until}\n", percent(*share))
}

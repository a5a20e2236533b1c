//! `smsmux accounts`.

use std::{fmt::Write as _, time::Duration};

use clap::Args;
use prost_reflect::DynamicMessage;
use serde::Serialize;
use smsmux::api::{
    methods::AccountService::GetAccountStatus,
    pb::{
        Account, AccountStatus, Credit, GetAccountRequest, GetAccountStatusRequest, ListAccountsRequest,
        ListAccountsResponse, RouteShare, SetRouteShareRequest,
    },
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
    /// Set what an account of this route gets of its share, from 0 to 1
    #[arg(long, value_name = "ACCOUNT=SHARE", requires = "account", value_parser = share)]
    share: Option<(String, f64)>,
    /// How long the share holds, such as 2h [default: 15m]
    #[arg(long = "for", value_name = "TIME", requires = "share", value_parser = humantime::parse_duration)]
    duration: Option<Duration>,
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
    match arguments.account {
        None => list(&session).await?.print(&session),
        Some(account) => {
            let name = arguments::account(&account);
            if let Some((account, share)) = &arguments.share {
                set_share(&session, &name, account, *share, arguments.duration).await?;
            }
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
    let (account, share) = text.split_once('=').ok_or("expected ACCOUNT=SHARE, such as acme=0.5")?;
    let share = share.parse::<f64>().map_err(|_| format!("invalid share {share:?}; expected a number from 0 to 1"))?;
    Ok((arguments::account(account), share))
}

async fn set_share(
    session: &Session,
    route: &str,
    account: &str,
    share: f64,
    duration: Option<Duration>,
) -> Result<(), CallError> {
    let client = &session.client;
    let request = SetRouteShareRequest {
        name: route.to_owned(),
        account: account.to_owned(),
        share: Some(share),
        duration: duration.and_then(|duration| duration.try_into().ok()),
    };
    let ask = async |request| client.accounts().set_route_share(request).await;
    client.call(Kind::Write(None), &request, ask).await.map(drop)
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
    for RouteShare { account, share, end_time } in &account.route_shares {
        let _ = write!(page, "  {account}: {:.0} % of its share", share * 100.0);
        if end_time.is_some() {
            let _ = write!(page, ", set by an operator until {}", time(*end_time));
        }
        page += "\n";
    }
    page += "  calls:\n";
    account.methods.iter().for_each(|method| page += &format!("    {method}\n"));
    page
}

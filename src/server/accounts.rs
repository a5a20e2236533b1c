//! The RPCs of AccountService that need no vendor: which accounts there are and what they support.

use tonic::{Request, Response, Status};

use super::dispatch::{Account, Gateway};
use crate::{
    check::Check,
    error::Place,
    page::Page,
    pb::{self, GetAccountRequest, GetAccountResponse, ListAccountsRequest, ListAccountsResponse},
    vendors::{METHODS, supported},
};

impl Gateway {
    pub(super) async fn list_accounts(
        &self,
        request: Request<ListAccountsRequest>,
    ) -> Result<Response<ListAccountsResponse>, Status> {
        let ListAccountsRequest { page_size, page_token } = request.into_inner();
        let mut check = Check::new();
        let page = Page::new(&mut check, page_size, &page_token, "ListAccounts");
        check.done().map_err(|e| e.at(here("smsmux.v1.AccountService/ListAccounts")))?;
        let (accounts, next_page_token) = page.of(self.accounts.values());
        let mut answer = ListAccountsResponse {
            accounts: Vec::with_capacity(accounts.len()),
            next_page_token,
            total_size: i32::try_from(self.accounts.len()).unwrap_or(i32::MAX),
        };
        for account in accounts {
            answer.accounts.push(describe(account).await);
        }
        Ok(Response::new(answer))
    }

    pub(super) async fn get_account(
        &self,
        request: Request<GetAccountRequest>,
    ) -> Result<Response<GetAccountResponse>, Status> {
        let GetAccountRequest { name } = request.into_inner();
        let mut check = Check::new();
        check.account(&name, "name");
        let account = check.done().and_then(|()| self.account(&name, "name"));
        let account = account.map_err(|e| e.at(here("smsmux.v1.AccountService/GetAccount")))?;
        Ok(Response::new(GetAccountResponse { account: Some(describe(account).await) }))
    }
}

fn here(method: &str) -> Place<'_> {
    Place { account: "", vendor: "", method }
}

async fn describe(account: &Account) -> pb::Account {
    let offered = supported(&*account.vendor).await;
    let methods = METHODS.iter().filter(|method| method.served_here || offered.contains(method));
    pb::Account {
        name: account.name.clone(),
        vendor: account.vendor_name.clone(),
        methods: methods.map(|method| method.path.to_owned()).collect(),
        allow_caller_credential: account.allow_caller_credential,
    }
}

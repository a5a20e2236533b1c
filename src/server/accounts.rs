//! The RPCs of AccountService that need no vendor: which accounts there are and what they support.

use tonic::{Request, Response, Status};

use super::dispatch::{Account, Gateway, may_use};
use crate::{
    check::Check,
    error::Place,
    page::Page,
    pb::{self, GetAccountRequest, GetAccountResponse, ListAccountsRequest, ListAccountsResponse},
};

impl Gateway {
    pub(super) async fn list_accounts(
        &self,
        request: Request<ListAccountsRequest>,
    ) -> Result<Response<ListAccountsResponse>, Status> {
        let (_, extensions, ListAccountsRequest { page_size, page_token }) = request.into_parts();
        let mut check = Check::new();
        let page = Page::new(&mut check, page_size, &page_token, "ListAccounts");
        check.done().map_err(|e| e.at(here("smsmux.v1.AccountService/ListAccounts")))?;
        let accounts = self.accounts.load();
        let granted = accounts.iter().filter(|(id, _)| may_use(&extensions, id)).map(|(_, account)| account);
        let granted: Vec<_> = granted.collect();
        let total_size = i32::try_from(granted.len()).unwrap_or(i32::MAX);
        let (granted, next_page_token) = page.of(granted.into_iter());
        let answer = ListAccountsResponse {
            accounts: granted.into_iter().map(|account| describe(account)).collect(),
            next_page_token,
            total_size,
        };
        Ok(Response::new(answer))
    }

    pub(super) async fn get_account(
        &self,
        request: Request<GetAccountRequest>,
    ) -> Result<Response<GetAccountResponse>, Status> {
        let (_, extensions, GetAccountRequest { name }) = request.into_parts();
        let mut check = Check::new();
        check.account(&name, "name");
        let account = check.done().and_then(|()| self.account(&name, "name", &extensions));
        let account = account.map_err(|e| e.at(here("smsmux.v1.AccountService/GetAccount")))?;
        Ok(Response::new(GetAccountResponse { account: Some(describe(&account)) }))
    }
}

fn here(method: &str) -> Place<'_> {
    Place { account: "", vendor: "", method, resource: None }
}

fn describe(account: &Account) -> pb::Account {
    pb::Account {
        name: account.name.clone(),
        vendor: account.vendor_name.clone(),
        methods: account.methods.iter().map(|&method| method.to_owned()).collect(),
        allow_caller_credential: account.allow_caller_credential,
    }
}

//! GetServerInfo: the server and its accounts, as far as they are known without asking a vendor.

use std::{
    sync::{Mutex, PoisonError},
    time::SystemTime,
};

use prost_types::Timestamp;

use super::{Account, Gateway};
use crate::{
    api::pb::{
        AccountHealth, AccountStatus, GetAccountStatusRequest, GetAccountStatusResponse, GetServerInfoRequest,
        GetServerInfoResponse, Money, ServerInfo, ServerStore,
        server_store::{Engine, State},
    },
    call::Call,
    error::Error,
    request::names,
    store::{self, Place, Store},
    telemetry::metrics,
};

/// The balance that a vendor reported last, and when.
#[derive(Debug, Default)]
pub(super) struct LastBalance(Mutex<Option<(Money, SystemTime)>>);

impl LastBalance {
    /// Notes the balance of the account's own credential.
    pub(super) fn note(&self, status: Option<&AccountStatus>) {
        if let Some(money) = status.and_then(|status| status.money.clone()) {
            *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((money, SystemTime::now()));
        }
    }

    fn get(&self) -> Option<(Money, SystemTime)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Gateway {
    pub(crate) async fn get_server_info(
        &self,
        call: &Call,
        request: GetServerInfoRequest,
    ) -> Result<GetServerInfoResponse, Error> {
        let GetServerInfoRequest {} = request;
        let accounts = self.accounts();
        let granted = accounts.iter().filter(|(id, _)| call.may_use(id)).map(|(_, account)| account);
        let server_info = ServerInfo {
            version: metrics::VERSION.to_owned(),
            commit: metrics::COMMIT.to_owned(),
            features: features(),
            start_time: Some(Timestamp::from(metrics::started())),
            store: self.store().map(describe_store),
            accounts: granted.map(|account| health(account)).collect(),
        };
        Ok(GetServerInfoResponse { server_info: Some(server_info) })
    }

    /// Has the vendor answer, and keeps the balance.
    pub(crate) async fn get_account_status(
        &self,
        call: &Call,
        request: GetAccountStatusRequest,
    ) -> Result<GetAccountStatusResponse, Error> {
        let account = self.accounts().get(names::account_id(&request.name)).cloned();
        let response = self.answer(call.clone(), request).await?;
        // A caller's own credential has a balance of its own.
        if let Some(account) = account.filter(|_| call.credential().is_none()) {
            account.balance.note(response.status.as_ref());
        }
        Ok(response)
    }
}

fn features() -> Vec<String> {
    let features = [("otlp", cfg!(feature = "otlp"))];
    features.into_iter().filter(|(_, is_built)| *is_built).map(|(name, _)| name.to_owned()).collect()
}

fn describe_store(store: &Store) -> ServerStore {
    let engine = match store.place() {
        Place::Memory => Engine::Memory,
        Place::File => Engine::Sqlite,
        Place::Postgres => Engine::Postgresql,
    };
    let state = match &*store.state().borrow() {
        store::State::Available => State::Available,
        store::State::Away(_) | store::State::Failed(_) => State::Unavailable,
    };
    ServerStore { engine: engine.into(), state: state.into() }
}

fn health(account: &Account) -> AccountHealth {
    let breaker = account.vendor.conditions().map(|conditions| conditions.breaker());
    let (balance, balance_time) = account.balance.get().unzip();
    AccountHealth {
        name: account.site.account.as_ref().to_owned(),
        vendor: account.site.vendor.as_ref().to_owned(),
        breaker: breaker.unwrap_or_default().into(),
        balance,
        balance_time: balance_time.map(Timestamp::from),
    }
}

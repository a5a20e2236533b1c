//! Finds the account of a call, with which its resource name begins.

use std::{future::ready, sync::Arc};

use arc_swap::ArcSwap;
use futures::future::Either;

use super::{Layer, Next};
use crate::{
    api::VendorRpc,
    call::{CREDENTIAL_KEY, Call},
    error::{Error, Outcome, Reason},
    gateway::{Account, Accounts},
    request::names,
};

/// Finds the account.
pub(in crate::gateway) struct FindAccount(pub(in crate::gateway) Arc<ArcSwap<Accounts>>);

impl Layer for FindAccount {
    type Target = ();
    type Found = Arc<Account>;

    fn around<R: VendorRpc, N: Next<Target = Arc<Account>>>(
        &self,
        call: Call,
        (): (),
        request: R,
        next: &N,
    ) -> impl Future<Output = Result<R::Reply, Error>> + Send + 'static {
        let found = find(&self.0.load(), &call, request.resource(), R::METHOD.resource_field);
        match found.and_then(|account| takes_credential(&account, &call).map(|()| account)) {
            Ok(account) => {
                if R::METHOD.write && R::METHOD.resource_field.ends_with("name") {
                    call.set_resource(|| request.resource().to_owned());
                }
                Either::Left(next.run(call, account, request))
            }
            Err(error) => Either::Right(ready(Err(error))),
        }
    }
}

/// Returns the account that a resource name begins with. `field` is the request's field with the name.
///
/// # Errors
/// INVALID_REQUEST, ACCOUNT_NOT_GRANTED or ACCOUNT_NOT_FOUND.
pub(in crate::gateway) fn find(
    accounts: &Accounts,
    call: &Call,
    name: &str,
    field: &str,
) -> Result<Arc<Account>, Error> {
    let id = names::account(name, field)?;
    // Checked before the lookup, so that the error does not reveal which accounts exist.
    if !call.may_use(id) {
        let text = format!("the caller may not use accounts/{id}; ListAccounts lists those that it may");
        return Err(Error::new(Reason::AccountNotGranted, text).outcome(Outcome::NotSent));
    }
    let account = accounts.get(id).cloned().ok_or_else(|| {
        let text = format!("accounts/{id} is not configured here; ListAccounts lists the accounts");
        Error::new(Reason::AccountNotFound, text).outcome(Outcome::NotSent)
    })?;
    call.set_site(&account.site);
    if let Some(trace) = call.trace() {
        trace.is_for(id);
    }
    Ok(account)
}

/// The parent that means all accounts that the caller may use (AIP-159).
pub(in crate::gateway) const ALL: &str = "accounts/-";

/// Returns the names of the accounts that a parent means.
///
/// # Errors
/// As for [`find`].
pub(in crate::gateway) fn find_all(
    accounts: &Accounts,
    call: &Call,
    parent: &str,
    field: &str,
) -> Result<Vec<Arc<str>>, Error> {
    if parent != ALL {
        return Ok(vec![find(accounts, call, parent, field)?.site.account.clone()]);
    }
    let usable = accounts.iter().filter(|(id, _)| call.may_use(id));
    Ok(usable.map(|(_, account)| account.site.account.clone()).collect())
}

/// Checks that the account accepts the caller's own credential, if there is one.
fn takes_credential(account: &Account, call: &Call) -> Result<(), Error> {
    if account.allow_caller_credential || call.credential().is_none() {
        return Ok(());
    }
    let text = format!(
        "this account does not accept {CREDENTIAL_KEY}: its configuration has no allow_caller_credential = true"
    );
    Err(Error::new(Reason::CallerCredentialNotAllowed, text).outcome(Outcome::NotSent))
}

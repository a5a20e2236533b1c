//! GetServerInfo: what a server answers of itself, without asking a vendor.

use http::StatusCode;
use secrecy::ExposeSecret;
use smsmux::{
    api::pb::{
        GetAccountStatusRequest, GetServerInfoRequest, ListGroupsRequest, ServerInfo,
        account_health::Breaker,
        account_service_client::AccountServiceClient,
        group_service_client::GroupServiceClient,
        server_service_client::ServerServiceClient,
        server_store::{Engine, State},
    },
    config::api_key,
};
use smsmux_sandbox::Fault;
use tonic::{Code, Request, Status, transport::Channel};

use crate::support::{Rig, failed};

async fn info(channel: &Channel, key: Option<&str>) -> Result<ServerInfo, Status> {
    let mut request = Request::new(GetServerInfoRequest {});
    if let Some(key) = key {
        request.metadata_mut().insert("authorization", format!("Bearer {key}").parse().unwrap());
    }
    let answer = ServerServiceClient::new(channel.clone()).get_server_info(request).await?;
    Ok(answer.into_inner().server_info.expect("a server"))
}

#[tokio::test]
async fn a_server_describes_itself_and_the_breakers_of_its_accounts() {
    let rig = Rig::with("", "breaker_failures = 1\nbreaker_pause = '1h'").await;
    let before = info(&rig.channel, None).await.unwrap();
    assert_eq!(before.version, env!("CARGO_PKG_VERSION"));
    assert!(!before.commit.is_empty() && before.start_time.is_some());
    let store = before.store.as_ref().expect("a store");
    assert_eq!((store.engine(), store.state()), (Engine::Memory, State::Available));
    let [account] = &before.accounts[..] else { panic!("{before:?}") };
    assert_eq!((&*account.name, &*account.vendor), ("accounts/smsend", "smsend"));
    assert_eq!((account.breaker(), &account.balance), (Breaker::Closed, &None));
    assert!(rig.sandbox.requests().is_empty());

    let fault = Fault::Status { code: StatusCode::SERVICE_UNAVAILABLE, retry_after: None, body: None };
    rig.faults("GET /groups", fault, 0);
    let parent = "accounts/smsend".to_owned();
    let list = ListGroupsRequest { parent, ..ListGroupsRequest::default() };
    GroupServiceClient::new(rig.channel.clone()).list_groups(list).await.expect_err("the vendor fails");
    let after = info(&rig.channel, None).await.unwrap();
    assert_eq!(after.accounts[0].breaker(), Breaker::Open);
    assert_eq!(after.start_time, before.start_time);
}

#[tokio::test]
async fn the_balance_is_what_the_vendor_reported_last_for_the_accounts_own_credential() {
    let rig = Rig::of("lox24", "[store]\nenabled = false\n", "").await;
    let status = async |credential: Option<&str>| {
        let mut request = Request::new(GetAccountStatusRequest { name: "accounts/lox24".to_owned() });
        if let Some(credential) = credential {
            request.metadata_mut().insert("smsmux-credential", credential.parse().unwrap());
        }
        let answer = AccountServiceClient::new(rig.channel.clone()).get_account_status(request).await.unwrap();
        answer.into_inner().status.unwrap().money
    };
    let credentials = rig.sandbox.credentials();
    let (_, token) = credentials.iter().find(|(key, _)| *key == "token").expect("a token");
    assert!(status(Some(token)).await.is_some());
    let before = info(&rig.channel, None).await.unwrap();
    assert_eq!((&before.store, &before.accounts[0].balance, &before.accounts[0].balance_time), (&None, &None, &None));

    let reported = status(None).await;
    let asked = rig.sandbox.requests().len();
    let after = info(&rig.channel, None).await.unwrap();
    assert!(reported.is_some() && after.accounts[0].balance_time.is_some());
    assert_eq!((&after.accounts[0].balance, rig.sandbox.requests().len()), (&reported, asked));
}

#[tokio::test]
async fn a_caller_sees_the_accounts_that_it_may_use() {
    let caller = |name: &str, accounts: &str| {
        let (key, hash) = api_key::generate(name).unwrap();
        let section = format!("[callers.{name}]\nkey = '{hash}'\nscopes = ['*']\naccounts = ['{accounts}']\n");
        (key.expose_secret().to_owned(), section)
    };
    let ((all, first), (other, second)) = (caller("all", "*"), caller("other", "phones"));
    let phones = "[accounts.phones]\nvendor = 'lox24'\ntoken = '1:a'\n";
    let rig = Rig::with(&format!("{first}{second}{phones}"), "").await;
    let names = async |key: &str| {
        let accounts = info(&rig.channel, Some(key)).await.unwrap().accounts;
        accounts.into_iter().map(|account| account.name).collect::<Vec<_>>()
    };
    assert_eq!(names(&all).await, ["accounts/phones", "accounts/smsend"]);
    assert_eq!(names(&other).await, ["accounts/phones"]);
    failed(&info(&rig.channel, None).await.unwrap_err(), Code::Unauthenticated, "CALLER_NOT_AUTHENTICATED");
}

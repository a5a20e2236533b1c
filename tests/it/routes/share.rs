//! SetRouteShare: what an operator gives an account of its share.

use std::time::{Duration, SystemTime};

use http::StatusCode;
use smsmux::api::pb::{
    Account, EventSource, GetAccountRequest, ListEventsRequest, RouteShare, SetRouteShareRequest,
    account_service_client::AccountServiceClient, event::Subject, event_service_client::EventServiceClient,
};
use smsmux_sandbox::{Fault, Rule};
use tonic::{Code, Request, Status};
use tonic_types::StatusExt;

use super::Stand;
use crate::{
    authentication::caller,
    support::{Rig, failed},
};

const ROUTE: &str = "rules = [{ to = 'AT', use = ['other'] }, { use = { lox24 = 50, other = 50 } }]";
const HOUR: Duration = Duration::from_secs(3600);

fn request(account: &str, share: f64, duration: Option<Duration>) -> SetRouteShareRequest {
    SetRouteShareRequest {
        name: "accounts/main".to_owned(),
        account: format!("accounts/{account}"),
        share: Some(share),
        duration: duration.map(|duration| duration.try_into().expect("a duration")),
    }
}

async fn set(rig: &Rig, request: SetRouteShareRequest) -> Result<RouteShare, Status> {
    let reply = AccountServiceClient::new(rig.channel.clone()).set_route_share(request).await?.into_inner();
    Ok(reply.route_share.expect("a share"))
}

/// The shares of the accounts, as GetAccount of the route returns them.
async fn shares(rig: &Rig) -> Vec<(String, f64, bool)> {
    let request = GetAccountRequest { name: "accounts/main".to_owned() };
    let account = AccountServiceClient::new(rig.channel.clone()).get_account(request).await.expect("found");
    let Account { route_shares, .. } = account.into_inner().account.expect("an account");
    let share = |share: RouteShare| (share.account, share.share, share.end_time.is_some());
    route_shares.into_iter().map(share).collect()
}

/// What the shares are when `lox24` has this one, set by an operator or not.
fn lox24(share: f64, is_set: bool) -> Vec<(String, f64, bool)> {
    vec![("accounts/lox24".to_owned(), share, is_set), ("accounts/other".to_owned(), 1.0, false)]
}

/// The events of the account: who made them, whether they say that it lost a part, and their texts.
async fn events(rig: &Rig) -> Vec<(EventSource, bool, String)> {
    let request = ListEventsRequest { parent: "accounts/lox24".to_owned(), ..ListEventsRequest::default() };
    let listed = EventServiceClient::new(rig.channel.clone()).list_events(request).await.expect("listed");
    let of = |event: smsmux::api::pb::Event| match (event.source(), event.subject) {
        (source, Some(Subject::Account(changed))) => Some((source, changed.active, changed.text)),
        _ => None,
    };
    listed.into_inner().events.into_iter().filter_map(of).collect()
}

/// Sends to so many numbers. Returns how many more sends arrived at each account.
async fn send(stand: &Stand, numbers: std::ops::Range<u32>) -> (usize, usize) {
    let before = stand.sends();
    for number in numbers {
        stand.send(Stand::request(&[&format!("+49151{number:08}")])).await.expect("sent");
    }
    let after = stand.sends();
    (after.0 - before.0, after.1 - before.1)
}

#[tokio::test]
async fn an_account_gets_what_an_operator_sets_and_an_event_and_get_account_tell() {
    let stand = Stand::new("lox24", ROUTE, "").await;
    assert_eq!(shares(&stand.rig).await, lox24(1.0, false));
    let before = SystemTime::now();
    let share = set(&stand.rig, request("lox24", 0.0, Some(HOUR))).await.expect("set");
    println!("SetRouteShare: {share:?}");
    let until = SystemTime::try_from(share.end_time.expect("a time")).expect("a time");
    assert_eq!((share.account.as_str(), share.share), ("accounts/lox24", 0.0));
    assert!(until >= before + HOUR && until <= SystemTime::now() + HOUR, "{until:?}");
    assert_eq!(shares(&stand.rig).await, lox24(0.0, true));
    assert_eq!(send(&stand, 0..30).await, (0, 30));

    // The same once more changes nothing, so that there is nothing to tell.
    set(&stand.rig, request("lox24", 0.0, Some(HOUR))).await.expect("set");
    let text = "accounts/main: lox24 gets 0 % of its share, before 100 %: set by an operator, and left alone for 1h";
    let lost = (EventSource::Operator, true, text.to_owned());
    assert_eq!(events(&stand.rig).await, std::slice::from_ref(&lost));

    set(&stand.rig, request("lox24", 1.0, None)).await.expect("set");
    assert_eq!(shares(&stand.rig).await, lox24(1.0, true));
    // Each of 100 recipients is drawn by itself: that all are the same account's has no likelihood.
    let (first, second) = send(&stand, 0..100).await;
    assert!(first > 0 && second > 0 && first + second == 100, "{first} {second}");
    let text = "accounts/main: lox24 gets 100 % of its share, before 0 %: set by an operator, and left alone for 15m";
    let back = (EventSource::Operator, false, text.to_owned());
    println!("events: {:#?}", events(&stand.rig).await);
    assert_eq!(events(&stand.rig).await, [lost, back]);
}

#[tokio::test]
async fn an_account_with_the_share_0_is_not_asked_instead_of_others_either() {
    let stand = Stand::new("lox24", ROUTE, "").await;
    set(&stand.rig, request("lox24", 0.0, Some(HOUR))).await.expect("set");
    let no_credit = Fault::Status { code: StatusCode::PAYMENT_REQUIRED, retry_after: None, body: None };
    stand.other.inject(Rule::new(no_credit).method("POST").times(0));
    let status = stand.send(Stand::request(&["+4915100000001"])).await.expect_err("nobody takes it");
    failed(&status, Code::ResourceExhausted, "NO_CREDIT");
    assert_eq!(stand.sends().0, 0);
    // With any share more than 0 it is.
    set(&stand.rig, request("lox24", 0.01, Some(HOUR))).await.expect("set");
    stand.send(Stand::request(&["+4915100000001"])).await.expect("sent");
    assert_eq!(stand.sends().0, 1);
    // Nobody takes the last one out.
    set(&stand.rig, request("other", 0.0, Some(HOUR))).await.expect("set");
    let status = set(&stand.rig, request("lox24", 0.0, Some(HOUR))).await.expect_err("the last one");
    failed(&status, Code::FailedPrecondition, "STATE_CONFLICT");
    assert!(status.message().contains("rule 2 would have no account left"), "{}", status.message());
    let share = |account: &str, share| (format!("accounts/{account}"), share, true);
    assert_eq!(shares(&stand.rig).await, [share("lox24", 0.01), share("other", 0.0)]);
    // Rule 1 does not choose.
    stand.other.clear_faults();
    stand.send(Stand::request(&["+4366412345678"])).await.expect("sent");
}

#[tokio::test]
async fn every_fault_is_told_and_nothing_is_set() {
    let stand = Stand::new("lox24", ROUTE, "").await;
    let faults = |status: &Status| {
        failed(status, Code::InvalidArgument, "INVALID_REQUEST");
        let details = status.get_error_details();
        let violations = &details.bad_request().expect("violations").field_violations;
        violations.iter().map(|violation| violation.field.clone()).collect::<Vec<_>>()
    };
    let all = SetRouteShareRequest {
        duration: Some(prost_types::Duration { seconds: -1, nanos: 0 }),
        ..SetRouteShareRequest::default()
    };
    let status = set(&stand.rig, all).await.expect_err("faults");
    println!("faults: {}", status.message());
    assert_eq!(faults(&status), ["name", "account", "share", "duration"]);
    for share in [-0.1, 1.1, f64::NAN] {
        assert_eq!(faults(&set(&stand.rig, request("lox24", share, None)).await.expect_err("a share")), ["share"]);
    }
    for duration in [59, 7 * 24 * 3600 + 1].map(Duration::from_secs) {
        let status = set(&stand.rig, request("lox24", 0.5, Some(duration))).await.expect_err("a duration");
        assert_eq!(faults(&status), ["duration"]);
    }
    let no_route = SetRouteShareRequest { name: "accounts/lox24".to_owned(), ..request("lox24", 0.5, None) };
    assert_eq!(faults(&set(&stand.rig, no_route).await.expect_err("no route")), ["name"]);
    assert_eq!(faults(&set(&stand.rig, request("nobody", 0.5, None)).await.expect_err("no account")), ["account"]);
    let nowhere = SetRouteShareRequest { name: "accounts/nowhere".to_owned(), ..request("lox24", 0.5, None) };
    failed(&set(&stand.rig, nowhere).await.expect_err("no account"), Code::NotFound, "ACCOUNT_NOT_FOUND");
    assert_eq!((shares(&stand.rig).await, events(&stand.rig).await), (lox24(1.0, false), Vec::new()));
}

#[tokio::test]
async fn only_a_caller_with_the_scope_and_the_route_may_set_a_share() {
    let callers = [
        ("reader", "scopes = ['AccountService:read']\naccounts = ['main']"),
        ("stranger", "scopes = ['*']\naccounts = ['lox24']"),
        ("operator", "scopes = ['AccountService:write']\naccounts = ['main']"),
    ];
    let callers = callers.map(|(name, rules)| caller(name, rules));
    let sections: String = callers.iter().map(|(_, section)| section.as_str()).collect();
    let stand = Stand::with("lox24", ROUTE, "", "", &sections).await;
    let mut results = Vec::new();
    for (key, _) in &callers {
        let mut request = Request::new(request("lox24", 0.0, None));
        request.metadata_mut().insert("authorization", format!("Bearer {key}").parse().expect("a key"));
        results.push(AccountServiceClient::new(stand.rig.channel.clone()).set_route_share(request).await);
    }
    let [reader, stranger, operator] = results.try_into().expect("three");
    failed(&reader.expect_err("no scope"), Code::PermissionDenied, "SCOPE_MISSING");
    failed(&stranger.expect_err("not granted"), Code::PermissionDenied, "ACCOUNT_NOT_GRANTED");
    operator.expect("set");
}

#[cfg(all(unix, feature = "foreign-clients"))]
#[tokio::test]
async fn what_is_set_at_one_server_holds_at_all_of_them_and_after_a_restart() {
    let database = crate::store::server::Database::new();
    let store = format!("[store]\npostgres = '{}'\nhash_key = '{}'\n", database.url(), "a".repeat(32));
    let stand = Stand::with("lox24", ROUTE, "", "", &store).await;
    let second = stand.beside(ROUTE, &store).await;
    set(&stand.rig, request("lox24", 0.25, Some(HOUR))).await.expect("set");
    // A server that starts later reads it, as one does that starts again; the one that was running does within its next round.
    let third = stand.beside(ROUTE, &store).await;
    for server in [&third, &second] {
        crate::support::in_time(async {
            while shares(server).await != lox24(0.25, true) {
                tokio::task::yield_now().await;
            }
        })
        .await;
    }
    // What is set there replaces it everywhere.
    set(&second, request("lox24", 0.5, Some(HOUR))).await.expect("set");
    crate::support::in_time(async {
        while shares(&stand.rig).await != lox24(0.5, true) {
            tokio::task::yield_now().await;
        }
    })
    .await;
    assert_eq!(events(&third).await.len(), 2, "each change is one event, whoever judges the weights");
}

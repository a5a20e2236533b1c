//! Login, session, password, dashboard, status.

use futures::FutureExt;
use http::StatusCode;
use smsmux::api::pb::{
    CreateAccessTokenRequest, CreateSessionRequest, GetAccountStatusRequest, GetDashboardUrlRequest, Quality,
    ResetPasswordRequest, VerifySessionRequest, account_service_client::AccountServiceClient,
    auth_service_client::AuthServiceClient,
};
use smsmux_sandbox::Fault;
use tonic::transport::Channel;

use super::arrived;
use crate::{Case, support::Rig};

const ACCOUNT: &str = "accounts/smsend";

pub fn cases() -> Vec<Case> {
    vec![
        Case { rpc: "AuthService/CreateSession", operations: &["GET /login"], run: |rig| session(rig).boxed() },
        Case { rpc: "AuthService/CreateAccessToken", operations: &["GET /token"], run: |rig| token(rig).boxed() },
        Case { rpc: "AuthService/VerifySession", operations: &["GET /checksession"], run: |rig| verify(rig).boxed() },
        Case { rpc: "AuthService/ResetPassword", operations: &["POST /pwdreset"], run: |rig| password(rig).boxed() },
        Case {
            rpc: "AccountService/GetDashboardUrl",
            operations: &["GET /dashboard"],
            run: |rig| dashboard(rig).boxed(),
        },
        Case { rpc: "AccountService/GetAccountStatus", operations: &["GET /status"], run: |rig| status(rig).boxed() },
    ]
}

fn auth(rig: &Rig) -> AuthServiceClient<Channel> {
    AuthServiceClient::new(rig.channel.clone())
}

async fn session(rig: Rig) {
    let (parent, username) = (ACCOUNT.to_owned(), "sandbox".to_owned());
    let request = CreateSessionRequest { parent, username, password: "sandbox-password".to_owned() };
    let session = auth(&rig).create_session(request).await.unwrap().into_inner();
    assert_eq!(session.credential, format!("session:{};{}", session.user_key, session.session_key));
    let login = &rig.requests("GET /login")[0];
    assert_eq!(login.target, "/API/v1.0/REST/login?username=sandbox&password=sandbox-password");
    assert_eq!(login.header("user_key"), None);
}

async fn token(rig: Rig) {
    let (parent, username) = (ACCOUNT.to_owned(), "sandbox".to_owned());
    let request = CreateAccessTokenRequest { parent, username, password: "sandbox-password".to_owned() };
    let token = auth(&rig).create_access_token(request).await.unwrap().into_inner();
    assert_eq!(token.credential, format!("token:{};{}", token.user_key, token.access_token));
    let login = &rig.requests("GET /token")[0];
    assert_eq!(login.target, "/API/v1.0/REST/token?username=sandbox&password=sandbox-password");
}

async fn verify(rig: Rig) {
    let request = || VerifySessionRequest { name: ACCOUNT.to_owned() };
    assert!(auth(&rig).verify_session(request()).await.unwrap().into_inner().valid);
    arrived(&rig, "GET /checksession", "/checksession");
    // The document prints the word in quotes.
    for (answer, valid) in [("\"false\"", false), ("\"true\"", true), ("false", false)] {
        rig.fault(
            "GET /checksession",
            Fault::Status { code: StatusCode::OK, retry_after: None, body: Some(answer.into()) },
        );
        assert_eq!(auth(&rig).verify_session(request()).await.unwrap().into_inner().valid, valid);
    }
}

async fn password(rig: Rig) {
    let request = ResetPasswordRequest { name: ACCOUNT.to_owned(), new_password: "n3w pass+word".to_owned() };
    auth(&rig).reset_password(request).await.unwrap();
    let request = arrived(&rig, "POST /pwdreset", "/pwdreset?password=n3w%20pass%2Bword");
    assert!(request.body.is_empty());
}

async fn dashboard(rig: Rig) {
    let mut accounts = AccountServiceClient::new(rig.channel.clone());
    let request = GetDashboardUrlRequest { name: ACCOUNT.to_owned() };
    let url = accounts.get_dashboard_url(request).await.unwrap().into_inner().url;
    assert!(url.starts_with("http"), "{url}");
    arrived(&rig, "GET /dashboard", "/dashboard");
}

async fn status(rig: Rig) {
    let mut accounts = AccountServiceClient::new(rig.channel.clone());
    let request = || GetAccountStatusRequest { name: ACCOUNT.to_owned() };
    accounts.get_account_status(request()).await.unwrap();
    arrived(&rig, "GET /status", "/status?getMoney=true");

    let example = r#"{"money": null, "sms": [{"type": "SI", "quantity": 16079}, {"type": "N", "quantity": 1}],
        "email": {"bandwidth": 2000.0, "purchased": "2015-01-16", "billing": "EMAILPERHOUR", "expiry": "2016-01-17"},
        "landing": null}"#;
    rig.fault("GET /status", Fault::Status { code: StatusCode::OK, retry_after: None, body: Some(example.into()) });
    let status = accounts.get_account_status(request()).await.unwrap().into_inner().status.unwrap();
    assert_eq!((status.money, status.landing_json), (None, None));
    assert_eq!((status.credits[0].message_type.as_str(), status.credits[0].quantity), ("SI", 16079));
    assert_eq!(status.credits[1].quality(), Quality::High);
    let plan = status.email_plan.unwrap();
    assert_eq!((plan.bandwidth, plan.billing.as_str()), (Some(2000.0), "EMAILPERHOUR"));
    assert_eq!((plan.purchase_date.as_str(), plan.expire_date.as_str()), ("2015-01-16", "2016-01-17"));
}

//! Authentication and authorization: API keys, scopes, accounts, rates, and what is open to all.

use futures::StreamExt;
use secrecy::ExposeSecret;
use smsmux::{
    api::pb::{
        GetAccountRequest, GetDashboardUrlRequest, GetMessageRequest, ListAccountsRequest, SendMessageRequest,
        SendMessageResponse, account_service_client::AccountServiceClient,
    },
    config::api_key,
};
use tonic::{Code, Request, Response, Status, metadata::MetadataValue};
use tonic_health::pb::{HealthCheckRequest, health_client::HealthClient};
use tonic_reflection::pb::v1::{
    ServerReflectionRequest, server_reflection_client::ServerReflectionClient,
    server_reflection_request::MessageRequest, server_reflection_response::MessageResponse,
};
use tonic_types::StatusExt;

use crate::support::{
    Rig, failed, message,
    process::{run, smsmux},
};

/// A key, and the section that lets it in.
pub(crate) fn caller(name: &str, rules: &str) -> (String, String) {
    let (key, hash) = api_key::generate(name).unwrap();
    (key.expose_secret().to_owned(), format!("[callers.{name}]\nkey = '{hash}'\n{rules}\n"))
}

/// A key that may do everything.
fn anything(name: &str) -> (String, String) {
    caller(name, "scopes = ['*']\naccounts = ['*']")
}

/// The same request, from who has this key.
fn from<T>(key: &str, message: T) -> Request<T> {
    let mut request = Request::new(message);
    request.metadata_mut().insert("authorization", MetadataValue::try_from(format!("Bearer {key}")).unwrap());
    request
}

async fn send(rig: &Rig, request: Request<SendMessageRequest>) -> Result<Response<SendMessageResponse>, Status> {
    rig.messages().send_message(request).await
}

#[tokio::test]
async fn who_has_a_key_gets_in_and_nobody_else_does() {
    let (key, section) = anything("billing");
    let (stranger, _) = anything("billing");
    let rig = Rig::with(&section, "").await;
    send(&rig, from(&key, message())).await.expect("the key is known");

    let half = &key[..key.len() - 1];
    for wrong in [stranger.as_str(), half, "", "smsmux_nobody_AAAA", &key.to_lowercase()] {
        let status = send(&rig, from(wrong, message())).await.unwrap_err();
        failed(&status, Code::Unauthenticated, "CALLER_NOT_AUTHENTICATED");
        assert!(wrong.is_empty() || !format!("{status:?}").contains(wrong));
    }
    let status = send(&rig, Request::new(message())).await.unwrap_err();
    failed(&status, Code::Unauthenticated, "CALLER_NOT_AUTHENTICATED");
    assert!(status.message().contains("Bearer"), "{status:?}");
    let mut basic = Request::new(message());
    basic.metadata_mut().insert("authorization", MetadataValue::try_from(format!("Basic {key}")).unwrap());
    failed(&send(&rig, basic).await.unwrap_err(), Code::Unauthenticated, "CALLER_NOT_AUTHENTICATED");
    assert_eq!(rig.requests("POST /sms").len(), 1);
}

#[tokio::test]
async fn health_and_its_description_are_for_everyone_and_the_rest_of_reflection_for_known_callers() {
    let (key, section) = caller("reader", "scopes = ['AccountService:read']\naccounts = []");
    let rig = Rig::with(&section, "").await;
    HealthClient::new(rig.channel.clone()).check(HealthCheckRequest::default()).await.expect("a probe has no key");

    let mut reflection = ServerReflectionClient::new(rig.channel.clone());
    let of_ours = ["smsmux.v1.MessageService", "smsmux.v1.SendMessageRequest", "smsmux.v1.Money", "no.such.Symbol"];
    let questions = || {
        let symbols = of_ours.into_iter().chain(["grpc.health.v1.Health", "grpc.health.v1.HealthListResponse"]);
        let symbols = symbols.map(|symbol| MessageRequest::FileContainingSymbol(symbol.to_owned()));
        let files = ["smsmux/v1/message_service.proto", "smsmux/v1/options.proto"];
        let files = files.into_iter().map(|file| MessageRequest::FileByFilename(file.to_owned()));
        let all = symbols.chain(files).chain([MessageRequest::ListServices(String::new())]).collect::<Vec<_>>();
        let ask = |question| ServerReflectionRequest { host: String::new(), message_request: Some(question) };
        tokio_stream::iter(all.into_iter().map(ask))
    };
    let answers = reflection.server_reflection_info(questions()).await.unwrap().into_inner();
    let answers: Vec<_> = answers.map(|answer| answer.unwrap().message_response.unwrap()).collect().await;
    assert_eq!(answers.len(), 9);
    for (question, answer) in answers[..8].iter().enumerate() {
        match answer {
            MessageResponse::ErrorResponse(error) => {
                assert!(![4, 5].contains(&question), "{question}: {error:?}");
                assert_eq!(error.error_code, i32::from(Code::Unauthenticated), "{error:?}");
                assert!(error.error_message.contains("Bearer"), "{error:?}");
            }
            answer => assert!([4, 5].contains(&question), "{question}: {answer:?}"),
        }
    }
    let MessageResponse::ListServicesResponse(list) = &answers[8] else { panic!("no list: {:?}", answers[8]) };
    assert!(
        list.service.len() == 3 && list.service.iter().all(|service| service.name.starts_with("grpc.")),
        "{list:?}"
    );

    let status = reflection.server_reflection_info(from("smsmux_reader_x", questions())).await.unwrap_err();
    failed(&status, Code::Unauthenticated, "CALLER_NOT_AUTHENTICATED");
    let answers = reflection.server_reflection_info(from(&key, questions())).await.unwrap().into_inner();
    let answers: Vec<_> = answers.map(|answer| answer.unwrap().message_response.unwrap()).collect().await;
    let errors = answers.iter().filter(|answer| matches!(answer, MessageResponse::ErrorResponse(_)));
    assert_eq!((answers.len(), errors.count()), (9, 1));
}

#[tokio::test]
async fn a_scope_is_a_limit_and_comes_before_everything_that_is_wrong_with_a_request() {
    let (key, section) = caller("reader", "scopes = ['MessageService:read']\naccounts = ['*']");
    let rig = Rig::with(&section, "").await;
    let mut messages = rig.messages();
    let looked_up = GetMessageRequest { name: "accounts/smsend/messages/none".to_owned() };
    let status = messages.get_message(from(&key, looked_up)).await.unwrap_err();
    failed(&status, Code::NotFound, "RESOURCE_NOT_FOUND");

    for request in [message(), SendMessageRequest::default()] {
        let status = send(&rig, from(&key, request)).await.unwrap_err();
        failed(&status, Code::PermissionDenied, "SCOPE_MISSING");
    }
    let mut accounts = AccountServiceClient::new(rig.channel.clone());
    let status = accounts.list_accounts(from(&key, ListAccountsRequest::default())).await.unwrap_err();
    failed(&status, Code::PermissionDenied, "SCOPE_MISSING");
    assert_eq!(rig.requests("POST /sms").len(), 0);
}

#[tokio::test]
async fn a_credential_is_returned_only_to_a_caller_whose_scope_says_so() {
    let callers = [
        ("everything", "*", false),
        ("reads", "*:read", false),
        ("account", "AccountService", false),
        ("reader", "AccountService:read", false),
        ("method", "AccountService/GetDashboardUrl", true),
        ("secrets", "*:secret", true),
        ("secret", "AccountService:secret", true),
    ];
    let rules = |scope| format!("scopes = ['{scope}']\naccounts = ['*']");
    let made = callers.map(|(name, scope, granted)| (caller(name, &rules(scope)), scope, granted));
    let sections: String = made.iter().map(|((_, section), ..)| section.as_str()).collect();
    let rig = Rig::with(&sections, "").await;
    for ((key, _), scope, granted) in &made {
        let request = from(key, GetDashboardUrlRequest { name: "accounts/smsend".to_owned() });
        match AccountServiceClient::new(rig.channel.clone()).get_dashboard_url(request).await {
            Ok(answer) => assert!(*granted && !answer.get_ref().url.is_empty(), "{scope}"),
            Err(status) => {
                assert!(!granted, "{scope}: {status:?}");
                failed(&status, Code::PermissionDenied, "SCOPE_MISSING");
            }
        }
    }
    assert_eq!(rig.requests("GET /dashboard").len(), 3);
}

#[tokio::test]
async fn accounts_that_are_not_granted_are_as_those_that_do_not_exist() {
    let (key, section) = caller("guest", "scopes = ['*']\naccounts = []");
    let rig = Rig::with(&section, "").await;
    let mut told = Vec::new();
    for account in ["smsend", "no-such"] {
        let request = SendMessageRequest { parent: format!("accounts/{account}"), ..SendMessageRequest::default() };
        let status = send(&rig, from(&key, request)).await.unwrap_err();
        let metadata = failed(&status, Code::PermissionDenied, "ACCOUNT_NOT_GRANTED");
        told.push((metadata, status.message().replace(account, "X")));
    }
    assert_eq!(told[0], told[1]);

    let mut accounts = AccountServiceClient::new(rig.channel.clone());
    let listed = accounts.list_accounts(from(&key, ListAccountsRequest::default())).await.unwrap().into_inner();
    assert_eq!((listed.accounts.len(), listed.total_size), (0, 0));
    let request = GetAccountRequest { name: "accounts/smsend".to_owned() };
    let status = accounts.get_account(from(&key, request)).await.unwrap_err();
    failed(&status, Code::PermissionDenied, "ACCOUNT_NOT_GRANTED");
    assert_eq!(rig.sandbox.requests().len(), 0);
}

#[tokio::test]
async fn a_key_whose_time_is_over_is_as_one_that_never_was() {
    let (key, section) = caller("late", "scopes = ['*']\naccounts = ['*']\nexpires = 2020-01-01");
    let (good, more) = caller("early", "scopes = ['*']\naccounts = ['*']\nexpires = '2999-01-01T00:00:00Z'");
    let rig = Rig::with(&(section + &more), "").await;
    let over = send(&rig, from(&key, message())).await.unwrap_err();
    let unknown = send(&rig, from("smsmux_late_x", message())).await.unwrap_err();
    failed(&over, Code::Unauthenticated, "CALLER_NOT_AUTHENTICATED");
    assert_eq!(over.message(), unknown.message());
    send(&rig, from(&good, message())).await.expect("its time is not over");
}

#[tokio::test]
async fn a_key_has_its_rate_and_others_are_not_met_by_it() {
    let (key, section) = caller("busy", "scopes = ['*']\naccounts = ['*']\ncalls_per_second = 1");
    let (other, more) = anything("other");
    let rig = Rig::with(&(section + &more), "").await;
    // More at once than any machine takes seconds for.
    let answers = futures::future::join_all((0..100).map(|_| send(&rig, from(&key, message())))).await;
    let refused: Vec<_> = answers.into_iter().filter_map(Result::err).collect();
    assert!((1..100).contains(&refused.len()), "{} of 100 were refused", refused.len());
    for status in refused {
        failed(&status, Code::ResourceExhausted, "RATE_LIMITED");
        let wait = status.get_error_details().retry_info().and_then(|info| info.retry_delay).expect("how long to wait");
        assert!(!wait.is_zero() && wait.as_secs() <= 1, "{wait:?}");
    }
    send(&rig, from(&other, message())).await.expect("another's rate is another's");
}

#[test]
fn a_bad_caller_is_a_problem_of_the_configuration() {
    let (_, section) = caller("good", "scopes = ['*', 'MessageService/Sned', 'read']\naccounts = ['*', 'acme']");
    let text = format!(
        "{section}\n[callers.Bad_Name]\n[callers.plain]\nkey = 'hunter2'\nscopes = []\naccounts = []\nexpires = 'soon'\n"
    );
    let problems = smsmux::server::Setup::new(text.parse().unwrap()).err().unwrap();
    let problems: Vec<_> = problems.iter().map(ToString::to_string).collect();
    for (path, count) in [
        ("callers.good.scopes: ", 2),
        ("callers.good.accounts: ", 1),
        ("callers.Bad_Name: ", 1),
        ("callers.Bad_Name.key: ", 1),
        ("callers.plain.key: ", 1),
        ("callers.plain.expires: ", 1),
    ] {
        let found = problems.iter().filter(|problem| problem.starts_with(path)).count();
        assert_eq!(found, count, "{path} in {problems:#?}");
    }
    assert!(!format!("{problems:?}").contains("hunter2"));
}

#[test]
fn a_key_is_made_only_with_rules_that_a_configuration_takes() {
    for arguments in [
        &["Bad_Name"][..],
        &["billing", "--scope", "Nope"],
        &["billing", "--scope", "MessageService:foo"],
        &["billing", "--expires", "tomorrow"],
    ] {
        let ended = run(&mut smsmux(&[&["key", "new"], arguments].concat())).with(1);
        assert_eq!((ended.stdout.as_str(), ended.stderr.lines().count()), ("", 1), "{ended:#?}");
    }
    let rules =
        ["key", "new", "billing", "--scope", "MessageService:read", "--account", "*", "--expires", "2999-01-31"];
    let ended = run(&mut smsmux(&rules)).with(0);
    assert_eq!(api_key::name(ended.stdout.trim()), Some("billing"));
    let section = &ended.stderr[ended.stderr.find("[callers.billing]").unwrap()..];
    assert!(smsmux::server::Setup::new(section.parse().unwrap()).is_ok(), "{section}");
}

#[test]
fn other_machines_get_in_by_key_or_on_request_alone() {
    let problems = |text: &str| {
        let setup = smsmux::server::Setup::new(text.parse().unwrap());
        setup.err().unwrap_or_default().iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    let everywhere = "[server]\nlisten = '0.0.0.0:50051'\n";
    let refused = problems(everywhere);
    assert!(
        matches!(&refused[..], [one] if one.starts_with("server.listen: would accept calls without authentication")),
        "{refused:?}"
    );
    assert_eq!(problems(&format!("{everywhere}insecure_no_auth = true")), [""; 0]);
    assert_eq!(problems(&format!("{everywhere}{}", anything("billing").1)), [""; 0]);
    for loopback in ["127.0.0.1:50051", "[::1]:0"] {
        assert_eq!(problems(&format!("[server]\nlisten = '{loopback}'")), [""; 0]);
    }
}

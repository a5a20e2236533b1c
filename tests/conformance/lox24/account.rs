//! GetAccountStatus.

use futures::FutureExt;
use http::Method;
use libtest_mimic::Trial;
use serde_json::json;
use smsmux::api::pb::{AccountStatus, GetAccountStatusRequest, Money, account_service_client::AccountServiceClient};
use tonic::{Code, Status};

use super::signed;
use crate::{
    Case,
    support::{Rig, failed, violations},
};

const ME: &str = "GET /me";

pub fn cases() -> Vec<Case> {
    vec![Case {
        rpc: "AccountService/GetAccountStatus",
        operations: &[],
        run: |rig| {
            async move {
                the_balance(&rig).await;
                every_digit_of_the_answer(&rig).await;
            }
            .boxed()
        },
    }]
}

pub fn tests() -> Vec<Trial> {
    tests![the_name_of_something_in_an_account_is_refused_before_any_http, refusals_have_their_reason]
}

async fn status(rig: &Rig, name: &str) -> Result<AccountStatus, Status> {
    let request = GetAccountStatusRequest { name: name.to_owned() };
    let answer = AccountServiceClient::new(rig.channel.clone()).get_account_status(request).await?;
    Ok(answer.into_inner().status.expect("a status"))
}

fn money(amount: &str, currency_code: &str) -> AccountStatus {
    let money = Money { amount: amount.to_owned(), currency_code: currency_code.to_owned() };
    AccountStatus { money: Some(money), ..AccountStatus::default() }
}

async fn the_balance(rig: &Rig) {
    assert_eq!(rig.sandbox.control(Method::PUT, "/account", &json!({"balance": 7.25})).await.0, 204);
    assert_eq!(status(rig, "accounts/lox24").await.unwrap(), money("7.25", "EUR"));
    let requests = rig.requests(ME);
    let [request] = &requests[..] else { panic!("{} requests arrived", requests.len()) };
    assert_eq!((request.target.as_str(), request.body.is_empty()), ("/me", true));
    signed(request);
}

async fn every_digit_of_the_answer(rig: &Rig) {
    let rest =
        r#""balance_changed_at": 1582477200, "is_text_deleted": false, "services": [], "groups": {"24512": "/x"}"#;
    for (amount, expected) in [("-0.10", "-0.10"), ("1234567890123456.70", "1234567890123456.70"), ("\"5\"", "5")] {
        let body = format!(r#"{{"id": 1234567, "currency": "CHF", "balance_amount": {amount}, {rest}}}"#);
        rig.answer(ME, 200, &body);
        assert_eq!(status(rig, "accounts/lox24").await.unwrap(), money(expected, "CHF"));
    }
}

async fn the_name_of_something_in_an_account_is_refused_before_any_http() {
    let rig = Rig::vendor("lox24").await;
    violations(&status(&rig, "accounts/lox24/messages/7").await.expect_err("no account"), &["name"]);
    assert_eq!(rig.sandbox.requests().len(), 0);
}

async fn refusals_have_their_reason() {
    let rig = Rig::vendor("lox24").await;
    for (http_status, code, reason) in [
        (401, Code::FailedPrecondition, "ACCOUNT_CREDENTIAL_REFUSED"),
        (403, Code::PermissionDenied, "VENDOR_DENIED"),
        (429, Code::ResourceExhausted, "RATE_LIMITED"),
    ] {
        rig.sandbox.clear_requests();
        rig.answer(ME, http_status, r#"{"detail": "the words"}"#);
        let metadata = failed(&status(&rig, "accounts/lox24").await.expect_err("refused"), code, reason);
        assert_eq!((&*metadata["vendor_message"], &*metadata["operation"]), ("the words", ME));
        assert_eq!(rig.requests(ME).len(), 1, "{http_status} is not repeated");
    }
    rig.answer(ME, 200, "[]");
    let status = status(&rig, "accounts/lox24").await.expect_err("unreadable");
    failed(&status, Code::Internal, "VENDOR_REPLY_UNREADABLE");
}

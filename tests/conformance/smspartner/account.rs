//! AccountService.

use futures::FutureExt;
use libtest_mimic::Trial;
use smsmux::api::pb::{
    AccountStatus, Credit, GetAccountStatusRequest, Money, Quality, account_service_client::AccountServiceClient,
};
use tonic::{Code, Status};

use crate::{
    Case,
    support::{Rig, failed},
};

const ME: &str = "GET /me";

pub fn cases() -> Vec<Case> {
    vec![Case { rpc: "AccountService/GetAccountStatus", operations: &[], run: |rig| status(rig).boxed() }]
}

pub fn tests() -> Vec<Trial> {
    tests![an_account_that_cannot_be_read_says_why]
}

async fn get(rig: &Rig) -> Result<AccountStatus, Status> {
    let request = GetAccountStatusRequest { name: "accounts/smspartner".to_owned() };
    let answer = AccountServiceClient::new(rig.channel.clone()).get_account_status(request).await?;
    Ok(answer.into_inner().status.expect("a status"))
}

fn credit(message_type: &str, quality: Quality, quantity: i64) -> Credit {
    Credit { message_type: message_type.to_owned(), quality: quality.into(), quantity }
}

async fn status(rig: Rig) {
    let expected = AccountStatus {
        money: Some(Money { amount: "0.900".to_owned(), currency_code: "EUR".to_owned() }),
        credits: vec![
            credit("creditSms", Quality::High, 20),
            credit("creditSmsECO", Quality::Low, 37),
            credit("creditHlr", Quality::Unspecified, 180),
        ],
        ..AccountStatus::default()
    };
    assert_eq!(get(&rig).await.expect("a status"), expected);
    let [request] = &rig.requests(ME)[..] else { panic!("one request") };
    assert_eq!((&*request.target, request.body.len()), ("/v1/me?apiKey=sandbox-api-key", 0));

    // As it was before the low-cost class was called ECO.
    let body = r#"{"success": true, "code": 200, "credits":
        {"balance": "10225.119", "creditSms": "7", "creditSmsLowCost": 8, "currency": "EUR", "toSend": 0}}"#;
    rig.answer(ME, 200, body);
    let older = get(&rig).await.expect("a status");
    assert_eq!(older.money.expect("money").amount, "10225.119");
    let rows = [credit("creditSms", Quality::High, 7), credit("creditSmsLowCost", Quality::Low, 8)];
    assert_eq!(older.credits, rows);
}

async fn an_account_that_cannot_be_read_says_why() {
    let rig = Rig::vendor("smspartner").await;
    for (body, code, reason) in [
        (r#"{"success": false, "code": 10}"#, Code::FailedPrecondition, "ACCOUNT_CREDENTIAL_REFUSED"),
        (r#"{"success": false, "code": 30}"#, Code::PermissionDenied, "VENDOR_DENIED"),
        (r#"{"success": false, "code": 4}"#, Code::InvalidArgument, "VENDOR_REFUSED"),
        (r#"{"success": true, "code": 200}"#, Code::Internal, "VENDOR_REPLY_UNREADABLE"),
        ("<html>", Code::Internal, "VENDOR_REPLY_UNREADABLE"),
    ] {
        rig.answer(ME, 200, body);
        failed(&get(&rig).await.expect_err(body), code, reason);
    }
    let mut accounts = AccountServiceClient::new(rig.channel.clone());
    let name = "accounts/smspartner/x".to_owned();
    let status = accounts.get_account_status(GetAccountStatusRequest { name }).await.expect_err("no account");
    failed(&status, Code::InvalidArgument, "INVALID_REQUEST");
}

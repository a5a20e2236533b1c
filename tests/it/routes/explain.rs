//! What a route would do is told without asking a vendor: by AnalyzeMessage, and by `smsmux explain` from the configuration.

use smsmux::api::pb::{AnalyzeMessageRequest, PassedOver, RouteDecision, SendMessageRequest};
use smsmux_sandbox::Fault;

use super::{Stand, TO};
use crate::{
    authentication,
    support::process::{run, smsmux},
};

async fn analyze(stand: &Stand, request: SendMessageRequest) -> (Vec<RouteDecision>, Vec<String>) {
    let request = AnalyzeMessageRequest { message: Some(request), ..AnalyzeMessageRequest::default() };
    let answer = stand.rig.messages().analyze_message(request).await.expect("analyzed").into_inner();
    (answer.decisions, answer.refusals.into_iter().map(|refusal| refusal.field).collect())
}

fn passed_over(rule: i32, account: &str, reason: &str) -> PassedOver {
    PassedOver { rule, account: account.to_owned(), reason: reason.to_owned() }
}

#[tokio::test]
async fn an_analysis_tells_the_rule_the_accounts_and_what_was_passed_over() {
    let route = "rules = [
        { to = '+8816', refuse = 'satellite phones cost too much' },
        { to = 'DE', purpose = 'marketing', use = ['other'] },
        { to = 'DE', use = { lox24 = 1, other = 0 }, sender = 'German' },
        { use = ['lox24', 'other'] },
    ]";
    let stand = Stand::new("lox24", route, "").await;
    let request = Stand::request(&["+881612345678", TO, "+393471234567", "+4915123456780", "12"]);
    let (decisions, refusals) = analyze(&stand, request).await;
    let expected = [
        RouteDecision {
            recipients: vec![0],
            rule: 1,
            refusal: "satellite phones cost too much".to_owned(),
            ..RouteDecision::default()
        },
        RouteDecision {
            recipients: vec![1, 3],
            rule: 3,
            accounts: vec!["accounts/lox24".to_owned()],
            sender: "German".to_owned(),
            passed_over: vec![
                passed_over(1, "", "its to does not fit"),
                passed_over(2, "", "its purpose does not fit"),
                passed_over(3, "accounts/other", "its weight is 0"),
            ],
            ..RouteDecision::default()
        },
        RouteDecision {
            recipients: vec![2, 4],
            rule: 4,
            accounts: vec!["accounts/lox24".to_owned(), "accounts/other".to_owned()],
            sender: "smsmux".to_owned(),
            passed_over: (1..4).map(|rule| passed_over(rule, "", "its to does not fit")).collect(),
            ..RouteDecision::default()
        },
    ];
    assert_eq!((decisions, refusals), (expected.to_vec(), vec!["recipients[4]".to_owned()]));
    assert!(stand.rig.sandbox.requests().is_empty() && stand.other.requests().is_empty());
}

#[tokio::test]
async fn an_analysis_knows_who_is_left_out() {
    let stand = Stand::in_order("").await;
    let code = http::StatusCode::PAYMENT_REQUIRED;
    stand.rig.fault("POST /sms", Fault::Status { code, retry_after: None, body: None });
    stand.send(Stand::request(&[TO])).await.expect("sent");
    let (decisions, _) = analyze(&stand, Stand::request(&[TO])).await;
    assert_eq!(decisions[0].accounts, ["accounts/other"]);
    let reason = "it was at fault for this country and sender less than ten minutes ago";
    assert_eq!(decisions[0].passed_over, [passed_over(1, "accounts/lox24", reason)]);
}

#[test]
fn the_command_explains_from_the_configuration_alone() {
    let file = tempfile::NamedTempFile::new().expect("a file");
    let (_, caller) = authentication::caller("billing", "scopes = ['*']\naccounts = ['*']");
    let config = "[accounts.fr]\nvendor = 'smspartner'\napi_key = 'k'\n[accounts.phones]\nvendor = 'lox24'\ntoken = '1:k'\n\
        [accounts.main]\nvendor = 'route'\nrules = [\n{ to = 'FR', purpose = 'marketing', use = ['fr'] },\n\
        { caller = 'billing', use = ['phones'] },\n{ to = '+8816', refuse = 'too dear' },\n{ use = ['phones', 'fr'] }]\n";
    std::fs::write(file.path(), config.to_owned() + &caller).expect("written");
    let explain = |arguments: &[&str]| {
        let path = file.path().to_str().expect("a path");
        run(smsmux(&["explain", "--config", path]).args(arguments))
    };
    let page = explain(&["--to", "+33612345678", "--purpose", "marketing", "--from", "Shop", "--text", "Bonjour"])
        .with(0)
        .stdout;
    let (decision, warning) = page.split_once("\nwarning: ").expect("a warning");
    let expected = "accounts/main: 1 segment, GSM 7-bit with 7 units\n\n+33612345678 (FR)\n  rule 1 asks accounts/fr\n  sender: Shop\n";
    assert!(warning.starts_with("a name is not possible as a sender in FR"), "{warning}");
    assert_eq!(decision, expected);
    let page =
        explain(&["--to", "+33612345678", "+881612345678", "--from", "Shop", "--text", "Bonjour"]).with(0).stdout;
    for part in [
        "+33612345678 (FR)\n  rule 4 asks accounts/phones, then accounts/fr\n",
        "  not rule 1: its purpose does not fit\n",
        "  not rule 2: its caller does not fit\n",
        "  not rule 3: its to does not fit\n",
        "  rule 3 refuses: too dear\n",
    ] {
        assert!(page.contains(part), "{part:?} in {page}");
    }
    let page = explain(&["--to", "+4915123456789", "--caller", "billing"]).with(0).stdout;
    for part in ["rule 2 asks accounts/phones", "would be rejected: text: ", "would be rejected: sender: "] {
        assert!(page.contains(part), "{part:?} in {page}");
    }
    let other = explain(&["--to", "+33612345678", "--account", "nowhere"]).with(1);
    assert!(other.stderr.contains("accounts/nowhere is not configured"), "{other:?}");
}

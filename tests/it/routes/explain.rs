//! What a route would do is told without asking a vendor: by AnalyzeMessage, and by `smsmux explain` from the configuration.

use smsmux::{
    api::pb::{
        AnalyzeMessageRequest, ConsentVerdict, GuardVerdict, KnownPrice, PassedOver, RouteDecision, SendMessageRequest,
        SetConsentRequest, consent_service_client::ConsentServiceClient,
    },
    store::{Beside, ConsentAct},
};
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

/// A decision that neither consent nor the spend guard object to, of a text of one segment.
fn permitted() -> RouteDecision {
    let (consent, guard) = (ConsentVerdict::Permitted.into(), GuardVerdict::Permitted.into());
    RouteDecision { consent, guard, segment_count: 1, ..RouteDecision::default() }
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
            guard: GuardVerdict::Observed.into(),
            guard_rule: "line_type".to_owned(),
            ..permitted()
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
            ..permitted()
        },
        RouteDecision {
            recipients: vec![2, 4],
            rule: 4,
            accounts: vec!["accounts/lox24".to_owned(), "accounts/other".to_owned()],
            sender: "smsmux".to_owned(),
            passed_over: (1..4).map(|rule| passed_over(rule, "", "its to does not fit")).collect(),
            ..permitted()
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

#[tokio::test]
async fn an_analysis_tells_what_consent_and_the_spend_guard_say_and_counts_nothing() {
    const OPTED_OUT: &str = "+4915123456780";
    let guard = "[guard]\nmode = 'enforce'\ncountries = ['DE']\nnumber_per_10_minutes = 1\n";
    let stand = Stand::with("lox24", "rules = [{ use = ['other'] }]", "", "", guard).await;
    let mut consents = ConsentServiceClient::new(stand.rig.channel.clone());
    let (parent, phone_number) = ("accounts/-".to_owned(), OPTED_OUT.to_owned());
    let block = SetConsentRequest { parent, phone_number, blocked: true, ..SetConsentRequest::default() };
    consents.set_consent(block).await.expect("blocked");
    let verdicts = async |request: SendMessageRequest| {
        let (decisions, _) = analyze(&stand, request).await;
        let of = |one: &RouteDecision| (one.recipients.clone(), one.consent(), one.guard(), one.guard_rule.clone());
        decisions.iter().map(of).collect::<Vec<_>>()
    };
    let expected = vec![
        (vec![0], ConsentVerdict::Permitted, GuardVerdict::Permitted, String::new()),
        (vec![1], ConsentVerdict::OptedOut, GuardVerdict::Unspecified, String::new()),
        (vec![2], ConsentVerdict::Permitted, GuardVerdict::Refused, "country".to_owned()),
    ];
    let request = || Stand::request(&[TO, OPTED_OUT, "+393471234567"]);
    for _ in 0..3 {
        assert_eq!(verdicts(request()).await, expected);
    }
    let sent = stand.send(request()).await.expect("sent to one");
    let states: Vec<_> = sent.recipients.iter().map(|recipient| recipient.vendor_code.as_str()).collect();
    assert_eq!(states[1..], ["RECIPIENT_OPTED_OUT", "SPEND_GUARD"]);
    let refused = (vec![0], ConsentVerdict::Permitted, GuardVerdict::Refused, "number".to_owned());
    assert_eq!(verdicts(request()).await, [&[refused], &expected[1..]].concat(), "the send was counted");
    // An account that is no route decides nothing by itself.
    let request = SendMessageRequest { parent: "accounts/other".to_owned(), ..Stand::request(&[OPTED_OUT]) };
    let (decisions, _) = analyze(&stand, request).await;
    let (accounts, sender) = (vec!["accounts/other".to_owned()], "smsmux".to_owned());
    let consent = ConsentVerdict::OptedOut.into();
    let expected = RouteDecision { recipients: vec![0], accounts, sender, consent, guard: 0, ..permitted() };
    assert_eq!(decisions, [expected]);
}

#[tokio::test]
async fn an_analysis_tells_what_the_accounts_were_last_paid_for_the_country() {
    let stand = Stand::in_order("").await;
    assert_eq!(analyze(&stand, Stand::request(&[TO])).await.0[0].prices, []);
    let sent = stand.send(Stand::request(&[TO])).await.expect("sent").recipients.remove(0);
    let account = "accounts/lox24".to_owned();
    let expected = KnownPrice { account, price: sent.price, segment_count: sent.segment_count };
    assert!(expected.price.is_some(), "the vendor reports prices");
    let (decisions, _) = analyze(&stand, Stand::request(&["+4915123456780", "+393471234567"])).await;
    assert_eq!((&*decisions[0].prices, &*decisions[1].prices), (&[expected][..], &[][..]));
}

#[test]
fn the_command_reads_who_opted_out_from_the_file_of_the_store() {
    let folder = tempfile::tempdir().expect("a folder");
    let (file, store) = (folder.path().join("smsmux.toml"), folder.path().join("smsmux.db"));
    let config =
        format!("[accounts.fr]\nvendor = 'smspartner'\napi_key = 'k'\n[store]\npath = '{}'\n", store.display());
    std::fs::write(&file, &config).expect("written");
    let explain = || {
        let arguments =
            ["explain", "--config", file.to_str().expect("a path"), "--account", "fr", "--to", "+33612345678"];
        run(smsmux(&arguments).env_remove("SMSMUX_STORE_PATH")).with(0).stdout
    };
    let page = explain();
    assert!(page.contains("  asks accounts/fr\n"), "{page}");
    assert!(page.contains("  consent: not asked\n  spend guard: permits\n"), "there is no store yet: {page}");
    assert!(!store.exists(), "the command makes none");
    let config: toml::Table = config.parse().expect("TOML");
    let store = smsmux::config::Config::new(config, &mut Vec::new()).store;
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let _open = runtime.block_on(smsmux::store::Store::open(&store)).expect("a store");
    assert!(explain().contains("  consent: did not opt out\n"));
    let mut beside = Beside::open(&store).expect("the store");
    let (act, now) = (ConsentAct::Block(0), std::time::SystemTime::now());
    let change = beside.consent_change("default", "+33612345678", act, now, Vec::new());
    beside.record_consents(vec![change]).expect("recorded");
    assert!(explain().contains("  consent: opted out: nothing is sent\n"));
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
    let marketing = ["--to", "+33612345678", "--purpose", "marketing", "--from", "Shop", "--text", "Bonjour"];
    // A Monday.
    let page = explain(&[&marketing[..], &["--at", "2100-03-08T12:00:00Z"]].concat()).with(0).stdout;
    let (decision, warning) = page.split_once("\nwarning: ").expect("a warning");
    let expected = "accounts/main: 1 segment, GSM 7-bit with 7 units\n\n+33612345678 (FR)\n  rule 1 asks accounts/fr\n  sender: Shop\n  \
        segments: 1\n  consent: not asked\n  spend guard: permits\n  quiet hours: permit it\n";
    assert!(warning.starts_with("a name is not possible as a sender in FR"), "{warning}");
    assert!(decision.starts_with(expected), "{decision}");
    let page = explain(&[&marketing[..], &["--at", "2100-03-07T12:00:00Z"]].concat()).with(0).stdout;
    let quiet = "quiet hours: would refuse it, but only observe; it is permitted from 2100-03-08T07:00:00Z on\n";
    assert!(page.contains(quiet), "{page}");
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

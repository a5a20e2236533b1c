//! E-mail campaigns: what is refused before smSend is asked, and what its answers mean.

use libtest_mimic::Trial;
use prost_types::Timestamp;
use smsmux::api::pb::{
    Attachment, CreateIssueFromTemplateRequest, CreateIssueRequest, CreateMailingListRequest, Issue, MailingList,
    SendIssueRequest, SubscribeContactRequest, SubscribeGroupRequest, UpdateMailingListRequest,
};
use tonic::{Code, Status};
use tonic_types::StatusExt;

use super::campaign::{ACCOUNT, GROUP, THEN, answer, campaigns, issue, mailing_list, new_list};
use crate::support::{Rig, failed};

pub fn tests() -> Vec<Trial> {
    tests![
        every_fault_is_told_at_once_and_nothing_is_asked,
        any_2xx_is_a_yes_and_any_form_of_location_names_what_was_made,
        errors,
    ]
}

async fn every_fault_is_told_at_once_and_nothing_is_asked() {
    let rig = Rig::smsend().await;
    let faults = |status: Status| {
        failed(&status, Code::InvalidArgument, "INVALID_REQUEST");
        let violations = status.get_error_details().bad_request().expect("a BadRequest").field_violations.clone();
        violations.into_iter().map(|v| v.field).collect::<Vec<_>>()
    };
    let (parent, text) = (ACCOUNT.to_owned(), |text: &str| Some(text.to_owned()));
    let mut client = campaigns(&rig);

    let status = client.create_mailing_list(CreateMailingListRequest { parent: parent.clone(), mailing_list: None });
    let fields = [
        "display_name",
        "language_code",
        "sender_email",
        "reply_to_email",
        "company_name",
        "company_address",
        "company_url",
        "company_phone",
        "company_fax",
    ];
    assert_eq!(faults(status.await.expect_err("nine")), fields.map(|field| format!("mailing_list.{field}")));

    let emails = MailingList { sender_email: text("me"), reply_to_email: text("me@"), ..mailing_list() };
    let list = MailingList { state: 1, ..emails.clone() };
    let request = CreateMailingListRequest { parent: parent.clone(), mailing_list: Some(list) };
    let status = client.create_mailing_list(request).await.expect_err("three");
    assert_eq!(faults(status), ["mailing_list.state", "mailing_list.sender_email", "mailing_list.reply_to_email"]);

    let list = MailingList { name: format!("{ACCOUNT}/lists/1"), state: 9, ..emails };
    let status = client.update_mailing_list(UpdateMailingListRequest { mailing_list: Some(list) });
    let fields = ["name", "sender_email", "reply_to_email", "state"];
    assert_eq!(faults(status.await.expect_err("four")), fields.map(|field| format!("mailing_list.{field}")));

    let status = client.subscribe_contact(SubscribeContactRequest { name: parent.clone(), ..Default::default() });
    assert_eq!(faults(status.await.expect_err("two")), ["name", "contact.email"]);

    let group = "accounts/other/groups/7".to_owned();
    let status = client.subscribe_group(SubscribeGroupRequest { name: parent.clone(), group, send_opt_in: true });
    assert_eq!(faults(status.await.expect_err("two")), ["name", "group"]);

    let attachments = vec![Attachment { file_name: String::new(), content: vec![0; (3 << 20) + 1] }];
    let issue = Issue { attachments, ..Issue::default() };
    let status = client.create_issue(CreateIssueRequest { parent: parent.clone(), issue: Some(issue) });
    let fields = ["title", "subject", "text_content", "html_content", "attachments[0].file_name", "attachments"];
    let fields = fields.iter().map(|field| format!("issue.{field}"));
    let expected: Vec<_> = std::iter::once("parent".to_owned()).chain(fields).collect();
    assert_eq!(faults(status.await.expect_err("seven")), expected);

    let request = CreateIssueFromTemplateRequest { parent: parent.clone(), ..Default::default() };
    let status = client.create_issue_from_template(request).await.expect_err("four");
    assert_eq!(faults(status), ["parent", "template_id", "title", "subject"]);

    let status = client.send_issue(SendIssueRequest { name: parent.clone(), ..Default::default() });
    assert_eq!(faults(status.await.expect_err("three")), ["name", "contacts", "schedule_time"]);
    let contacts = vec![format!("{ACCOUNT}/contacts/a"), "accounts/other/contacts/b".to_owned()];
    let schedule_time = Some(Timestamp { seconds: i64::MAX, nanos: 0 });
    let status = client.send_issue(SendIssueRequest { name: parent, contacts, schedule_time });
    assert_eq!(faults(status.await.expect_err("three")), ["name", "contacts[1]", "schedule_time"]);
    assert_eq!(rig.sandbox.requests().len(), 0);
}

async fn any_2xx_is_a_yes_and_any_form_of_location_names_what_was_made() {
    let rig = Rig::smsend().await;
    let list = new_list(&rig).await;
    // The stand-in answers 201 with `/issue/{id}` and with `/list/{l}/issue/{i}`, each of them as the document shows;
    // a 200 without a body is what its tables say of the operations that make nothing.
    rig.fault(&format!("POST /list/1/group/{GROUP}"), answer(200, ""));
    let group = format!("{ACCOUNT}/groups/{GROUP}");
    let request = SubscribeGroupRequest { name: list.clone(), group, send_opt_in: false };
    campaigns(&rig).subscribe_group(request).await.unwrap();

    rig.fault("POST /list/1/issue/2", answer(200, r#"{"result": "OK"}"#));
    let contacts = vec![format!("{ACCOUNT}/contacts/a")];
    let request = SendIssueRequest { name: format!("{list}/issues/2"), contacts, schedule_time: Some(THEN) };
    campaigns(&rig).send_issue(request.clone()).await.unwrap();

    // A 200 that says no is a no, and one that should name what it made and does not leaves it unknown.
    rig.fault("POST /list/1/issue/2", answer(200, r#"{"result": "not now"}"#));
    let status = campaigns(&rig).send_issue(request).await.expect_err("a no");
    assert_eq!(failed(&status, Code::InvalidArgument, "VENDOR_REFUSED")["vendor_message"], "not now");
    rig.fault("POST /list/1/issue", answer(201, ""));
    let request = CreateIssueRequest { parent: list, issue: Some(issue()) };
    let status = campaigns(&rig).create_issue(request).await.expect_err("no name");
    failed(&status, Code::Unknown, "OUTCOME_UNKNOWN");
}

async fn errors() {
    // A token: a session would be renewed after a 401.
    let rig = Rig::with("", "token = 'UK;AT'").await;
    let name = format!("{ACCOUNT}/mailingLists/1/issues/2");
    let contacts = vec![format!("{ACCOUNT}/contacts/a")];
    let send = SendIssueRequest { name, contacts, schedule_time: Some(THEN) };
    for (http, body, code, reason) in [
        (400, r#"{"result": "campaign not active or not found"}"#, Code::InvalidArgument, "VENDOR_REFUSED"),
        (401, r#"{"result": "unauthorized"}"#, Code::FailedPrecondition, "ACCOUNT_CREDENTIAL_REFUSED"),
        (404, r#"{"result": "no such user_key"}"#, Code::FailedPrecondition, "ACCOUNT_CREDENTIAL_REFUSED"),
        (402, r#"{"result": "no credit"}"#, Code::ResourceExhausted, "NO_CREDIT"),
        (418, r#"{"result": "teapot"}"#, Code::InvalidArgument, "VENDOR_REFUSED"),
        // Documented: the issue cannot be sent. Whether some of it was, nobody says.
        (500, r#"{"result": "the issue can't be sent"}"#, Code::Unknown, "OUTCOME_UNKNOWN"),
    ] {
        rig.sandbox.clear_faults();
        rig.fault("POST /list", answer(http, body));
        let metadata = failed(&campaigns(&rig).send_issue(send.clone()).await.expect_err(body), code, reason);
        let word = body.split('"').nth(3).unwrap();
        assert!(metadata["vendor_message"].contains(word), "{metadata:?}");
        assert_eq!(metadata["http_status"], http.to_string());
        let sent = rig.requests("POST /list/1/issue/2").len();
        rig.sandbox.clear_requests();
        assert_eq!(sent, 1, "{http}: nothing repeats it");
    }

    // What the stand-in itself says of an unknown list and of nobody's contact.
    let rig = Rig::smsend().await;
    let list = MailingList { name: format!("{ACCOUNT}/mailingLists/9"), ..mailing_list() };
    let status = campaigns(&rig).update_mailing_list(UpdateMailingListRequest { mailing_list: Some(list) }).await;
    failed(&status.expect_err("unknown"), Code::InvalidArgument, "VENDOR_REFUSED");
}

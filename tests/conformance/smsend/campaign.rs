//! E-mail campaigns: mailing lists, who is on them, and what is sent to them.

use futures::FutureExt;
use prost_types::Timestamp;
use serde_json::json;
use smsmux::api::pb::{
    Attachment, Contact, CreateIssueFromTemplateRequest, CreateIssueRequest, CreateMailingListRequest, Gender, Issue,
    MailingList, MailingListState, SendIssueRequest, SubscribeContactRequest, SubscribeGroupRequest,
    UpdateMailingListRequest, campaign_service_client::CampaignServiceClient,
};
use smsmux_sandbox::Fault;
use tonic::transport::Channel;

use super::{arrived, body};
use crate::{Case, support::Rig};

pub const ACCOUNT: &str = "accounts/smsend";

/// 2017-08-17 12:30:00, the time of the document's example.
pub const THEN: Timestamp = Timestamp { seconds: 1_502_973_000, nanos: 0 };

/// A group that the stand-in has from the start.
pub const GROUP: &str = "AVgroupid00000000001";

pub fn cases() -> Vec<Case> {
    vec![
        Case {
            rpc: "CampaignService/CreateMailingList",
            operations: &["POST /list"],
            run: |rig| create_list(rig).boxed(),
        },
        Case {
            rpc: "CampaignService/UpdateMailingList",
            operations: &["PUT /list/{list_id}"],
            run: |rig| update_list(rig).boxed(),
        },
        Case {
            rpc: "CampaignService/SubscribeContact",
            operations: &["POST /list/{campaign_id}/contact"],
            run: |rig| subscribe_contact(rig).boxed(),
        },
        Case {
            rpc: "CampaignService/SubscribeGroup",
            operations: &["POST /list/{list_id}/group/{group_id}"],
            run: |rig| subscribe_group(rig).boxed(),
        },
        Case {
            rpc: "CampaignService/CreateIssue",
            operations: &["POST /list/{list_id}/issue"],
            run: |rig| create_issue(rig).boxed(),
        },
        Case {
            rpc: "CampaignService/CreateIssueFromTemplate",
            operations: &["POST /list/{campaignId}/issue/template/{template}"],
            run: |rig| create_issue_from_template(rig).boxed(),
        },
        Case {
            rpc: "CampaignService/SendIssue",
            operations: &["POST /list/{campaignId}/issue/{idIssue}"],
            run: |rig| send_issue(rig).boxed(),
        },
    ]
}

pub fn campaigns(rig: &Rig) -> CampaignServiceClient<Channel> {
    CampaignServiceClient::new(rig.channel.clone())
}

/// The document's sample.
pub fn mailing_list() -> MailingList {
    let text = |text: &str| Some(text.to_owned());
    MailingList {
        name: String::new(),
        display_name: text("MyNewList"),
        language_code: text("ita"),
        sender_email: text("ema@il.com"),
        reply_to_email: text("ema@il.com"),
        company_name: text("MyCompany"),
        company_address: text("My Company Address"),
        company_url: text("www.mycompany.com"),
        company_phone: text("+34123456789"),
        company_fax: text("+341234567810"),
        state: 0,
    }
}

fn mailing_list_body() -> serde_json::Value {
    json!({
        "title": "MyNewList",
        "id_language": "ita",
        "email_sender": "ema@il.com",
        "reply_to": "ema@il.com",
        "company_name": "MyCompany",
        "company_address": "My Company Address",
        "company_url": "www.mycompany.com",
        "company_phone": "+34123456789",
        "company_fax": "+341234567810"
    })
}

/// The document's sample, but for its content, which is no base64.
pub fn issue() -> Issue {
    let attachment =
        |name: &str, content: &[u8]| Attachment { file_name: name.to_owned(), content: content.to_owned() };
    Issue {
        name: String::new(),
        title: "New title".to_owned(),
        subject: "Hello world!".to_owned(),
        share_social: false,
        web_analytics: "www.google.it?a=b".to_owned(),
        text_content: "Test email".to_owned(),
        html_content: "<body><table><tr><td>Hello world!</td></tr><table></body>".to_owned(),
        attachments: vec![attachment("attach1.pdf", b"\x00\x10\x00\x0b"), attachment("attach2.pdf", b"<>?")],
    }
}

fn contact() -> Contact {
    Contact {
        email: Some("alessandro.magno@macedonia.com".to_owned()),
        phone_number: Some("+39349123456789".to_owned()),
        ..Contact::default()
    }
}

pub async fn new_list(rig: &Rig) -> String {
    let request = CreateMailingListRequest { parent: ACCOUNT.to_owned(), mailing_list: Some(mailing_list()) };
    campaigns(rig).create_mailing_list(request).await.unwrap().into_inner().mailing_list.unwrap().name
}

async fn new_contact(rig: &Rig, list: &str) -> String {
    let request = SubscribeContactRequest { name: list.to_owned(), contact: Some(contact()), ..Default::default() };
    campaigns(rig).subscribe_contact(request).await.unwrap().into_inner().contact.unwrap().name
}

pub fn answer(code: u16, body: &str) -> Fault {
    Fault::Status { code: code.try_into().unwrap(), retry_after: None, body: Some(body.to_owned()) }
}

async fn create_list(rig: Rig) {
    let mut list = mailing_list();
    list.name = "ignored".to_owned();
    let request = CreateMailingListRequest { parent: ACCOUNT.to_owned(), mailing_list: Some(list) };
    let created = campaigns(&rig).create_mailing_list(request).await.unwrap().into_inner().mailing_list.unwrap();
    assert_eq!(created, MailingList { name: "accounts/smsend/mailingLists/1".to_owned(), ..mailing_list() });
    body(&arrived(&rig, "POST /list", "/list"), &mailing_list_body());
}

async fn update_list(rig: Rig) {
    let name = new_list(&rig).await;
    for (state, status) in
        [(MailingListState::ToBeActivated, 2), (MailingListState::Archived, 1), (MailingListState::Active, 0)]
    {
        rig.sandbox.clear_requests();
        let list = MailingList { name: name.clone(), state: state.into(), ..mailing_list() };
        let request = UpdateMailingListRequest { mailing_list: Some(list.clone()) };
        let updated = campaigns(&rig).update_mailing_list(request).await.unwrap().into_inner();
        assert_eq!(updated.mailing_list, Some(list));
        let mut expected = mailing_list_body();
        expected["status"] = json!(status);
        body(&arrived(&rig, "PUT /list", "/list/1"), &expected);
    }

    // What is absent is not written.
    rig.sandbox.clear_requests();
    let list = MailingList { name, company_fax: Some("+3412".to_owned()), ..MailingList::default() };
    campaigns(&rig).update_mailing_list(UpdateMailingListRequest { mailing_list: Some(list) }).await.unwrap();
    body(&arrived(&rig, "PUT /list", "/list/1"), &json!({"company_fax": "+3412"}));
}

async fn subscribe_contact(rig: Rig) {
    let list = new_list(&rig).await;
    let text = |text: &str| Some(text.to_owned());
    let contact = Contact {
        name: "ignored".to_owned(),
        given_name: text("Alessandro"),
        family_name: text("Magno"),
        gender: Gender::Male.into(),
        fax: text("+390000000000"),
        address: text("via viotta"),
        city: text("Pella"),
        province: text("MK"),
        postal_code: text("00100"),
        birth_date: text("2017-05-11"),
        groups: vec![format!("{ACCOUNT}/groups/{GROUP}")],
        ..contact()
    };
    let request = SubscribeContactRequest { name: list.clone(), contact: Some(contact.clone()), send_opt_in: true };
    let created = campaigns(&rig).subscribe_contact(request).await.unwrap().into_inner().contact.unwrap();
    assert!(created.name.starts_with("accounts/smsend/contacts/"), "{}", created.name);
    assert_eq!(Contact { name: contact.name.clone(), ..created }, contact);
    body(
        &arrived(&rig, "POST /list/1/contact", "/list/1/contact?SendOptIn=true"),
        &json!({
            "email": "alessandro.magno@macedonia.com",
            "phoneNumber": "+39349123456789",
            "name": "Alessandro",
            "surname": "Magno",
            "gender": "m",
            "fax": "+390000000000",
            "address": "via viotta",
            "city": "Pella",
            "province": "MK",
            "zip": "00100",
            "birthdate": "20170511",
            "groupIds": [GROUP]
        }),
    );

    // The document's own example asks for no opt-in. A contact that smSend made and does not name is still made.
    rig.sandbox.clear_requests();
    rig.fault("POST /list/1/contact", answer(201, "\"\""));
    assert_eq!(new_contact(&rig, &list).await, "");
    body(
        &arrived(&rig, "POST /list/1/contact", "/list/1/contact"),
        &json!({"email": "alessandro.magno@macedonia.com", "phoneNumber": "+39349123456789"}),
    );
}

async fn subscribe_group(rig: Rig) {
    let list = new_list(&rig).await;
    let path = format!("/list/1/group/{GROUP}");
    for (send_opt_in, target) in [(false, path.clone()), (true, format!("{path}?sendoptin=true"))] {
        rig.sandbox.clear_requests();
        let group = format!("{ACCOUNT}/groups/{GROUP}");
        let request = SubscribeGroupRequest { name: list.clone(), group, send_opt_in };
        campaigns(&rig).subscribe_group(request).await.unwrap();
        assert!(arrived(&rig, &format!("POST {path}"), &target).body.is_empty());
    }
}

async fn create_issue(rig: Rig) {
    let list = new_list(&rig).await;
    let request =
        CreateIssueRequest { parent: list.clone(), issue: Some(Issue { name: "ignored".to_owned(), ..issue() }) };
    let created = campaigns(&rig).create_issue(request).await.unwrap().into_inner().issue.unwrap();
    let mut expected = Issue { name: format!("{list}/issues/2"), ..issue() };
    expected.attachments.iter_mut().for_each(|attachment| attachment.content.clear());
    assert_eq!(created, expected);
    body(
        &arrived(&rig, "POST /list/1/issue", "/list/1/issue"),
        &json!({
            "title": "New title",
            "subject": "Hello world!",
            "share_social": false,
            "web_analytics": "www.google.it?a=b",
            "text_content": "Test email",
            "html_content": "<body><table><tr><td>Hello world!</td></tr><table></body>",
            "attachments": [
                {"file_name": "attach1.pdf", "file_content_base64": "ABAACw=="},
                {"file_name": "attach2.pdf", "file_content_base64": "PD4/"}
            ]
        }),
    );

    // The smallest there is, with the largest file there may be.
    rig.sandbox.clear_requests();
    let file = Attachment { file_name: "large".to_owned(), content: vec![0; 3 << 20] };
    let small = Issue { share_social: true, web_analytics: String::new(), attachments: vec![file], ..issue() };
    campaigns(&rig).create_issue(CreateIssueRequest { parent: list, issue: Some(small) }).await.unwrap();
    let arrived = arrived(&rig, "POST /list/1/issue", "/list/1/issue").json().unwrap();
    assert_eq!((&arrived["share_social"], arrived.get("web_analytics")), (&json!(true), None));
    assert_eq!(arrived["attachments"][0]["file_content_base64"].as_str().unwrap().len(), 4 << 20);
}

async fn create_issue_from_template(rig: Rig) {
    let list = new_list(&rig).await;
    let request = CreateIssueFromTemplateRequest {
        parent: list.clone(),
        template_id: "1".to_owned(),
        title: "New title".to_owned(),
        subject: "Hello World!!".to_owned(),
    };
    let created = campaigns(&rig).create_issue_from_template(request).await.unwrap().into_inner().issue.unwrap();
    let expected = Issue {
        name: format!("{list}/issues/2"),
        title: "New title".to_owned(),
        subject: "Hello World!!".to_owned(),
        ..Issue::default()
    };
    assert_eq!(created, expected);
    body(
        &arrived(&rig, "POST /list/1/issue/template/1", "/list/1/issue/template/1"),
        &json!({"name": "New title", "subject": "Hello World!!"}),
    );
}

async fn send_issue(rig: Rig) {
    let list = new_list(&rig).await;
    let contacts = vec![new_contact(&rig, &list).await, new_contact(&rig, &list).await];
    let ids: Vec<_> = contacts.iter().map(|name| name.rsplit('/').next().unwrap()).collect();
    let request = CreateIssueRequest { parent: list, issue: Some(issue()) };
    let name = campaigns(&rig).create_issue(request).await.unwrap().into_inner().issue.unwrap().name;
    let request = SendIssueRequest { name, contacts: contacts.clone(), schedule_time: Some(THEN) };
    campaigns(&rig).send_issue(request).await.unwrap();
    body(
        &arrived(&rig, "POST /list/1/issue/2", "/list/1/issue/2"),
        &json!({"contactIds": ids, "scheduleTime": "2017-08-17 12:30:00"}),
    );
}

//! The issues of e-mail lists, created from scratch or from a template.
//!
//! # Guesses
//!
//! - Creating an issue from a template and sending one answer 201: the samples of the document check for it,
//!   its tables have 200. The `Location` of one from a template has the list, that of another has not, as in the
//!   samples.
//! - No operation of the API creates a template. The sandbox has the templates 1 and 2; any other is 500 ("can't be
//!   created").
//! - An issue is sent to contacts on its list, else 400. Sending it to no contact, or again, is 500 ("can't be sent").
//! - Attachments are base64 with or without padding and with any last bits, for the sample's would not decode strictly.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::IntoResponse;
use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use http::StatusCode;
use jiff::civil::DateTime;
use serde::Deserialize;

use super::Smsend;
use super::lists::Lists;
use super::wire::{Answer, Body, Refusal, ensure, located, number};

/// The existing templates.
const TEMPLATES: &[u64] = &[1, 2];

const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

fn add(lists: &mut Lists, list: &str) -> Result<u64, Refusal> {
    lists.get(list)?;
    let id = lists.new_id();
    lists.get(list)?.issues.insert(id, false);
    Ok(id)
}

#[derive(Deserialize)]
pub(super) struct NewIssue {
    title: String,
    subject: String,
    #[serde(rename = "share_social")]
    _share_social: bool,
    #[serde(rename = "web_analytics")]
    _web_analytics: Option<String>,
    text_content: String,
    html_content: String,
    attachments: Vec<Attachment>,
}

#[derive(Deserialize)]
struct Attachment {
    file_name: String,
    file_content_base64: String,
}

pub(super) async fn create(
    State(smsend): State<Arc<Smsend>>,
    Path(id): Path<String>,
    Body(body): Body<NewIssue>,
) -> Answer {
    for (name, value) in [
        ("title", &body.title),
        ("subject", &body.subject),
        ("text_content", &body.text_content),
        ("html_content", &body.html_content),
    ] {
        ensure(!value.is_empty(), || format!("{name} is empty"))?;
    }
    for attachment in &body.attachments {
        ensure(!attachment.file_name.is_empty(), || "file_name is empty".to_owned())?;
        let readable = BASE64.decode(&attachment.file_content_base64).is_ok();
        ensure(readable, || format!("{} is not base64", attachment.file_name))?;
    }
    let issue = add(&mut smsend.state().lists, &id)?;
    located(StatusCode::CREATED, format!("/issue/{issue}"))
}

#[derive(Deserialize)]
pub(super) struct IssueFromTemplate {
    name: String,
    subject: String,
}

pub(super) async fn create_from_template(
    State(smsend): State<Arc<Smsend>>,
    Path((id, template)): Path<(String, String)>,
    Body(body): Body<IssueFromTemplate>,
) -> Answer {
    ensure(!body.name.is_empty() && !body.subject.is_empty(), || "name and subject are required".to_owned())?;
    let lists = &mut smsend.state().lists;
    lists.get(&id)?;
    if !TEMPLATES.contains(&number(&template, "template")?) {
        return Err(Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, "the issue can't be created"));
    }
    let issue = add(lists, &id)?;
    located(StatusCode::CREATED, format!("/list/{id}/issue/{issue}"))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Sending {
    contact_ids: Vec<String>,
    schedule_time: String,
}

pub(super) async fn send(
    State(smsend): State<Arc<Smsend>>,
    Path((id, issue)): Path<(String, String)>,
    Body(body): Body<Sending>,
) -> Answer {
    // The length check ensures that every part has all its digits.
    let good_time =
        body.schedule_time.len() == 19 && DateTime::strptime("%Y-%m-%d %H:%M:%S", &body.schedule_time).is_ok();
    ensure(good_time, || "scheduleTime must be yyyy-MM-dd hh:mm:ss".to_owned())?;
    let issue = number(&issue, "idIssue")?;
    let mut state = smsend.state();
    let list = state.lists.get(&id)?;
    let stranger = body.contact_ids.iter().find(|contact| !list.contacts.contains(*contact));
    ensure(stranger.is_none(), || format!("contact {} is not on the list", stranger.map_or("", String::as_str)))?;
    let sent = list.issues.get_mut(&issue).ok_or_else(|| Refusal::bad("issue not found"))?;
    if body.contact_ids.is_empty() || *sent {
        return Err(Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, "the issue can't be sent"));
    }
    *sent = true;
    Ok(StatusCode::CREATED.into_response())
}

#[cfg(test)]
mod tests {
    use super::super::lists::tests::list;
    use super::super::testing::Client;
    use serde_json::{Value, json};

    fn issue() -> Value {
        json!({
            "title": "New title", "subject": "Hello world!", "share_social": false, "web_analytics": "a=b",
            "text_content": "Test email", "html_content": "<body></body>",
            "attachments": [{"file_name": "attach1.pdf", "file_content_base64": "ABAAC2"}],
        })
    }

    #[tokio::test]
    async fn an_issue_goes_to_those_on_its_list() {
        let client = Client::new().await;
        client.post("/list", &list()).await;
        let person = json!({"email": "a@example.com"});
        let (_, place) = client.make("POST", "/list/1/contact", &person).await;
        let contact = place.strip_prefix("/contact/").unwrap();
        let (status, issue_place) = client.make("POST", "/list/1/issue", &issue()).await;
        assert_eq!((status, issue_place.as_str()), (201, "/issue/2"));
        let sending = |contacts: Value| json!({"contactIds": contacts, "scheduleTime": "2030-01-02 03:04:05"});
        for (contacts, expected) in
            [(json!([]), 500), (json!(["stranger"]), 400), (json!([contact]), 201), (json!([contact]), 500)]
        {
            let (status, _) = client.post("/list/1/issue/2", &sending(contacts.clone())).await;
            assert_eq!(status, expected, "{contacts}");
        }
        let wrong = json!({"contactIds": [contact], "scheduleTime": "20300102030405"});
        assert_eq!(client.post("/list/1/issue/2", &wrong).await.0, 400);
        assert_eq!(client.post("/list/1/issue/9", &sending(json!([contact]))).await.0, 400);
    }

    #[tokio::test]
    async fn a_template_makes_an_issue() {
        let client = Client::new().await;
        client.post("/list", &list()).await;
        let body = json!({"name": "New title", "subject": "Hello"});
        let (status, place) = client.make("POST", "/list/1/issue/template/1", &body).await;
        assert_eq!((status, place.as_str()), (201, "/list/1/issue/2"));
        assert_eq!(client.post("/list/1/issue/template/3", &body).await.0, 500);
        assert_eq!(client.post("/list/2/issue/template/1", &body).await.0, 400);
    }

    #[tokio::test]
    async fn attachments_may_be_large() {
        let client = Client::new().await;
        client.post("/list", &list()).await;
        let mut body = issue();
        body["attachments"][0]["file_content_base64"] = json!("A".repeat(3_000_000));
        assert_eq!(client.post("/list/1/issue", &body).await.0, 201);
    }

    #[tokio::test]
    async fn a_wrong_issue_is_refused() {
        let client = Client::new().await;
        client.post("/list", &list()).await;
        for (field, value) in [
            ("title", json!("")),
            ("share_social", json!("no")),
            ("attachments", json!(null)),
            ("attachments", json!([{"file_name": "a", "file_content_base64": "?"}])),
            ("attachments", json!([{"file_name": "", "file_content_base64": "QQ=="}])),
        ] {
            let mut body = issue();
            body[field] = value;
            assert_eq!(client.post("/list/1/issue", &body).await.0, 400, "{body}");
        }
    }
}

//! E-mail campaigns: mailing lists and their issues.

use base64::{Engine, engine::general_purpose::STANDARD};
use prost_types::Timestamp;
use serde::{Serialize, Serializer};

/// A mailing list: `POST /list`, `PUT /list/{list_id}`.
#[derive(Debug, Serialize)]
pub(crate) struct List<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) title: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) id_language: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) email_sender: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reply_to: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) company_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) company_address: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) company_url: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) company_phone: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) company_fax: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) status: Option<u8>,
}

/// A draft: `POST /list/{list_id}/issue`.
#[derive(Debug, Serialize)]
pub(crate) struct Issue<'a> {
    pub(crate) title: &'a str,
    pub(crate) subject: &'a str,
    pub(crate) share_social: bool,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub(crate) web_analytics: &'a str,
    pub(crate) text_content: &'a str,
    pub(crate) html_content: &'a str,
    pub(crate) attachments: Vec<Attachment<'a>>,
}

/// A file of a draft.
#[derive(Debug, Serialize)]
pub(crate) struct Attachment<'a> {
    pub(crate) file_name: &'a str,
    #[serde(rename = "file_content_base64", serialize_with = "base64")]
    pub(crate) content: &'a [u8],
}

fn base64<S: Serializer>(content: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&STANDARD.encode(content))
}

/// A draft by a template: `POST /list/{campaignId}/issue/template/{template}`.
#[derive(Debug, Serialize)]
pub(crate) struct IssueFromTemplate<'a> {
    #[serde(rename = "name")]
    pub(crate) title: &'a str,
    pub(crate) subject: &'a str,
}

/// When a draft is sent, and to whom: `POST /list/{campaignId}/issue/{idIssue}`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Sending {
    pub(crate) contact_ids: Vec<String>,
    pub(crate) schedule_time: String,
}

/// Returns a time in the form of a sending, which differs from all other operations.
pub(crate) fn schedule_time(time: &Timestamp, zone: &jiff::tz::TimeZone) -> Option<String> {
    super::schedule_text(time, zone, "%Y-%m-%d %H:%M:%S")
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;
    use serde_json::json;

    use super::*;

    #[test]
    fn a_draft_has_the_form_of_the_document_s_example() {
        let issue = Issue {
            title: "New title",
            subject: "Hello world!",
            share_social: false,
            web_analytics: "www.google.it?a=b",
            text_content: "Test email",
            html_content: "<body></body>",
            attachments: vec![Attachment { file_name: "attach1.pdf", content: b"\x00\x10\x00\x0b\xff" }],
        };
        assert_eq!(
            serde_json::to_value(&issue).expect("JSON"),
            json!({
                "title": "New title",
                "subject": "Hello world!",
                "share_social": false,
                "web_analytics": "www.google.it?a=b",
                "text_content": "Test email",
                "html_content": "<body></body>",
                "attachments": [{"file_name": "attach1.pdf", "file_content_base64": "ABAAC/8="}]
            })
        );
    }

    #[test]
    fn a_sending_has_the_form_of_the_document_s_example() {
        let rome = TimeZone::get("Europe/Rome").expect("a zone");
        let time = Timestamp { seconds: 1_502_965_800, nanos: 0 };
        let sending = Sending {
            contact_ids: vec!["AV3vrSlPuGYfQz6BgjeI".to_owned(), "BVvrSlPuGYfQz6BgjeI".to_owned()],
            schedule_time: schedule_time(&time, &rome).expect("a time"),
        };
        assert_eq!(
            serde_json::to_value(&sending).expect("JSON"),
            json!({
                "contactIds": ["AV3vrSlPuGYfQz6BgjeI", "BVvrSlPuGYfQz6BgjeI"],
                "scheduleTime": "2017-08-17 12:30:00"
            })
        );
    }
}

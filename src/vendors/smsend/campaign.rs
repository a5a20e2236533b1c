//! CampaignService at smSend.

use async_trait::async_trait;

use super::{
    NotFound, SmSend,
    wire::{
        self,
        campaign::{Attachment, Issue, IssueFromTemplate, List, Sending},
    },
};
use crate::{
    api::{
        CampaignService,
        pb::{
            self, CreateIssueFromTemplateRequest, CreateIssueFromTemplateResponse, CreateIssueRequest,
            CreateIssueResponse, CreateMailingListRequest, CreateMailingListResponse, MailingList, MailingListState,
            SendIssueRequest, SendIssueResponse, SubscribeContactRequest, SubscribeContactResponse,
            SubscribeGroupRequest, SubscribeGroupResponse, UpdateMailingListRequest, UpdateMailingListResponse,
        },
    },
    call::Call,
    error::Error,
    request::{check::Check, names},
    vendors::kit::Request,
};

const MAILING_LIST: &str = "accounts/*/mailingLists/*";
const ISSUE: &str = "accounts/*/mailingLists/*/issues/*";

/// The maximum size of an issue's files together. Base64 adds a third.
const MAX_ATTACHMENTS: usize = 3 << 20;

#[async_trait]
impl CampaignService for SmSend {
    async fn create_mailing_list(
        &self,
        call: &Call,
        request: CreateMailingListRequest,
    ) -> Result<CreateMailingListResponse, Error> {
        let CreateMailingListRequest { parent, mailing_list } = request;
        let mut list = mailing_list.unwrap_or_default();
        let mut check = Check::new();
        check.account(&parent, "parent");
        check.that(list.state == 0, "mailing_list.state", "only UpdateMailingList can set it");
        let body = list_body(&mut check, &list);
        for (value, field) in [
            (body.title, "mailing_list.display_name"),
            (body.id_language, "mailing_list.language_code"),
            (body.email_sender, "mailing_list.sender_email"),
            (body.reply_to, "mailing_list.reply_to_email"),
            (body.company_name, "mailing_list.company_name"),
            (body.company_address, "mailing_list.company_address"),
            (body.company_url, "mailing_list.company_url"),
            (body.company_phone, "mailing_list.company_phone"),
            (body.company_fax, "mailing_list.company_fax"),
        ] {
            check.required(value.unwrap_or_default(), field);
        }
        check.done()?;
        let id = self.ask(call, Request::new("POST /list").json(&body)?, NotFound::Credential).await?.location_id()?;
        list.name = names::child(&self.name, "mailingLists", &id);
        Ok(CreateMailingListResponse { mailing_list: Some(list) })
    }

    async fn update_mailing_list(
        &self,
        call: &Call,
        request: UpdateMailingListRequest,
    ) -> Result<UpdateMailingListResponse, Error> {
        let UpdateMailingListRequest { mailing_list } = request;
        let list = mailing_list.unwrap_or_default();
        let mut check = Check::new();
        let id = check.id(&list.name, MAILING_LIST, "mailing_list.name");
        let body = list_body(&mut check, &list);
        check.done()?;
        self.ask(call, Request::new("PUT /list/{list_id}").id(&id).json(&body)?, NotFound::Credential).await?;
        Ok(UpdateMailingListResponse { mailing_list: Some(list) })
    }

    async fn subscribe_contact(
        &self,
        call: &Call,
        request: SubscribeContactRequest,
    ) -> Result<SubscribeContactResponse, Error> {
        let SubscribeContactRequest { name, contact, send_opt_in } = request;
        let mut contact = contact.unwrap_or_default();
        let mut check = Check::new();
        let list = check.id(&name, MAILING_LIST, "name");
        let body = self.new_contact(&mut check, &contact);
        check.done()?;
        let request = Request::new("POST /list/{campaign_id}/contact").id(&list).json(&body)?;
        let reply = self.ask(call, opt_in(request, "SendOptIn", send_opt_in), NotFound::Credential).await?;
        // The contact exists, even if the answer lacks its name.
        contact.name =
            reply.location_id().map_or_else(|_| String::new(), |id| names::child(&self.name, "contacts", &id));
        Ok(SubscribeContactResponse { contact: Some(contact) })
    }

    async fn subscribe_group(
        &self,
        call: &Call,
        request: SubscribeGroupRequest,
    ) -> Result<SubscribeGroupResponse, Error> {
        let SubscribeGroupRequest { name, group, send_opt_in } = request;
        let mut check = Check::new();
        let list = check.id(&name, MAILING_LIST, "name");
        let group = check.id_in(&group, &self.name, "groups", "group");
        check.done()?;
        let request = Request::new("POST /list/{list_id}/group/{group_id}").id(&list).id(&group);
        self.ask(call, opt_in(request, "sendoptin", send_opt_in), NotFound::Credential).await?;
        Ok(SubscribeGroupResponse {})
    }

    async fn create_issue(&self, call: &Call, request: CreateIssueRequest) -> Result<CreateIssueResponse, Error> {
        let CreateIssueRequest { parent, issue } = request;
        let issue = issue.unwrap_or_default();
        let pb::Issue { name: _, title, subject, share_social, web_analytics, text_content, html_content, attachments } =
            &issue;
        let mut check = Check::new();
        let list = check.id(&parent, MAILING_LIST, "parent");
        check.required(title, "issue.title");
        check.required(subject, "issue.subject");
        check.required(text_content, "issue.text_content");
        check.required(html_content, "issue.html_content");
        for (i, pb::Attachment { file_name, content: _ }) in attachments.iter().enumerate() {
            check.required(file_name, &format!("issue.attachments[{i}].file_name"));
        }
        let bytes = attachments.iter().map(|a| a.content.len()).sum::<usize>();
        let text = format!("are {bytes} bytes together; at most {MAX_ATTACHMENTS} are allowed");
        check.that(bytes <= MAX_ATTACHMENTS, "issue.attachments", text);
        check.done()?;
        let attachments =
            attachments.iter().map(|a| Attachment { file_name: &a.file_name, content: &a.content }).collect();
        let share_social = *share_social;
        let body = Issue { title, subject, share_social, web_analytics, text_content, html_content, attachments };
        let request = Request::new("POST /list/{list_id}/issue").id(&list).json(&body)?;
        let id = self.ask(call, request, NotFound::Credential).await?.location_id()?;
        let attachments = issue.attachments.into_iter().map(|a| pb::Attachment { content: Vec::new(), ..a }).collect();
        let issue = pb::Issue { name: names::child(&parent, "issues", &id), attachments, ..issue };
        Ok(CreateIssueResponse { issue: Some(issue) })
    }

    async fn create_issue_from_template(
        &self,
        call: &Call,
        request: CreateIssueFromTemplateRequest,
    ) -> Result<CreateIssueFromTemplateResponse, Error> {
        let CreateIssueFromTemplateRequest { parent, template_id, title, subject } = request;
        let mut check = Check::new();
        let list = check.id(&parent, MAILING_LIST, "parent");
        check.required(&template_id, "template_id");
        check.that(template_id != "." && template_id != "..", "template_id", "invalid id");
        check.required(&title, "title");
        check.required(&subject, "subject");
        check.done()?;
        let body = IssueFromTemplate { title: &title, subject: &subject };
        let request = Request::new("POST /list/{campaignId}/issue/template/{template}").id(&list).id(&template_id);
        let id = self.ask(call, request.json(&body)?, NotFound::Credential).await?.location_id()?;
        let issue = pb::Issue { name: names::child(&parent, "issues", &id), title, subject, ..pb::Issue::default() };
        Ok(CreateIssueFromTemplateResponse { issue: Some(issue) })
    }

    async fn send_issue(&self, call: &Call, request: SendIssueRequest) -> Result<SendIssueResponse, Error> {
        let SendIssueRequest { name, contacts, schedule_time } = request;
        let mut check = Check::new();
        let [_, list, issue] = check.take(names::ids::<3>(&name, ISSUE, "name"));
        check.that(!contacts.is_empty(), "contacts", "at least one is required");
        let contact_ids = contacts.iter().enumerate();
        let contact_ids =
            contact_ids.map(|(i, name)| check.id_in(name, &self.name, "contacts", &format!("contacts[{i}]"))).collect();
        let schedule_time = schedule_time.map(|time| wire::campaign::schedule_time(&time, &self.time_zone));
        check.that(schedule_time.is_some(), "schedule_time", "is required");
        check.that(schedule_time != Some(None), "schedule_time", wire::SCHEDULE);
        check.done()?;
        let body = Sending { contact_ids, schedule_time: schedule_time.flatten().unwrap_or_default() };
        let request = Request::new("POST /list/{campaignId}/issue/{idIssue}").id(&list).id(&issue).json(&body)?;
        self.ask(call, request, NotFound::Credential).await?;
        Ok(SendIssueResponse {})
    }
}

/// Requests opt-in e-mails: each of two operations has its own spelling of the parameter; the default is no.
fn opt_in(request: Request, key: &str, send: bool) -> Request {
    if send { request.query(key, "true") } else { request }
}

/// Checks a mailing list, and returns its JSON.
fn list_body<'a>(check: &mut Check, list: &'a MailingList) -> List<'a> {
    let MailingList {
        name: _,
        display_name,
        language_code,
        sender_email,
        reply_to_email,
        company_name,
        company_address,
        company_url,
        company_phone,
        company_fax,
        state,
    } = list;
    for (email, field) in [(sender_email, "mailing_list.sender_email"), (reply_to_email, "mailing_list.reply_to_email")]
    {
        if let Some(email) = email.as_deref().filter(|email| !email.is_empty()) {
            check.email(email, field);
        }
    }
    let status = match MailingListState::try_from(*state) {
        Ok(MailingListState::Unspecified) => None,
        Ok(MailingListState::Active) => Some(0),
        Ok(MailingListState::Archived) => Some(1),
        Ok(MailingListState::ToBeActivated) => Some(2),
        Err(_) => {
            check.fault("mailing_list.state", "unknown value");
            None
        }
    };
    List {
        title: display_name.as_deref(),
        id_language: language_code.as_deref(),
        email_sender: sender_email.as_deref(),
        reply_to: reply_to_email.as_deref(),
        company_name: company_name.as_deref(),
        company_address: company_address.as_deref(),
        company_url: company_url.as_deref(),
        company_phone: company_phone.as_deref(),
        company_fax: company_fax.as_deref(),
        status,
    }
}

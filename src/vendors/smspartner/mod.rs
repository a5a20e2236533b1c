//! SMSPartner (`api.smspartner.fr/v1`), after its document `004_48a65ac417e770c0.txt`, which has one operation: a number
//! is taken off the stop list.
//!
//! | file | what |
//! |---|---|
//! | `mod.rs` | how calls are authenticated and judged; StopListService |
//! | `wire.rs` | the verdict, which is in the body |
//!
//! The head of the document's page says `POST .../add`; all of its samples say `GET .../delete`, and so do the vendor's
//! newer pages and we. One sample prints an `http://` address; the others say `https://`, and so do we: the key is in the
//! query.

mod wire;

use std::sync::Arc;

use http::{HeaderValue, header};
use secrecy::SecretString;
use tonic::{Request, Response, Status};

use self::wire::Verdict;
use super::Vendor;
use crate::{
    check::Check,
    config::{Account, Problems, Secret},
    credential::Credential,
    error::{Error, Reason},
    http::{Call, Effect, Http, Reply},
    pb::{
        DeleteStopListEntryRequest, DeleteStopListEntryResponse, account_service_server::AccountService,
        alias_service_server::AliasService, auth_service_server::AuthService, campaign_service_server::CampaignService,
        contact_service_server::ContactService, group_service_server::GroupService, inbox_service_server::InboxService,
        message_service_server::MessageService, number_service_server::NumberService,
        stop_list_service_server::StopListService, subaccount_service_server::SubaccountService,
    },
};

/// The documented address.
const BASE_URL: &str = "https://api.smspartner.fr/v1";

/// One account at SMSPartner.
#[derive(Debug)]
pub struct SmsPartner {
    http: Http,
    api_key: SecretString,
}

/// Reads an account's keys: `api_key`, and those of every account.
pub fn connect(account: &mut Account, problems: &mut Problems) -> Option<Arc<dyn Vendor>> {
    let http = super::http(account, BASE_URL, problems);
    let api_key = account.keys.required::<Secret>("api_key", problems).map(Secret::into_inner);
    Some(Arc::new(SmsPartner { http: http?, api_key: api_key? }))
}

#[tonic::async_trait]
impl StopListService for SmsPartner {
    async fn delete_stop_list_entry(
        &self,
        request: Request<DeleteStopListEntryRequest>,
    ) -> Result<Response<DeleteStopListEntryResponse>, Status> {
        let (_, extensions, DeleteStopListEntryRequest { name }) = request.into_parts();
        let mut check = Check::new();
        let id = check.id(&name, "accounts/*/stopListEntries/*", "name");
        check.done()?;
        let credential = Credential::of(&extensions, &self.api_key);
        let call = changing_get("GET /stop-sms/delete").secret_query("apiKey", credential.secret).query("id", id);
        let reply = self.http.send(&call).await?;
        judge(&reply, credential)?;
        Ok(Response::new(DeleteStopListEntryResponse {}))
    }
}

/// A GET that changes something: it is not repeated, and no cache may answer it or keep it.
fn changing_get(operation: &'static str) -> Call {
    Call::new(operation)
        .effect_is(Effect::Write)
        .header(header::CACHE_CONTROL, HeaderValue::from_static("no-cache, no-store"))
}

/// Reads the verdict: the body has it, whatever the HTTP status. SMSPartner is believed when all that it says agrees.
fn judge(reply: &Reply, credential: Credential<'_>) -> Result<(), Error> {
    let Verdict { success, code, message } = Verdict::read(reply.body()).unwrap_or_default();
    let yes = success == Some(true) || code == Some(wire::OK);
    let no = success == Some(false) || code.is_some_and(|code| code != wire::OK) || !reply.status().is_success();
    match (yes, no) {
        (true, false) => Ok(()),
        (false, true) => {
            let (reason, text) = meaning(code, credential);
            let error = reply.refused(reason, text, &message.unwrap_or_else(|| reply.excerpt()));
            Err(match code {
                Some(code) => error.vendor_code(code.to_string()),
                None => error,
            })
        }
        (true, true) => Err(reply.unreadable("its verdict contradicts itself")),
        (false, false) => Err(reply.unreadable("it has no verdict")),
    }
}

/// What a code means on the stop list: other operations use the same numbers for other things.
fn meaning(code: Option<i64>, credential: Credential<'_>) -> (Reason, &'static str) {
    match code {
        Some(1 | 10) => credential.refused(),
        Some(4) => (Reason::ResourceNotFound, "the stop list has no entry of this id"),
        // Those that concern the account as a whole are in the vendor's newer pages.
        Some(11) => (Reason::NoCredit, "the SMSPartner account has no credit left"),
        Some(20 | 30) => (Reason::VendorDenied, "the SMSPartner account is disabled or blocked"),
        Some(40) => (Reason::VendorDenied, "the SMSPartner account may not use the API"),
        Some(96) => (Reason::VendorDenied, "SMSPartner does not permit the address that smsmux calls from"),
        _ => (Reason::VendorRefused, "SMSPartner refused the request; vendor_message has its words"),
    }
}

impl AuthService for SmsPartner {}
impl AccountService for SmsPartner {}
impl ContactService for SmsPartner {}
impl GroupService for SmsPartner {}
impl AliasService for SmsPartner {}
impl MessageService for SmsPartner {}
impl InboxService for SmsPartner {}
impl CampaignService for SmsPartner {}
impl SubaccountService for SmsPartner {}
impl NumberService for SmsPartner {}

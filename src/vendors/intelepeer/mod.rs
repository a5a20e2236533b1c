//! IntelePeer (`api.intelepeer.com`, SMS API v1), after its document: SMS on long codes, and the webhook of received
//! ones; and, after the vendor's other pages of the same version, messages.
//!
//! Every call has a bearer token: the account's `token`, or one that the caller sends in `smsmux-credential`, exactly
//! as the vendor issued it. Tokens obtained with a password expire after 24 hours, others at the time chosen in the
//! vendor's portal; in both cases the owner must obtain a new one.
//!
//! The document's samples call the webhook instead of the provisioning, declare JSON bodies that they do not send, and
//! send empty ones where none is required. Authoritative is its text: its paths, and a body for the webhook alone.
//!
//! `docs/vendors/intelepeer.md` has the facts, their sources and what is guessed.

#[cfg(feature = "fuzzing")]
pub(super) mod fuzzing;
mod message;
mod signature;
mod webhook;
mod wire;

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use secrecy::SecretString;

use crate::{
    api::{
        NumberService, Vendor, offers,
        pb::{
            DeprovisionNumberRequest, DeprovisionNumberResponse, GetNumberProvisioningRequest,
            GetNumberProvisioningResponse, GetNumberWebhookRequest, GetNumberWebhookResponse, Number,
            ProvisionNumberRequest, ProvisionNumberResponse, SetNumberWebhookRequest, SetNumberWebhookResponse,
        },
    },
    call::{Call, Credential},
    config::{AccountConfig, Problems, Secret},
    error::{Error, Reason},
    request::{check::Check, names},
    vendors::kit::{Client, Paces, Refusals, Reply, Request},
};

/// The documented address.
const BASE_URL: &str = "https://api.intelepeer.com";

/// The statuses by which IntelePeer rejects: those of its documents. 403 is for a send.
const REFUSALS: Refusals = Refusals::of(&[
    (400, Reason::VendorRefused, "IntelePeer rejected the request; vendor_message may have the reason"),
    (401, Reason::AccountCredentialRefused, ""),
    (403, Reason::VendorDenied, "IntelePeer does not permit this to the credential"),
    (404, Reason::ResourceNotFound, "the number is not available to this account at IntelePeer"),
    (409, Reason::StateConflict, "the number is being enabled or disabled: GetNumberProvisioning returns its progress"),
]);

/// One account at IntelePeer.
#[derive(Debug)]
pub struct IntelePeer {
    /// `accounts/us`.
    name: String,
    http: Client,
    token: SecretString,
    /// When each number may send its next message.
    turns: Paces,
    /// The maximum number of requests of one send in flight.
    parallel_requests: usize,
    /// What proves that a push comes from the vendor.
    proof: webhook::Proof,
    /// The numbers whose webhook is registered.
    webhook_numbers: Vec<String>,
}

offers!(IntelePeer {
    MessageService { SendMessage, GetMessage },
    NumberService { ProvisionNumber, DeprovisionNumber, GetNumberProvisioning, SetNumberWebhook, GetNumberWebhook },
}, pushes: Webhook, shows: http);

/// Reads an account's keys: `token`, `message_interval`, `parallel_requests`, those of its pushes and those of every
/// account.
pub fn connect(account: &mut AccountConfig, problems: &mut Problems) -> Option<Arc<dyn Vendor>> {
    let http = super::client(account, BASE_URL, &REFUSALS, problems);
    let token = account.keys.required::<Secret>("token", problems);
    // Carriers limit a long code to one message in this interval.
    let interval = account.keys.span_or_zero("message_interval", Duration::from_secs(2), problems);
    // More would wait for the turns of one number.
    let parallel_requests = super::kit::batch::parallel_requests(account, 1, problems);
    let (proof, webhook_numbers) = (webhook::Proof::read(account, problems), webhook::numbers(account, problems));
    let (name, http, token) = (format!("accounts/{}", account.id), http?, token?.into_inner());
    let turns = Paces::new(&name, interval, http.budgets().clone());
    Some(Arc::new(IntelePeer { name, http, token, turns, parallel_requests, proof, webhook_numbers }))
}

#[async_trait]
impl NumberService for IntelePeer {
    async fn provision_number(
        &self,
        call: &Call,
        request: ProvisionNumberRequest,
    ) -> Result<ProvisionNumberResponse, Error> {
        let ProvisionNumberRequest { name } = request;
        let mut check = Check::new();
        let number = phone_number(&mut check, &name);
        check.done()?;
        let request = Request::new("POST /sms/v1/{tn}/provision").id(&number);
        self.change(call, &number, request).await?;
        Ok(ProvisionNumberResponse {})
    }

    async fn deprovision_number(
        &self,
        call: &Call,
        request: DeprovisionNumberRequest,
    ) -> Result<DeprovisionNumberResponse, Error> {
        let DeprovisionNumberRequest { name } = request;
        let mut check = Check::new();
        let number = phone_number(&mut check, &name);
        check.done()?;
        let request = Request::new("DELETE /sms/v1/{tn}/provision").id(&number);
        self.change(call, &number, request).await?;
        Ok(DeprovisionNumberResponse {})
    }

    async fn get_number_provisioning(
        &self,
        call: &Call,
        request: GetNumberProvisioningRequest,
    ) -> Result<GetNumberProvisioningResponse, Error> {
        let GetNumberProvisioningRequest { name } = request;
        let number = self.read(call, &name, Request::new("GET /sms/v1/{tn}/provision")).await?;
        Ok(GetNumberProvisioningResponse { number: Some(number) })
    }

    async fn set_number_webhook(
        &self,
        call: &Call,
        request: SetNumberWebhookRequest,
    ) -> Result<SetNumberWebhookResponse, Error> {
        let SetNumberWebhookRequest { name, webhook_url } = request;
        let mut check = Check::new();
        let number = phone_number(&mut check, &name);
        check.http_url(&webhook_url, "webhook_url");
        check.done()?;
        let body = wire::Webhook { webhook: &webhook_url };
        let request = Request::new("POST /sms/v1/{tn}/webhook").id(&number).json(&body)?;
        self.change(call, &number, request).await?;
        Ok(SetNumberWebhookResponse {})
    }

    async fn get_number_webhook(
        &self,
        call: &Call,
        request: GetNumberWebhookRequest,
    ) -> Result<GetNumberWebhookResponse, Error> {
        let GetNumberWebhookRequest { name } = request;
        let number = self.read(call, &name, Request::new("GET /sms/v1/{tn}/webhook")).await?;
        Ok(GetNumberWebhookResponse { number: Some(number) })
    }
}

/// Returns the `{tn}` of a number's name.
fn phone_number(check: &mut Check, name: &str) -> String {
    let number = check.id(name, "accounts/*/numbers/*", "name");
    if !number.is_empty() {
        check.phone_number(&number, || "name".to_owned());
    }
    number
}

impl IntelePeer {
    /// Reads the state of a number.
    async fn read(&self, call: &Call, name: &str, request: Request) -> Result<Number, Error> {
        let mut check = Check::new();
        let number = phone_number(&mut check, name);
        check.done()?;
        let reply = self.exchange(call, request.id(&number)).await?;
        let info = reply.object::<wire::NumberInfo>()?;
        Ok(info.into_number(self.name_of(&number), number))
    }

    /// Changes a number's settings. If the outcome is unknown, the number's name is what to look up. The body of an
    /// acceptance is not documented, so only its form is checked, to reject a proxy's page.
    async fn change(&self, call: &Call, number: &str, request: Request) -> Result<(), Error> {
        let name = self.name_of(number);
        call.set_resource(|| name.clone());
        match self.exchange(call, request).await.and_then(|reply| reply.acknowledged()) {
            Ok(()) => Ok(()),
            Err(e) if e.reason() == Reason::OutcomeUnknown => Err(e.resource(name)),
            Err(e) => Err(e),
        }
    }

    fn name_of(&self, number: &str) -> String {
        names::child(&self.name, "numbers", number)
    }

    /// Makes a call. Only IntelePeer's acceptance is returned; everything else is an error.
    async fn exchange(&self, call: &Call, request: Request) -> Result<Reply, Error> {
        let credential = Credential::of(call, &self.token)?;
        let reply = self.http.send(call, &request.bearer(credential.secret)).await?;
        self.http.note(call, REFUSALS.judge(reply, credential.refused(), |reply| reply.words(wire::WORDS)))
    }
}

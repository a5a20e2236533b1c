//! MessageService at LOX24.
//!
//! LOX24 takes one number in a request and makes the id itself. So a send to many is many requests, and what became of one
//! whose reply was lost cannot be asked: `callback_data` would find it only if the caller's reference were unique.

use tonic::{Extensions, Request, Response, Status};

use super::{CALLBACK_DATA, Lox24, wire};
use crate::{
    check::Check,
    error::Error,
    gsm,
    http::Call,
    pb::{
        Encoding, GetMessageRequest, GetMessageResponse, Message, Quality, SendMessageRequest, SendMessageResponse,
        message_service_server::MessageService, send_message_request::VendorOptions,
    },
    vendors::submissions,
};

/// The most recipients of one send: each is a request of its own, and all must be answered within one call's time, in an
/// answer of at most the 4 MiB that most clients take.
const MAX_RECIPIENTS: usize = 500;

/// How many of those requests are on their way at a time.
const AT_ONCE: usize = 8;

/// The most characters of a text.
const GSM_TEXT: usize = 1530;
const UNICODE_TEXT: usize = 670;

/// The last second of the year 9999.
const LAST: i64 = 253_402_300_799;

#[tonic::async_trait]
impl MessageService for Lox24 {
    async fn send_message(
        &self,
        request: Request<SendMessageRequest>,
    ) -> Result<Response<SendMessageResponse>, Status> {
        let (_, extensions, request) = request.into_parts();
        let SendMessageRequest {
            parent,
            recipients,
            text,
            sender,
            quality,
            encoding,
            schedule_time,
            message_id,
            reference,
            vendor_options,
        } = request;
        let mut check = Check::new();
        check.account(&parent, "parent");
        check.recipients(&recipients, MAX_RECIPIENTS);
        check.required(&text, "text");
        let is_unicode = is_unicode(&mut check, encoding, &text);
        check.at_most(&text, if is_unicode { UNICODE_TEXT } else { GSM_TEXT }, "text");
        check.required(&sender, "sender");
        check.sender(&sender, "sender");
        let service_code = service_code(&mut check, quality);
        let delivery_at = schedule_time.map(|time| time.seconds);
        // 0 is "now" to LOX24.
        let right = delivery_at.is_none_or(|seconds| (1..=LAST).contains(&seconds));
        check.that(right, "schedule_time", "must lie between the years 1970 and 9999");
        check.that(message_id.is_empty(), "message_id", "is not supported by LOX24, which makes its own; reference is");
        check.at_most(&reference, CALLBACK_DATA, "reference");
        match vendor_options {
            None => {}
            Some(VendorOptions::Smsend(_)) => check.fault("smsend", "is not supported by LOX24"),
        }
        check.done()?;

        let submission = |phone| {
            let sms = wire::message::Sms {
                // LOX24 counts digits: a number's plus would make it a text, and too long a one.
                sender_id: sender.strip_prefix('+').filter(|digits| !digits.is_empty()).unwrap_or(&sender),
                phone,
                text: &text,
                service_code,
                delivery_at,
                is_unicode,
                callback_data: Some(reference.as_str()).filter(|reference| !reference.is_empty()),
            };
            self.submit(&extensions, sms)
        };
        let messages = submissions::submit_each(&recipients, AT_ONCE, submission).await?;
        Ok(Response::new(SendMessageResponse { messages }))
    }

    async fn get_message(&self, request: Request<GetMessageRequest>) -> Result<Response<GetMessageResponse>, Status> {
        let (_, extensions, GetMessageRequest { name }) = request.into_parts();
        let mut check = Check::new();
        let uuid = check.id(&name, "accounts/*/messages/*", "name");
        check.done()?;
        let call = Call::new("GET /sms/{uuid}").id(&uuid);
        let sms: wire::message::StoredSms = self.call(&extensions, call).await?.json()?;
        let message = Message { name, ..sms.into_message(&self.name, now()) };
        Ok(Response::new(GetMessageResponse { message: Some(message) }))
    }
}

impl Lox24 {
    /// Sends to one recipient.
    async fn submit(&self, extensions: &Extensions, sms: wire::message::Sms<'_>) -> Result<Vec<Message>, Error> {
        let to = sms.phone;
        let reply = self.call(extensions, Call::new("POST /sms").json(&sms)?).await?;
        let sms: wire::message::StoredSms = reply.json()?;
        if sms.uuid.is_empty() {
            return Err(reply.unreadable("it has no uuid"));
        }
        let mut message = sms.into_message(&self.name, now());
        // As the caller wrote it, whatever form LOX24 gives it.
        message.recipients.iter_mut().for_each(|recipient| to.clone_into(&mut recipient.to));
        Ok(vec![message])
    }
}

/// Now, in Unix seconds.
fn now() -> i64 {
    jiff::Timestamp::now().as_second()
}

/// The service of a quality class.
fn service_code(check: &mut Check, quality: i32) -> &'static str {
    let quality = Quality::try_from(quality);
    check.that(quality.is_ok(), "quality", "is no known value");
    match quality.unwrap_or_default() {
        Quality::Unspecified | Quality::High => "direct",
        Quality::Medium => "pro",
        Quality::Low => "economy",
    }
}

/// Whether the text is sent in UCS-2. LOX24 would choose too, but does not say by which alphabet.
fn is_unicode(check: &mut Check, encoding: i32, text: &str) -> bool {
    match Encoding::try_from(encoding) {
        Ok(Encoding::Unspecified) => !gsm::fits(text),
        Ok(Encoding::Ucs2) => true,
        Ok(Encoding::Gsm7) => {
            check.gsm_7(std::iter::once(text), "encoding");
            false
        }
        Err(_) => {
            check.fault("encoding", "is no known value");
            false
        }
    }
}

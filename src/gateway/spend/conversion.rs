//! ReportConversion: the caller tells that a message was followed by what it was sent for.

use crate::{
    api::pb::{ReportConversionRequest, ReportConversionResponse},
    call::Call,
    error::{Error, Outcome, Reason},
    gateway::{Gateway, layers::find, logged_message},
    request::{check::Check, names},
};

impl Gateway {
    pub(crate) async fn report_conversion(
        &self,
        call: &Call,
        request: ReportConversionRequest,
    ) -> Result<ReportConversionResponse, Error> {
        let ReportConversionRequest { name, recipients } = request;
        let mut check = Check::new();
        let id = check.id(&name, "accounts/*/messages/*", "name");
        for (i, recipient) in recipients.iter().enumerate() {
            check.phone_number(recipient, || format!("recipients[{i}]"));
        }
        check.done()?;
        let account = find(&self.accounts(), call, &name, "name")?.site.account.clone();
        let (Some(log), Some(guard)) = (&self.log, &self.guard) else {
            let text = "the message cannot be looked up, as this server has no store";
            return Err(Error::new(Reason::Unsupported, text).outcome(Outcome::NotSent));
        };
        let stored = log.store().message(&account, &id).await?;
        let message = stored.as_ref().map(logged_message).transpose()?.flatten().ok_or_else(|| {
            let text = format!("the log has no message {}", names::loggable(&name));
            Error::new(Reason::ResourceNotFound, text).outcome(Outcome::NotSent)
        })?;
        let of_message = message.recipients.iter().map(|recipient| recipient.to.as_str());
        let converted = of_message.filter(|to| recipients.is_empty() || recipients.iter().any(|named| named == to));
        guard.convert(&account, converted);
        Ok(ReportConversionResponse {})
    }
}

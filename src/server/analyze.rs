//! AnalyzeMessage: what a send would come to, without a vendor.

use std::collections::HashSet;

use tonic::{Extensions, Request, Response, Status};

use super::dispatch::Gateway;
use crate::{
    check::Check,
    error::{Error, Place},
    gsm, numbers,
    pb::{
        AnalyzeMessageRequest, AnalyzeMessageResponse, Encoding, Refusal, SendMessageRequest, analyze_message_request,
        send_message_request,
    },
    segments::{Alphabet, Segments},
    vendors::{REGISTRY, refusals},
};

/// The most recipients, as in the API's own promise for a send.
const MAX_RECIPIENTS: usize = 10_000;

impl Gateway {
    pub(super) async fn analyze_message(
        &self,
        request: Request<AnalyzeMessageRequest>,
    ) -> Result<Response<AnalyzeMessageResponse>, Status> {
        let method = "smsmux.v1.MessageService/AnalyzeMessage";
        let (_, extensions, request) = request.into_parts();
        let answer = self.analyze(&extensions, request).await;
        answer.map(Response::new).map_err(|e| e.at(Place { account: "", vendor: "", method, resource: None }))
    }

    async fn analyze(
        &self,
        extensions: &Extensions,
        request: AnalyzeMessageRequest,
    ) -> Result<AnalyzeMessageResponse, Error> {
        let AnalyzeMessageRequest {
            parent,
            recipients,
            text,
            sender,
            quality,
            encoding,
            schedule_time,
            message_id,
            reference,
            region_code,
            vendor_options,
        } = request;
        let mut check = Check::new();
        let region = numbers::region(&region_code);
        let known = region.is_some() || region_code.is_empty();
        check.that(known, "region_code", "must be two letters of ISO 3166-1, such as IT");
        let count = recipients.len();
        let text_of_count = format!("has {count} entries; at most {MAX_RECIPIENTS} are allowed");
        check.that(count <= MAX_RECIPIENTS, "recipients", text_of_count);
        if !parent.is_empty() {
            check.account(&parent, "parent");
        }
        check.done()?;
        let account = if parent.is_empty() { None } else { Some(self.account(&parent, "parent", extensions)?) };

        let registered =
            account.as_ref().and_then(|account| REGISTRY.iter().find(|(name, ..)| *name == account.vendor_name));
        let arrives = registered.map_or(gsm::contains as fn(char) -> bool, |(_, _, arrives)| *arrives);
        let mut seen = HashSet::new();
        let others = text.chars().filter(|c| !arrives(*c) && seen.insert(*c));
        let ucs_2_characters = others.map(String::from).collect::<Vec<_>>();
        let ucs_2 = encoding == Encoding::Ucs2 as i32 || !ucs_2_characters.is_empty();
        let alphabet = if ucs_2 { Alphabet::Ucs2 } else { Alphabet::Gsm7 };
        let Segments { units, count, left } = Segments::of(alphabet, &text);
        let number = |count: usize| i32::try_from(count).unwrap_or(i32::MAX);

        let numbers: Vec<_> = recipients.into_iter().map(|input| numbers::analyze(input, region)).collect();
        let readable = numbers.iter().map(|number| match number.phone_number.as_str() {
            "" => number.input.as_str(),
            e164 => e164,
        });
        let refusals = match account {
            None => {
                let mut check = Check::new();
                // What no account takes. What is wrong with a number by itself is told beside it.
                check.no_number_twice(readable, |i| format!("recipients[{i}]"));
                check.schedule(schedule_time.as_ref(), "schedule_time");
                check.violations()
            }
            Some(account) => {
                let send = SendMessageRequest {
                    parent,
                    recipients: readable.map(str::to_owned).collect(),
                    text,
                    sender,
                    quality,
                    encoding,
                    schedule_time,
                    message_id,
                    reference,
                    vendor_options: vendor_options.map(|analyze_message_request::VendorOptions::Smsend(options)| {
                        send_message_request::VendorOptions::Smsend(options)
                    }),
                };
                refusals(&*account.vendor, send).await
            }
        };
        let refusals = refusals.into_iter().map(|v| Refusal { field: v.field, description: v.description });
        Ok(AnalyzeMessageResponse {
            numbers,
            encoding: (if ucs_2 { Encoding::Ucs2 } else { Encoding::Gsm7 }).into(),
            ucs_2_characters,
            unit_count: number(units),
            segment_count: number(count),
            units_left: number(left),
            refusals: refusals.collect(),
        })
    }
}

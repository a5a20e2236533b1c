//! `smsmux send --dry-run`: what a send would come to.

use prost_reflect::DynamicMessage;
use serde::Serialize;
use smsmux::api::pb::{AnalyzeMessageRequest, AnalyzeMessageResponse, Encoding, SendMessageRequest};

use super::{Failure, Session, call::Kind};
use crate::cli::{arguments::Output, json, print, progress::Progress, table::table};

/// The document of a dry run.
#[derive(Serialize)]
struct Document {
    recipients: usize,
    segments: usize,
    rejected: usize,
    analyses: Vec<DynamicMessage>,
}

/// Has the messages analyzed, and prints their segments and what would be rejected.
pub(super) async fn run(session: &Session, requests: &[SendMessageRequest]) -> Result<(), Failure> {
    let Session { client, output, json: types } = session;
    let (mut analyses, mut progress) = (Vec::new(), Progress::new("messages"));
    for message in requests {
        let request = AnalyzeMessageRequest { message: Some(message.clone()), region_code: String::new() };
        let ask = client.call(Kind::Read, &request, async |request| client.messages().analyze_message(request).await);
        analyses.push(ask.await.map_err(|error| error.failure(*output))?);
        progress.part(analyses.len() as u64, requests.len() as u64);
    }
    progress.end();
    let recipients = requests.iter().map(|request| request.recipients.len()).sum();
    let segments = |(request, analysis): (&SendMessageRequest, &AnalyzeMessageResponse)| {
        request.recipients.len() * usize::try_from(analysis.segment_count).unwrap_or_default()
    };
    let segments = requests.iter().zip(&analyses).map(segments).sum();
    let rejected = analyses.iter().filter(|analysis| !analysis.refusals.is_empty()).count();
    match output {
        Output::Json => {
            let analyses = types.messages("AnalyzeMessageResponse", &analyses)?;
            json::print(&Document { recipients, segments, rejected, analyses })?;
        }
        Output::Table => {
            let rows: Vec<_> = requests.iter().zip(&analyses).map(row).collect();
            print::out(table(["message to", "segments", "alphabet", "would be rejected, or warning", "text"], &rows))?;
            print::out(format_args!("\n{recipients} recipients, {segments} segments to pay for; nothing was sent\n"))?;
        }
    }
    match rejected {
        0 => Ok(()),
        count => Err(Failure::new(format!("{count} of {} messages would be rejected", requests.len()))),
    }
}

fn row((request, analysis): (&SendMessageRequest, &AnalyzeMessageResponse)) -> [String; 5] {
    let to = match &request.recipients[..] {
        [recipient] => recipient.clone(),
        recipients => format!("{} recipients", recipients.len()),
    };
    let refused = analysis.refusals.iter().map(|refusal| format!("{}: {}", refusal.field, refusal.description));
    let warned = analysis.warnings.iter().map(|warning| format!("warning: {}", warning.description));
    let ucs_2 = analysis.encoding() == Encoding::Ucs2;
    [
        to,
        analysis.segment_count.to_string(),
        if ucs_2 { "UCS-2" } else { "GSM 7-bit" }.to_owned(),
        refused.chain(warned).collect::<Vec<_>>().join("; "),
        request.text.clone(),
    ]
}

//! `smsmux send --dry-run`: what a send would come to.

use std::collections::BTreeMap;

use prost_reflect::DynamicMessage;
use rust_decimal::Decimal;
use serde::Serialize;
use smsmux::api::pb::{AnalyzeMessageRequest, AnalyzeMessageResponse, Encoding, KnownPrice, SendMessageRequest};

use super::{Failure, Session, call::Kind};
use crate::cli::{arguments::Output, json, print, progress::Progress, table::table};

/// The document of a dry run.
#[derive(Serialize)]
struct Document {
    recipients: usize,
    segments: usize,
    rejected: usize,
    costs: Vec<Cost>,
    analyses: Vec<DynamicMessage>,
}

/// What the recipients with a known price would cost in one currency.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
struct Cost {
    amount: String,
    currency_code: String,
    recipients: usize,
}

/// Has the messages analyzed, and prints their segments and what would be rejected.
pub(super) async fn run(session: &Session, requests: &[SendMessageRequest]) -> Result<(), Failure> {
    let Session { client, output, json: types } = session;
    let (mut analyses, mut progress) = (Vec::new(), Progress::new("messages"));
    for message in requests {
        let request = AnalyzeMessageRequest { message: Some(message.clone()), region_code: String::new() };
        let ask = client.call(Kind::Read, &request, async |request| client.messages().analyze_message(request).await);
        analyses.push(ask.await?);
        progress.part(analyses.len() as u64, requests.len() as u64);
    }
    progress.end();
    let recipients = requests.iter().map(|request| request.recipients.len()).sum();
    let segments = |(request, analysis): (&SendMessageRequest, &AnalyzeMessageResponse)| {
        request.recipients.len() * usize::try_from(analysis.segment_count).unwrap_or_default()
    };
    let segments = requests.iter().zip(&analyses).map(segments).sum();
    let costs = costs(&analyses);
    let rejected = analyses.iter().filter(|analysis| !analysis.refusals.is_empty()).count();
    match output {
        Output::Json => {
            let analyses = types.messages("AnalyzeMessageResponse", &analyses)?;
            json::print(&Document { recipients, segments, rejected, costs, analyses })?;
        }
        Output::Table => {
            let rows: Vec<_> = requests.iter().zip(&analyses).map(row).collect();
            print::out(table(["message to", "segments", "alphabet", "would be rejected, or warning", "text"], &rows))?;
            print::out(format_args!("\n{recipients} recipients, {segments} segments to pay for; nothing was sent\n"))?;
            for Cost { amount, currency_code, recipients } in costs {
                print::out(format_args!(
                    "about {amount} {currency_code} for {recipients} of them, by the last prices\n"
                ))?;
            }
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

/// Returns what the messages would cost by the last prices of the accounts that routes would ask first.
fn costs(analyses: &[AnalyzeMessageResponse]) -> Vec<Cost> {
    let mut sums = BTreeMap::<String, (Decimal, usize)>::new();
    for analysis in analyses {
        for decision in &analysis.decisions {
            let first = decision.accounts.first();
            let known = decision.prices.iter().find(|price| Some(&price.account) == first);
            let of_segment = known.and_then(|KnownPrice { price, segment_count, .. }| {
                let price = price.as_ref()?;
                let amount = price.amount.parse::<Decimal>().ok()?;
                let amount = amount.checked_div(Decimal::from(segment_count.unwrap_or(1).max(1)))?;
                Some((amount, price.currency_code.clone()))
            });
            if let Some((amount, currency)) = of_segment {
                let (sum, count) = sums.entry(currency).or_default();
                *sum += amount * Decimal::from(analysis.segment_count) * Decimal::from(decision.recipients.len());
                *count += decision.recipients.len();
            }
        }
    }
    let cost = |(currency_code, (amount, recipients)): (String, (Decimal, usize))| Cost {
        amount: amount.normalize().to_string(),
        currency_code,
        recipients,
    };
    sums.into_iter().map(cost).collect()
}

#[cfg(test)]
mod tests {
    use smsmux::api::pb::{Money, RouteDecision};

    use super::*;

    #[test]
    fn a_cost_is_that_of_the_segments_at_the_account_that_is_asked_first() {
        let price = |account: &str, amount: &str, segments: Option<i32>| KnownPrice {
            account: account.to_owned(),
            price: Some(Money { amount: amount.to_owned(), currency_code: "EUR".to_owned() }),
            segment_count: segments,
        };
        let decision = |recipients: &[i32], accounts: &[&str]| RouteDecision {
            recipients: recipients.to_vec(),
            accounts: accounts.iter().map(|&account| account.to_owned()).collect(),
            prices: vec![price("accounts/a", "0.14", Some(2)), price("accounts/b", "0.05", None)],
            ..RouteDecision::default()
        };
        let decisions = vec![
            decision(&[0, 1], &["accounts/a", "accounts/b"]),
            decision(&[2], &["accounts/b"]),
            decision(&[3], &[]),
        ];
        let analysis = AnalyzeMessageResponse { segment_count: 3, decisions, ..AnalyzeMessageResponse::default() };
        // Two recipients at 0.07 and one at 0.05, three segments each; what no account takes costs nothing.
        let expected = Cost { amount: "0.57".to_owned(), currency_code: "EUR".to_owned(), recipients: 3 };
        assert_eq!(costs(&[analysis]), [expected]);
    }
}

//! `smsmux explain`: what a send would come to, and why.

use std::fmt::Write as _;

use clap::Args;
use smsmux::api::pb::{
    AnalyzeMessageRequest, AnalyzeMessageResponse, AnalyzedNumber, ConsentVerdict, Encoding, GuardVerdict, KnownPrice,
    Money, PassedOver, Refusal, RouteDecision, SendMessageRequest,
};

use super::{
    ConfigArguments, Failure,
    arguments::{Output, OutputArguments, PurposeArgument, purpose, timestamp},
    json::{self, Json},
    load::Draft,
    print,
};

#[derive(Debug, Args)]
pub(super) struct ExplainArguments {
    #[command(flatten)]
    config: ConfigArguments,
    /// The numbers of the recipients
    #[arg(long, required = true, value_name = "NUMBER", num_args = 1..)]
    to: Vec<String>,
    /// The account; needed unless there is one route
    #[arg(long, value_name = "ID")]
    account: Option<String>,
    /// The sender of the request
    #[arg(long, value_name = "SENDER", default_value = "")]
    from: String,
    /// The text
    #[arg(long, default_value = "")]
    text: String,
    /// What the message is for
    #[arg(long)]
    purpose: Option<PurposeArgument>,
    /// The tag of the request
    #[arg(long, value_name = "TAG", default_value = "")]
    tag: String,
    /// The name of the caller
    #[arg(long, value_name = "NAME")]
    caller: Option<String>,
    /// When the message is sent, such as 2026-12-24T18:00:00Z [default: now]
    #[arg(long, value_name = "TIME")]
    at: Option<jiff::Timestamp>,
    #[command(flatten)]
    output: OutputArguments,
}

pub(super) async fn run(arguments: ExplainArguments) -> Result<(), Failure> {
    let ExplainArguments { config, to, account, from, text, purpose, tag, caller, at, output } = arguments;
    let setup = Draft::new(&config).read()?;
    let account = match account {
        Some(account) => account,
        None => {
            let accounts = setup.config.accounts.iter();
            let routes: Vec<_> = accounts.filter(|(_, account)| account.route.is_some()).map(|(id, _)| id).collect();
            match routes[..] {
                [route] => route.clone(),
                _ => {
                    return Err(Failure::new(format!(
                        "name the account with --account: there are {} routes",
                        routes.len()
                    )));
                }
            }
        }
    };
    let parent = format!("accounts/{account}");
    let message = SendMessageRequest {
        parent: parent.clone(),
        recipients: to,
        text,
        sender: from,
        purpose: self::purpose(purpose),
        tag,
        schedule_time: at.map(timestamp),
        ..SendMessageRequest::default()
    };
    let request = AnalyzeMessageRequest { message: Some(message), ..AnalyzeMessageRequest::default() };
    let explained = setup.explain(caller.as_deref(), request).await.map_err(Failure::new)?;
    match output.output {
        Output::Table => print::out(page(&parent, &explained)),
        Output::Json => json::print(&Json::new()?.message("AnalyzeMessageResponse", &explained)?),
    }
}

/// Writes the answer for people.
pub(super) fn page(account: &str, explained: &AnalyzeMessageResponse) -> String {
    let AnalyzeMessageResponse { numbers, segment_count, unit_count, refusals, warnings, decisions, .. } = explained;
    let mut page = format!(
        "{account}: {segment_count} {}, {} with {unit_count} units\n",
        if *segment_count == 1 { "segment" } else { "segments" },
        if explained.encoding() == Encoding::Ucs2 { "UCS-2" } else { "GSM 7-bit" },
    );
    for decision in decisions {
        let RouteDecision { recipients, rule, accounts, sender, refusal, passed_over, .. } = decision;
        let of = |index: &i32| numbers.get(usize::try_from(*index).ok()?);
        let names: Vec<_> = recipients.iter().filter_map(of).map(name).collect();
        let _ = writeln!(page, "\n{}", names.join(", "));
        let _ = match (refusal.as_str(), accounts.join(", then ")) {
            ("", account) if *rule == 0 => writeln!(page, "  asks {account}"),
            ("", accounts) => writeln!(page, "  rule {rule} asks {accounts}"),
            (why, _) => writeln!(page, "  rule {rule} refuses: {why}"),
        };
        if refusal.is_empty() {
            let sender = if sender.is_empty() { "the account's default" } else { sender };
            let _ = writeln!(page, "  sender: {sender}");
        }
        page += &verdicts(decision);
        for PassedOver { rule, account, reason } in passed_over {
            let what = if account.is_empty() { format!("rule {rule}") } else { account.clone() };
            let _ = writeln!(page, "  not {what}: {reason}");
        }
    }
    if decisions.is_empty() {
        numbers.iter().for_each(|number| page += &format!("\n{}", name(number)));
        page += "\n";
    }
    for Refusal { field, description } in refusals {
        let _ = writeln!(page, "\nwould be rejected: {field}: {description}");
    }
    for Refusal { description, .. } in warnings {
        let _ = writeln!(page, "\nwarning: {description}");
    }
    page
}

/// Writes what is the same whatever rule decides.
fn verdicts(decision: &RouteDecision) -> String {
    let mut lines = String::new();
    if decision.refusal.is_empty() {
        let _ = writeln!(lines, "  segments: {}", decision.segment_count);
    }
    for KnownPrice { account, price, segment_count } in &decision.prices {
        let Some(Money { amount, currency_code }) = price else { continue };
        let segments = segment_count.map(|count| format!(" for {count} segments")).unwrap_or_default();
        let price = format!("{amount} {currency_code}");
        let _ = writeln!(lines, "  last price at {account}: {}{segments}", price.trim_end());
    }
    let consent = match decision.consent() {
        ConsentVerdict::Unspecified => "not asked",
        ConsentVerdict::Permitted => "did not opt out",
        ConsentVerdict::OptedOut => "opted out: nothing is sent",
    };
    let guard = match decision.guard() {
        GuardVerdict::Unspecified => "not asked".to_owned(),
        GuardVerdict::Permitted => "permits".to_owned(),
        GuardVerdict::Observed => format!("would refuse by the rule {}, but only observes", decision.guard_rule),
        GuardVerdict::Refused => format!("refuses by the rule {}: nothing is sent", decision.guard_rule),
    };
    let _ = writeln!(lines, "  consent: {consent}\n  spend guard: {guard}");
    if decision.unpriced {
        lines += "  budget of money: does not count them, as no price is known\n";
    }
    let quiet = match decision.quiet_hours() {
        GuardVerdict::Unspecified => return lines,
        GuardVerdict::Permitted => "permit it",
        GuardVerdict::Observed => "would refuse it, but only observe",
        GuardVerdict::Refused => "refuse it: nothing is sent",
    };
    let permitted = decision.permitted_time.and_then(|time| jiff::Timestamp::from_second(time.seconds).ok());
    let permitted = permitted.map(|time| format!("; it is permitted from {time} on")).unwrap_or_default();
    let _ = writeln!(lines, "  quiet hours: {quiet}{permitted}");
    lines
}

fn name(number: &AnalyzedNumber) -> String {
    let AnalyzedNumber { input, phone_number, region_code, problem, .. } = number;
    let number = if phone_number.is_empty() { input } else { phone_number };
    let detail = if problem.is_empty() { region_code } else { problem };
    format!("{number} ({detail})")
}

//! `smsmux analyze`: what a send would come to, as a running server sees it.

use clap::Args;
use smsmux::api::pb::AnalyzeMessageRequest;

use super::{ConnectionArguments, Failure, Session, call::Kind, draft::DraftArguments};
use crate::cli::{arguments::Output, explain, json, print};

#[derive(Debug, Args)]
pub(in crate::cli) struct AnalyzeArguments {
    #[command(flatten)]
    draft: DraftArguments,
    /// The numbers of the recipients
    #[arg(long, required = true, value_name = "NUMBER", num_args = 1.., value_delimiter = ',')]
    to: Vec<String>,
    /// The country of numbers in national form, such as IT
    #[arg(long, value_name = "COUNTRY", default_value = "", hide_default_value = true)]
    region: String,
    #[command(flatten)]
    connection: ConnectionArguments,
}

pub(super) async fn run(arguments: AnalyzeArguments) -> Result<(), Failure> {
    let AnalyzeArguments { draft, to, region, connection } = arguments;
    let Session { client, output, json: types } = connection.open()?;
    let mut message = draft.message();
    message.recipients = to;
    let account = message.parent.clone();
    let request = AnalyzeMessageRequest { message: Some(message), region_code: region };
    let answer = client.call(Kind::Read, &request, async |request| client.messages().analyze_message(request).await);
    let answer = answer.await?;
    match output {
        Output::Table => print::out(explain::page(&account, &answer))?,
        Output::Json => json::print(&types.message("AnalyzeMessageResponse", &answer)?)?,
    }
    match answer.refusals.len() {
        0 => Ok(()),
        count => Err(Failure::new(format!("it would be rejected for {count} reasons; nothing was sent"))),
    }
}

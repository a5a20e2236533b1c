//! The bare pass-through: tonic in front, reqwest behind, one RPC, and nothing else. No authentication, no validation, no
//! deadline, no metrics, no log: what the two libraries cost by themselves.

use std::net::SocketAddr;

use clap::Parser;
use serde::{Deserialize, Serialize};
use tokio::signal::unix::{SignalKind, signal};
use tonic::{
    Request, Response, Status,
    transport::{Server, server::TcpIncoming},
};
use uuid::Uuid;

use self::pb::{
    DeliveryState, Message, Recipient, SendMessageRequest, SendMessageResponse,
    message_service_server::{MessageService, MessageServiceServer},
};

/// The messages and stubs of `smsmux.v1`.
#[allow(clippy::all)]
mod pb {
    tonic::include_proto!("smsmux.v1");
}

#[derive(Parser)]
#[command(about = "The bare pass-through: tonic in front, reqwest behind, and nothing else")]
struct Arguments {
    /// The address to listen on.
    #[arg(long, value_name = "HOST:PORT")]
    listen: SocketAddr,
    /// The vendor's base URL.
    #[arg(long, value_name = "URL")]
    vendor: String,
    /// Threads; 0: one, on tokio's current-thread scheduler.
    #[arg(long, default_value_t = 0)]
    workers: usize,
}

#[derive(Serialize)]
struct Order<'a> {
    message_type: &'static str,
    message: &'a str,
    recipient: &'a [String],
    sender: &'a str,
    order_id: &'a str,
}

#[derive(Deserialize)]
struct Accepted {
    order_id: String,
    total_sent: i32,
}

struct PassThrough {
    client: reqwest::Client,
    url: String,
}

#[tonic::async_trait]
impl MessageService for PassThrough {
    async fn send_message(
        &self,
        request: Request<SendMessageRequest>,
    ) -> Result<Response<SendMessageResponse>, Status> {
        let SendMessageRequest { parent, recipients, text, sender, message_id, .. } = request.into_inner();
        let order_id = if message_id.is_empty() { Uuid::new_v4().simple().to_string() } else { message_id };
        let order =
            Order { message_type: "N", message: &text, recipient: &recipients, sender: &sender, order_id: &order_id };
        let body = serde_json::to_vec(&order).map_err(|e| Status::internal(e.to_string()))?;
        let request = self.client.post(&self.url).header("content-type", "application/json");
        let request = request.header("user_key", "UK").header("session_key", "SK").body(body);
        let unavailable = |e: reqwest::Error| Status::unavailable(e.without_url().to_string());
        let answer = request.send().await.and_then(reqwest::Response::error_for_status).map_err(unavailable)?;
        let body = answer.bytes().await.map_err(unavailable)?;
        let accepted: Accepted = serde_json::from_slice(&body).map_err(|e| Status::internal(e.to_string()))?;
        let queued = |to| Recipient { to, state: DeliveryState::Queued.into(), ..Recipient::default() };
        let message = Message {
            name: format!("{parent}/messages/{}", accepted.order_id),
            recipients: recipients.into_iter().map(queued).collect(),
            sender,
            sent_count: Some(accepted.total_sent),
            ..Message::default()
        };
        Ok(Response::new(SendMessageResponse { message: Some(message) }))
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments = Arguments::parse();
    let mut runtime = match arguments.workers {
        0 => tokio::runtime::Builder::new_current_thread(),
        workers => {
            let mut runtime = tokio::runtime::Builder::new_multi_thread();
            runtime.worker_threads(workers);
            runtime
        }
    };
    runtime.enable_all().build()?.block_on(serve(arguments))
}

async fn serve(arguments: Arguments) -> Result<(), Box<dyn std::error::Error>> {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder().no_proxy().build()?;
    let service = PassThrough { client, url: format!("{}/sms", arguments.vendor) };
    let incoming = TcpIncoming::bind(arguments.listen)?.with_nodelay(Some(true));
    let mut terminate = signal(SignalKind::terminate())?;
    Server::builder()
        .add_service(MessageServiceServer::new(service))
        .serve_with_incoming_shutdown(incoming, async move {
            terminate.recv().await;
        })
        .await?;
    Ok(())
}

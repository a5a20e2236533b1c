//! Sends HTTP GETs as fast as so many at a time allow, each with the time at which it was sent: for gateways that take messages
//! in an address. Prints what came of it as JSON.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::{Instant, SystemTime, UNIX_EPOCH},
};

use clap::Parser;
use serde_json::json;

#[derive(Parser)]
#[command(about = "Sends HTTP GETs, each stamped with the time")]
struct Arguments {
    /// The address; STAMP in it becomes the microseconds since 1970.
    #[arg(value_name = "URL")]
    url: String,
    /// How many requests.
    #[arg(long, value_name = "N")]
    calls: u64,
    /// How many at a time, each on a connection of its own.
    #[arg(long, value_name = "N")]
    in_flight: u64,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let Arguments { url, calls, in_flight } = Arguments::parse();
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder().no_proxy().build()?;
    let begun = Instant::now();
    let taken = Arc::new(AtomicU64::new(0));
    let mut tasks = Vec::new();
    for _ in 0..in_flight {
        let (client, url, taken) = (client.clone(), url.clone(), taken.clone());
        tasks.push(tokio::spawn(async move {
            let (mut latencies, mut failed) = (Vec::new(), 0);
            while taken.fetch_add(1, Relaxed) < calls {
                let start = Instant::now();
                if send(&client, &url).await {
                    latencies.push(start.elapsed().as_micros());
                } else {
                    failed += 1;
                }
            }
            (latencies, failed)
        }));
    }
    let (mut latencies, mut failed) = (Vec::new(), 0);
    for task in tasks {
        let (some, of_them) = task.await?;
        latencies.extend(some);
        failed += of_them;
    }
    println!("{}", json!({ "seconds": begun.elapsed().as_secs_f64(), "failed": failed, "latencies": latencies }));
    Ok(())
}

/// Returns whether the message was accepted.
async fn send(client: &reqwest::Client, url: &str) -> bool {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_micros();
    let Ok(answer) = client.get(url.replace("STAMP", &now.to_string())).send().await else { return false };
    let accepted = answer.status().is_success();
    answer.bytes().await.is_ok() && accepted
}

//! smsmux is killed at random moments while it sends, and started again.

use std::sync::Arc;

use futures::future::join_all;

use super::{
    report::{Report, crashes},
    rig::{Gateway, Seen, Stand, lanes},
};

/// How often the process is killed.
const KILLS: usize = 50;

/// Before so many sends have arrived at one of the vendors. With fewer, there are more kills in the same time.
const MOST: usize = 12;

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_process_sends_nothing_twice_and_loses_nothing() {
    let report = Report::new("smsmux, with SQLite", crashes(KILLS));
    join_all(lanes(crashes(KILLS)).map(|kills| {
        let report = &report;
        async move { kill(Stand::new("path = '{folder}/a.db'").await, kills, report, || {}).await }
    }))
    .await;
    report.end();
}

/// Kills the process, again and again. Each one repeats the calls that were made to the one before, and is killed under
/// the next ones. `is_dead` has the store know at once what it would know in time.
pub(super) async fn kill(stand: Arc<Stand>, kills: usize, report: &Report, is_dead: impl Fn()) {
    let mut seen = None::<Seen>;
    for kill in 0..=kills {
        let gateway = Gateway::start(&stand.config).await;
        if let Some(seen) = seen.take() {
            report.add(stand.check(&gateway.channel, &seen).await);
        }
        if kill == kills {
            return gateway.kill().await;
        }
        stand.clear();
        let callers = stand.send_until_it_fails(&gateway.channel);
        stand.arrived(fastrand::usize(1..MOST)).await;
        gateway.kill().await;
        seen = Some(callers.end().await);
        is_dead();
    }
}

//! smsmux is killed at random moments while it sends, and started again.

use std::{collections::BTreeMap, sync::Arc};

use super::rig::{Gateway, Stand, add, crashes};

/// How often the process is killed.
const KILLS: usize = 40;

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_process_sends_nothing_twice_and_loses_nothing() {
    let stand = Stand::new("path = '{folder}/a.db'").await;
    kill(stand, crashes(KILLS), || {}).await;
}

/// Kills the process, again and again. `is_dead` has the store know at once what it would know in time.
pub(super) async fn kill(stand: Arc<Stand>, kills: usize, is_dead: impl Fn()) {
    let mut rows = BTreeMap::new();
    for _ in 0..kills {
        stand.clear();
        let gateway = Gateway::start(&stand.config).await;
        let callers = stand.send_until_it_fails(&gateway.channel);
        stand.arrived(fastrand::usize(1..40)).await;
        gateway.kill().await;
        let seen = callers.end().await;
        is_dead();
        let gateway = Gateway::start(&stand.config).await;
        add(&mut rows, stand.check(&gateway.channel, &seen).await);
        gateway.kill().await;
        is_dead();
    }
    println!("{kills} kills, {} sends, 0 sent twice, 0 without a row; repeated: {rows:?}", stand.sent());
}

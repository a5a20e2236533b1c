//! What the server does beside its calls, as long as it runs.

use std::sync::Arc;

use arc_swap::ArcSwap;
use futures::{FutureExt as _, future::BoxFuture};

use super::callers::Callers;
use crate::gateway::Gateway;

/// Returns the tasks in the background. One thread runs all of them: they ask vendors too, and a connection stays on the
/// thread that made it.
pub(super) fn tasks(gateway: &Gateway, callers: Arc<ArcSwap<Callers>>) -> Vec<BoxFuture<'static, ()>> {
    let tasks = [
        gateway.follow().map(|follow| follow.boxed()),
        gateway.finish_pushes().map(|finish| finish.boxed()),
        gateway.look_after_accounts().map(|look_after| look_after.boxed()),
        gateway.deliver().map(|deliver| deliver.boxed()),
        gateway.keep_consents().map(|keep| keep.boxed()),
        gateway.keep_guard().map(|keep| keep.boxed()),
        gateway.keep_shares(move || callers.load().budgets()).map(|keep| keep.boxed()),
        Some(gateway.register_webhooks().boxed()),
    ];
    tasks.into_iter().flatten().collect()
}

//! Names the message of a send before any vendor is asked, so that it has one name at every vendor, whatever becomes of
//! it.

use std::sync::Arc;

use uuid::Uuid;

use super::{Layer, Next};
use crate::{
    api::VendorRpc,
    call::Call,
    error::Error,
    gateway::Account,
    request::{check, names},
};

/// Makes the message id of a send, unless the caller chose one.
pub(in crate::gateway) struct MessageName;

impl Layer for MessageName {
    type Target = Arc<Account>;
    type Found = Arc<Account>;

    fn around<R: VendorRpc, N: Next<Target = Arc<Account>>>(
        &self,
        call: Call,
        account: Arc<Account>,
        mut request: R,
        next: &N,
    ) -> impl Future<Output = Result<R::Reply, Error>> + Send + 'static {
        if let Some(id) = request.message_id() {
            if id.is_empty() {
                *id = new_id();
            }
            // The vendor's module rejects an invalid one, together with the request's other faults.
            if check::is_message_id(id) {
                call.set_resource(|| names::child(&account.site.account, "messages", id));
            }
        }
        next.run(call, account, request)
    }
}

/// Makes an id: ids of later messages are greater. A UUID with hyphens has 36 characters; vendors that take an id take 32.
fn new_id() -> String {
    Uuid::now_v7().simple().to_string()
}

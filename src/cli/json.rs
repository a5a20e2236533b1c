//! Messages in the JSON form of protocol buffers.

use prost::Message;
use prost_reflect::{DescriptorPool, DynamicMessage};
use serde::Serialize;
use smsmux::api::pb;

use super::{Failure, print};

/// The types of the messages.
#[derive(Debug, Clone)]
pub(super) struct Json(DescriptorPool);

impl Json {
    pub(super) fn new() -> Result<Self, Failure> {
        DescriptorPool::decode(pb::DESCRIPTORS).map(Self).map_err(Failure::new)
    }

    /// Returns a message of this type, which is serialized in that form.
    pub(super) fn message(&self, name: &str, message: &impl Message) -> Result<DynamicMessage, Failure> {
        let descriptor = self.0.get_message_by_name(&format!("smsmux.v1.{name}"));
        let descriptor = descriptor.ok_or_else(|| Failure::new(format!("the build has no {name}")))?;
        DynamicMessage::decode(descriptor, &*message.encode_to_vec()).map_err(Failure::new)
    }

    /// Returns the same of several messages.
    pub(super) fn messages(&self, name: &str, messages: &[impl Message]) -> Result<Vec<DynamicMessage>, Failure> {
        messages.iter().map(|message| self.message(name, message)).collect()
    }
}

/// Prints one document in one line.
pub(super) fn print(document: &impl Serialize) -> Result<(), Failure> {
    print::out(format_args!("{}\n", serde_json::to_string(document).map_err(Failure::new)?))
}

//! What goes wrong with pushes.

use serde::{Deserialize, Serialize};

use super::PushKind;

/// The pushes that a fault hits, and the fault. In JSON it is the body of `POST /_sandbox/push/faults`; an unknown member
/// is an error.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PushRule {
    /// The subject of the pushes; every subject if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<PushKind>,
    /// The number of pushes that the rule hits: 1 if absent, 0 for all until the rules are cleared.
    #[serde(default = "once")]
    pub times: u32,
    /// The injected fault.
    pub fault: PushFault,
}

fn once() -> u32 {
    1
}

impl PushRule {
    /// Creates a rule that hits the next push of any subject.
    #[must_use]
    pub fn new(fault: PushFault) -> Self {
        Self { about: None, times: once(), fault }
    }

    /// Hits pushes of this subject only.
    #[must_use]
    pub fn about(mut self, kind: PushKind) -> Self {
        self.about = Some(kind);
        self
    }

    /// Hits this number of pushes; 0 means all until the rules are cleared.
    #[must_use]
    pub fn times(mut self, times: u32) -> Self {
        self.times = times;
        self
    }
}

/// A fault of a push.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum PushFault {
    /// Makes the push twice, whatever the first answer is.
    Twice,
    /// Makes the push after the next one.
    Late,
    /// Never makes the push.
    Drop,
    /// Reads no answer to the first attempt, and repeats the push as if there was none.
    LoseAnswer,
    /// Sends bytes that are neither JSON nor text; in a push by GET, a query without parameters.
    Garbage,
    /// Adds a member (or parameter) `padding` of this size.
    Oversized {
        /// How many bytes.
        bytes: usize,
    },
}

impl PushFault {
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Twice => "twice",
            Self::Late => "late",
            Self::Drop => "drop",
            Self::LoseAnswer => "lose_answer",
            Self::Garbage => "garbage",
            Self::Oversized { .. } => "oversized",
        }
    }
}

/// Returns the fault of the first rule that fits, which counts as one hit of the rule.
pub(super) fn take(rules: &mut Vec<PushRule>, kind: PushKind) -> Option<PushFault> {
    let at = rules.iter().position(|rule| rule.about.is_none_or(|about| about == kind))?;
    match rules[at].times {
        0 => Some(rules[at].fault.clone()),
        1 => Some(rules.remove(at).fault),
        _ => {
            rules[at].times -= 1;
            Some(rules[at].fault.clone())
        }
    }
}

//! Whether an answer is true.

use smsmux_sandbox::Recorded;
use tonic::Status;
use tonic_types::StatusExt;

use crate::operations::Effect;

/// What came of many calls.
#[derive(Debug, Default)]
pub struct Tally {
    pub calls: usize,
    /// Those that met the fault.
    pub faulted: usize,
    /// True answers that say what happened.
    pub known: usize,
    /// True answers that say that nobody knows.
    pub unknown: usize,
    pub twice: usize,
    /// The calls of clients that repeat blindly with an idempotency key, and how many of them were sent twice.
    pub repeated: usize,
    pub repeated_twice: usize,
    pub lost: usize,
    /// What was said and what happened, of answers that are not true.
    pub lies: Vec<String>,
}

impl Tally {
    pub fn add(&mut self, other: &Self) {
        self.calls += other.calls;
        self.faulted += other.faulted;
        self.known += other.known;
        self.unknown += other.unknown;
        self.twice += other.twice;
        self.repeated += other.repeated;
        self.repeated_twice += other.repeated_twice;
        self.lost += other.lost;
    }
}

/// Holds the answer of a call against the requests about the same that the stand-in has in its books. The answer is whether
/// an OK had in it what it must have, or the error; `None` when none came.
pub fn judge(
    tally: &mut Tally,
    effect: Effect,
    answer: Option<&Result<bool, Status>>,
    requests: &[&Recorded],
    faulted: bool,
) {
    let booked = requests.iter().filter(|r| r.handled && r.status.is_some_and(|s| (200..300).contains(&s))).count();
    let writes = effect != Effect::Read;
    tally.calls += 1;
    tally.faulted += usize::from(faulted);
    tally.twice += usize::from(writes && booked > 1);
    let outcome = answer.and_then(|answer| answer.as_ref().err()).map(outcome);
    let verdict = match (answer, outcome.as_deref()) {
        (None, _) => Err("no answer"),
        (Some(Ok(false)), _) => Err("OK without what was asked for"),
        (Some(Ok(true)), _) if writes && booked == 0 => Err("OK"),
        (Some(Ok(true)), _) => Ok(&mut tally.known),
        (_, Some("UNKNOWN")) => Ok(&mut tally.unknown),
        (_, Some("NOT_SENT" | "REFUSED")) if !writes || booked == 0 => Ok(&mut tally.known),
        // A read changes nothing: that it failed is all there is to say.
        (_, Some("")) if !writes => Ok(&mut tally.known),
        _ => Err("an error"),
    };
    match verdict {
        Ok(true_ones) if !writes || booked <= 1 => *true_ones += 1,
        Ok(_) => tally.lies.push(format!("booked {booked} times: {answer:?}")),
        Err(what) => {
            tally.lost += usize::from(!matches!(answer, Some(Err(_))));
            tally.lies.push(format!("{what}, booked {booked} times: {answer:?}"));
        }
    }
}

/// What an error says became of the request; "-" when it is none of ours.
fn outcome(status: &Status) -> String {
    match status.get_error_details().error_info() {
        Some(info) if info.domain == "smsmux" => info.metadata.get("outcome").cloned().unwrap_or_default(),
        _ => "-".to_owned(),
    }
}

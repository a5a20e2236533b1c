//! The small world of a send of several parts: what is recorded of it, how far its attempts are, and what may happen next.

/// How many parts the send has.
pub(super) const PARTS: usize = 2;

/// What the store has of a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Mark {
    /// It may have left.
    Maybe,
    /// It provably did not leave: another call may send it.
    Unsent,
    /// The vendor accepted it.
    Accepted,
    /// It did not leave, and never will.
    Cancelled,
}

/// The row of the send, under the id of the attempt that makes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Row {
    None,
    Claimed(usize),
    Unknown(usize),
    Done,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Store {
    pub(super) row: Row,
    pub(super) marks: [Mark; PARTS],
}

/// How far an attempt is with a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Part {
    /// It is not this attempt's to send.
    Foreign,
    Waiting,
    /// Its mark was removed: it may leave.
    Permitted,
    Left,
    /// The vendor's answer was read.
    Answered,
    Reported,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Phase {
    Claiming,
    /// It has read what an interrupted attempt left, and is about to take that over.
    Resuming(Store),
    /// Its marks are queued for the store, before all else that it records.
    Marking,
    Sending,
    Over,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Attempt {
    pub(super) replica: usize,
    pub(super) phase: Phase,
    pub(super) parts: [Part; PARTS],
    /// Which of its parts are on the way to the vendor, whatever becomes of the process.
    pub(super) underway: [bool; PARTS],
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct World {
    pub(super) store: Store,
    /// What of the store survives a power cut.
    pub(super) disk: Store,
    pub(super) attempts: Vec<Attempt>,
    pub(super) accepted: [u8; PARTS],
    /// A copy of the marks that a reader took and may write back.
    pub(super) copy: Option<[Mark; PARTS]>,
    /// Which parts somebody was told are cancelled.
    pub(super) cancelled: [bool; PARTS],
    pub(super) crashes: u8,
    pub(super) power_cuts: u8,
    pub(super) frozen: u8,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Step {
    Begin(usize),
    CommitClaim(usize),
    CommitResume(usize),
    /// Cancels what an interrupted attempt did not send, and tells the caller.
    Cancel,
    CommitMarks(usize),
    Permit(usize, usize),
    Send(usize, usize),
    Accept(usize, usize),
    Read(usize, usize),
    Report(usize, usize),
    End(usize),
    /// The owner died, or was frozen for longer than its lease.
    Reap,
    Flush,
    Crash(usize),
    CutPower,
    ReadMarks,
    WriteMarks,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mistake {
    /// A part leaves while the removal of its mark is still queued.
    SendBeforePermit,
    /// The removal of a mark is committed and not flushed before its part leaves.
    UnflushedPermit,
    /// A further attempt keeps the id of the earlier one, so that the earlier one is not stopped.
    SameId,
    /// A further attempt sends what may have left.
    ResumeMaybe,
    /// Whoever read the marks and looked parts up writes the marks back.
    StaleMarks,
    /// A further attempt takes over what has changed since it was read.
    StaleResume,
    /// The caller is told of a cancellation that is not flushed.
    UnflushedCancel,
}

impl World {
    /// Ends all that a replica was doing.
    pub(super) fn stop(&mut self, replica: usize) {
        self.attempts.iter_mut().filter(|attempt| attempt.replica == replica).for_each(|a| a.phase = Phase::Over);
    }

    pub(super) fn was_sent(&self, part: usize) -> usize {
        usize::from(self.accepted[part]) + self.attempts.iter().filter(|attempt| attempt.underway[part]).count()
    }

    pub(super) fn claim(&mut self, i: usize) {
        let attempt = &mut self.attempts[i];
        match self.store.row {
            Row::None => {
                self.store = Store { row: Row::Claimed(i), marks: [Mark::Maybe; PARTS] };
                // The claim is flushed before anything leaves.
                self.disk = self.store;
                (attempt.phase, attempt.parts) = (Phase::Marking, [Part::Waiting; PARTS]);
                attempt.parts[0] = Part::Permitted;
            }
            Row::Unknown(_) if self.store.marks.contains(&Mark::Unsent) => attempt.phase = Phase::Resuming(self.store),
            _ => attempt.phase = Phase::Over,
        }
    }

    /// Takes over what was read of an interrupted attempt.
    pub(super) fn resume(&mut self, i: usize, read: Store, resume_maybe: bool) {
        self.store.row = Row::Claimed(i);
        let attempt = &mut self.attempts[i];
        attempt.phase = Phase::Sending;
        attempt.parts = read.marks.map(|mark| match mark {
            Mark::Unsent => Part::Waiting,
            Mark::Maybe if resume_maybe => Part::Waiting,
            Mark::Maybe | Mark::Accepted | Mark::Cancelled => Part::Foreign,
        });
    }
}

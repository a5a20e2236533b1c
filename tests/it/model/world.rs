//! The small world: what the store, the replicas and the calls are like, and what may happen next.

/// A replica's number, and how often it has been started: a restarted process owns nothing of its former self.
pub(super) type Owner = (usize, u8);

/// The row of the key in the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Row {
    /// The key was never used, or its write provably did nothing.
    Free,
    /// A call of this owner may send.
    Claimed(Owner, usize),
    /// The vendor accepted the write; the reply is kept.
    Done,
    /// Nobody knows what became of the write.
    Unknown,
}

/// How far a call is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Phase {
    /// The claim is queued.
    Claiming,
    /// The claim is committed and flushed: the write may leave.
    Claimed,
    /// The write has left.
    Sent,
    /// The outcome is known to the process, and queued for the store.
    Ended(Outcome),
    /// The caller has its answer, and the store the outcome.
    Over(Option<Outcome>),
}

/// The answer that a caller gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Outcome {
    Accepted,
    Refused,
    NotSent,
    Unknown,
    Replayed,
    InProgress,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Call {
    pub(super) owner: Owner,
    pub(super) phase: Phase,
    /// Whether its request is on the way to the vendor, which outlives the process that sent it.
    pub(super) underway: bool,
    /// Whether the vendor accepted its request.
    pub(super) accepted: bool,
    /// Whether the vendor refused its request.
    pub(super) refused: bool,
    /// Whether another request could still be accepted, or was, when this one left.
    pub(super) left_second: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Replica {
    pub(super) starts: u8,
    /// Whether half of its lease has passed without a renewal, by its own clock: it must not send any more.
    pub(super) stale: bool,
    /// Whether its lease has ended by the store's clock: a renewal makes it a new owner.
    pub(super) ended: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct World {
    /// What the store has committed, which survives the end of a process.
    pub(super) row: Row,
    /// What of it is on disk, which survives a power cut.
    pub(super) disk: Row,
    pub(super) replicas: [Replica; 2],
    pub(super) calls: Vec<Call>,
    /// How many crashes, power cuts and missed renewals there have been.
    pub(super) crashes: u8,
    pub(super) power_cuts: u8,
    pub(super) misses: u8,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Step {
    Begin(usize),
    CommitClaim(usize),
    LoseClaimCommit(usize),
    Send(usize),
    VendorAccepts(usize),
    VendorRefuses(usize),
    LoseConnection(usize),
    ReadAnswer(usize),
    CommitOutcome(usize),
    Flush,
    MissRenewal(usize),
    Renew(usize),
    Reap,
    LookUp,
    Crash(usize),
    CutPower,
}

/// A mistake that the exploration must find.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mistake {
    /// The write leaves while its claim is still queued.
    OutcomeBeforeIntent,
    /// The claim is committed and not flushed before the write leaves.
    UnflushedIntent,
    /// A process that lost its lease sends.
    SendWithoutLease,
    /// A claim without a living owner is freed instead of becoming unknown.
    FreeWhatIsUnknown,
    /// The outcome of a call overwrites a row that is not that call's any more.
    FreeTheRowOfAnother,
    /// A look-up that finds nothing frees the key while the request may still be underway.
    LookUpTooEarly,
}

impl World {
    /// Whether this owner still lives.
    pub(super) fn lives(&self, (replica, starts): Owner) -> bool {
        self.replicas[replica].starts == starts
    }

    /// What the store answers to the claim of call `i`, which becomes its phase.
    pub(super) fn claim(&mut self, i: usize, flushed: bool) -> Phase {
        let owner = self.calls[i].owner;
        match self.row {
            Row::Done => Phase::Over(Some(Outcome::Replayed)),
            Row::Unknown => Phase::Over(Some(Outcome::Unknown)),
            // A claim of this process that no call of it works on any more never left: its commit was lost.
            Row::Claimed(of, by) if of != owner || self.works(by) => Phase::Over(Some(Outcome::InProgress)),
            Row::Free | Row::Claimed(..) => {
                self.row = Row::Claimed(owner, i);
                if flushed {
                    self.disk = self.row;
                }
                Phase::Claimed
            }
        }
    }

    /// Whether a call is being worked on, or its outcome is not stored yet.
    pub(super) fn works(&self, i: usize) -> bool {
        !matches!(self.calls[i].phase, Phase::Over(_))
    }

    /// Ends all that a replica was doing, and starts it again.
    pub(super) fn restart(&mut self, replica: usize) {
        let owner = (replica, self.replicas[replica].starts);
        for call in self.calls.iter_mut().filter(|call| call.owner == owner) {
            match call.phase {
                Phase::Over(_) => {}
                // The caller may have read this answer before the outcome was stored.
                Phase::Ended(outcome) => call.phase = Phase::Over(Some(outcome)),
                _ => call.phase = Phase::Over(None),
            }
        }
        self.replicas[replica] = Replica { starts: owner.1 + 1, stale: false, ended: false };
    }

    pub(super) fn accepted(&self) -> usize {
        self.calls.iter().filter(|call| call.accepted).count()
    }

    pub(super) fn underway(&self) -> bool {
        self.calls.iter().any(|call| call.underway)
    }
}

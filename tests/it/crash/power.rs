//! The machine loses power, its disk is full, or a flush fails: `disk.c`, preloaded into the real process, notes every
//! change of the store's files, and what was flushed.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::LazyLock,
};

use tempfile::TempDir;
use tonic::Code;

use super::{
    report::{Report, crashes},
    rig::{Gateway, Seen, Stand, is_replayed, send, when_served},
};
use crate::support::{failed, in_time, pause};

/// How often the power is cut.
const CUTS: usize = 12;

/// The preloaded library. The tests need a C compiler as the build does.
static DISK: LazyLock<(TempDir, PathBuf)> = LazyLock::new(|| {
    let folder = tempfile::tempdir().expect("a folder");
    let library = folder.path().join("disk.so");
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/crash/disk.c");
    let compiled = Command::new("cc").args(["-shared", "-fPIC", "-O1", "-o"]).arg(&library).arg(source).status();
    assert!(compiled.expect("a C compiler").success());
    (folder, library)
});

/// The files of a folder, by their names.
type Files = BTreeMap<String, Vec<u8>>;

/// A disk with the store of a gateway.
struct Disk {
    /// Where the store is.
    store: PathBuf,
    /// What the library is told, and what it notes.
    control: TempDir,
    /// What was on it when the gateway was started.
    files: Files,
}

/// What the power cut leaves of a change that was not flushed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unflushed {
    /// Nothing.
    Lost,
    /// Some of them, in any order, and some in parts.
    Torn,
}

impl Disk {
    fn new(stand: &Stand) -> Self {
        let store = stand.folder.path().join("store");
        fs::create_dir_all(&store).expect("a folder");
        let files = files_of(&store);
        Self { store, control: tempfile::tempdir().expect("a folder"), files }
    }

    async fn start(&self, stand: &Stand) -> Gateway {
        let environment =
            [("LD_PRELOAD", &*DISK.1), ("SMSMUX_DISK", self.control.path()), ("SMSMUX_DISK_WATCH", &*self.store)];
        Gateway::with(&stand.config, &environment).await
    }

    fn set(&self, flag: &str, is_set: bool) {
        let path = self.control.path().join(flag);
        if is_set { fs::write(path, "") } else { fs::remove_file(path) }.expect("a flag");
    }

    /// Leaves what a power cut leaves, now that the process has ended. Returns how many changes had not been flushed.
    fn cut_power(self, unflushed: Unflushed) -> usize {
        let log = fs::read(self.control.path().join("log")).expect("a log");
        let (mut files, mut pending) = (self.files, Vec::<Change<'_>>::new());
        let mut rest = &log[..];
        while let Some(change) = Change::read(&mut rest) {
            match change {
                Change::Flush { name } => {
                    let (flushed, other) = pending.into_iter().partition(|change| change.name() == name);
                    let flushed: Vec<_> = flushed;
                    flushed.iter().for_each(|change| change.apply(&mut files));
                    pending = other;
                }
                // Names are on the disk at once.
                Change::Rename { from, to } => {
                    let file = files.remove(from).unwrap_or_default();
                    files.insert(to.to_owned(), file);
                }
                Change::Remove { name } => {
                    files.remove(name);
                    pending.retain(|change| change.name() != name);
                }
                change => pending.push(change),
            }
        }
        let count = pending.len();
        if unflushed == Unflushed::Torn {
            fastrand::shuffle(&mut pending);
            pending.iter().filter(|_| fastrand::bool()).for_each(|change| change.torn().apply(&mut files));
        }
        fs::remove_dir_all(&self.store).expect("removed");
        fs::create_dir(&self.store).expect("a folder");
        for (name, content) in files {
            fs::write(self.store.join(name), content).expect("a file");
        }
        count
    }
}

fn files_of(folder: &Path) -> Files {
    let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry"));
    let name = |entry: &fs::DirEntry| entry.file_name().into_string().expect("a name");
    // The shared memory of SQLite is made anew.
    let kept = entries.filter(|entry| !name(entry).ends_with("-shm"));
    kept.map(|entry| (name(&entry), fs::read(entry.path()).expect("a file"))).collect()
}

/// A change of a file, as disk.c notes it.
#[derive(Debug, Clone, Copy)]
enum Change<'a> {
    Write { name: &'a str, offset: usize, data: &'a [u8] },
    Truncate { name: &'a str, length: usize },
    Flush { name: &'a str },
    Rename { from: &'a str, to: &'a str },
    Remove { name: &'a str },
}

impl<'a> Change<'a> {
    /// Reads the next one. The last one may be cut.
    fn read(log: &mut &'a [u8]) -> Option<Self> {
        let (head, rest) = log.split_at_checked(32)?;
        let number = |n: usize| u64::from_ne_bytes(head[n * 8..n * 8 + 8].try_into().expect("8 bytes")) as usize;
        let (name, rest) = rest.split_at_checked(number(1))?;
        let (data, rest) = rest.split_at_checked(number(3))?;
        *log = rest;
        let text = |bytes| std::str::from_utf8(bytes).expect("text");
        let (name, offset) = (text(name), number(2));
        Some(match number(0) {
            1 => Self::Write { name, offset, data },
            2 => Self::Truncate { name, length: offset },
            3 => Self::Flush { name },
            4 => Self::Rename { from: name, to: text(data) },
            5 => Self::Remove { name },
            kind => panic!("{kind}"),
        })
    }

    fn name(&self) -> &'a str {
        match self {
            Self::Write { name, .. } | Self::Truncate { name, .. } | Self::Flush { name } | Self::Remove { name } => {
                name
            }
            Self::Rename { from, .. } => from,
        }
    }

    /// A part of it, as sectors of 512 bytes are written.
    fn torn(self) -> Self {
        match self {
            Self::Write { name, offset, data } if fastrand::bool() => {
                let sectors = fastrand::usize(..=data.len() / 512);
                Self::Write { name, offset, data: &data[..sectors * 512] }
            }
            other => other,
        }
    }

    fn apply(&self, files: &mut Files) {
        let file = files.entry(self.name().to_owned()).or_default();
        match self {
            Self::Write { offset, data, .. } => {
                file.resize(file.len().max(offset + data.len()), 0);
                file[*offset..offset + data.len()].copy_from_slice(data);
            }
            Self::Truncate { length, .. } => file.resize(*length, 0),
            Self::Flush { .. } | Self::Rename { .. } | Self::Remove { .. } => {}
        }
    }
}

/// Sends until the power is cut, and returns what the callers saw, and how much had not been flushed.
async fn cut(stand: &std::sync::Arc<Stand>, unflushed: Unflushed) -> (Seen, usize) {
    stand.clear();
    let disk = Disk::new(stand);
    let gateway = disk.start(stand).await;
    let callers = stand.send_until_it_fails(&gateway.channel);
    stand.arrived(fastrand::usize(1..40)).await;
    gateway.kill().await;
    (callers.end().await, disk.cut_power(unflushed))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_power_cut_sends_nothing_twice_and_loses_no_record_of_a_send() {
    let stand = Stand::new("path = '{folder}/store/smsmux.db'").await;
    let mut lost = 0;
    let cuts = crashes(CUTS);
    let report = Report::new("the power, with SQLite", cuts);
    let mut number = 0;
    // At least once there must have been something to lose.
    while number < cuts || lost == 0 {
        number += 1;
        let unflushed = if number % 2 == 0 { Unflushed::Lost } else { Unflushed::Torn };
        let (seen, count) = cut(&stand, unflushed).await;
        lost += count;
        let gateway = Gateway::start(&stand.config).await;
        // A reply may be lost that a caller has read: what it is answered then is not known again at every vendor.
        let told = Seen { interrupted: seen.interrupted.union(&seen.answered).cloned().collect(), ..Seen::default() };
        report.add(stand.check(&gateway.channel, &told).await);
        gateway.kill().await;
    }
    println!("{lost} changes of {number} power cuts were not flushed");
    report.end();
}

/// The test of the test: a store that does not flush forgets, and what it forgets is sent again.
#[tokio::test(flavor = "multi_thread")]
async fn a_power_cut_of_a_store_that_does_not_flush_is_noticed() {
    let stand = Stand::new("path = '{folder}/store/smsmux.db'\ndurability = 'process'").await;
    in_time(async {
        loop {
            let (seen, _) = cut(&stand, Unflushed::Lost).await;
            let gateway = Gateway::start(&stand.config).await;
            for sent in &seen.answered {
                let again = when_served(async || send(&gateway.channel, sent).await).await;
                if again.is_ok_and(|reply| !is_replayed(&reply)) {
                    return;
                }
            }
            gateway.kill().await;
        }
    })
    .await;
    assert!(stand.books().into_iter().flatten().any(|(_, times)| times > 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_rejects_writes_until_there_is_room() {
    let stand = Stand::new("path = '{folder}/store/smsmux.db'").await;
    let disk = Disk::new(&stand);
    let gateway = disk.start(&stand).await;
    let (before, meanwhile) = (stand.next(), stand.next());
    send(&gateway.channel, &before).await.expect("sent");
    disk.set("full", true);
    for _ in 0..3 {
        let status = send(&gateway.channel, &meanwhile).await.expect_err("no room");
        assert_eq!(failed(&status, Code::Unavailable, "STORE_UNAVAILABLE")["outcome"], "NOT_SENT");
    }
    assert!(!stand.books()[meanwhile.0].contains_key(&meanwhile.1));
    disk.set("full", false);
    in_time(async {
        while send(&gateway.channel, &meanwhile).await.is_err() {
            pause().await;
        }
    })
    .await;
    assert!(is_replayed(&send(&gateway.channel, &before).await.expect("replayed")));
    stand.nothing_was_sent_twice();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flush_that_fails_ends_the_process() {
    let stand = Stand::new("path = '{folder}/store/smsmux.db'").await;
    let disk = Disk::new(&stand);
    let gateway = disk.start(&stand).await;
    let (before, meanwhile) = (stand.next(), stand.next());
    send(&gateway.channel, &before).await.expect("sent");
    disk.set("failing", true);
    // A flush of what was recorded before may have failed already, and the process be gone.
    send(&gateway.channel, &meanwhile).await.expect_err("the flush fails");
    assert_eq!(gateway.ended().await, Some(1));
    assert!(!stand.books()[meanwhile.0].contains_key(&meanwhile.1));

    // What the disk has of it is in doubt, and all the same nothing is sent twice.
    disk.cut_power(Unflushed::Torn);
    let gateway = Gateway::start(&stand.config).await;
    assert!(is_replayed(&send(&gateway.channel, &before).await.expect("replayed")));
    match send(&gateway.channel, &meanwhile).await {
        Ok(reply) => assert!(!is_replayed(&reply)),
        Err(status) => assert_eq!(failed(&status, Code::Unknown, "OUTCOME_UNKNOWN")["outcome"], "UNKNOWN"),
    }
    stand.nothing_was_sent_twice();
}

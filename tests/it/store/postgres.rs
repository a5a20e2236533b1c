//! What several processes on one PostgreSQL server see of each other, and what happens when the server goes away.

use std::{env, fs, process::Command, sync::Arc, thread, time::Duration};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use smsmux::store::{Ask, Broken, Claimed, End, Flush, MessageUpdate, Op, Store, postgres::Postgres};

use super::{
    open::config,
    rig::{HOUR, Rig, key, send, update, write},
    server::{Database, Server},
};

#[test]
fn a_key_has_one_write_over_all_processes() {
    let database = Arc::new(Database::new());
    let (mut a, mut b) = (Rig::of_database(database.clone()), Rig::of_database(database));
    assert_ne!(a.identity.instance, b.identity.instance);
    let (first, second) = (a.id(), b.id());
    assert_eq!(a.claim(send(first, key(1, 1), "m", &[1])), Claimed::New);
    let retry = || send(second, key(1, 1), "m", &[1]);
    assert_eq!(b.claim(retry()), Claimed::Running { write_id: first, ours: false });
    assert_eq!(b.claim(send(second, key(2, 1), "m", &[1])), Claimed::MessageExists);
    assert_eq!(b.reap(), 0, "the other lives");
    a.done(first);
    assert_eq!(b.claim(retry()), Claimed::Replay { write_id: first, reply: Some(b"reply".to_vec()) });
}

#[test]
fn processes_that_race_for_keys_get_each_once() {
    let database = Arc::new(Database::new());
    let racers: Vec<_> = (0..2)
        .map(|n| {
            let mut rig = Rig::of_database(database.clone());
            thread::spawn(move || {
                let mut won = Vec::new();
                for _ in 0..40 {
                    let keys: Vec<_> = if n == 0 { (0..32).collect() } else { (0..32).rev().collect() };
                    let claims = keys.iter().map(|of| write(rig.id(), key(*of, 1))).collect();
                    let new = keys.iter().zip(rig.claims(claims)).filter(|(_, answer)| *answer == Claimed::New);
                    won.extend(new.map(|(of, _)| *of));
                }
                won
            })
        })
        .collect();
    let mut won: Vec<u8> = racers.into_iter().flat_map(|racer| racer.join().unwrap()).collect();
    won.sort_unstable();
    assert_eq!(won, (0..32).collect::<Vec<_>>());
}

#[test]
fn one_process_at_a_time_takes_due_messages() {
    let database = Arc::new(Database::new());
    let (mut a, mut b) = (Rig::of_database(database.clone()), Rig::of_database(database));
    let id = a.id();
    a.claim(send(id, None, "m", &[1]));
    let due = MessageUpdate { look_up_after: Some(Duration::ZERO), ..update(id, 2, None, false) };
    a.end(id, End::Done { reply: vec![] }, Some(due));
    assert_eq!(a.take_due(0, HOUR).len(), 0);
    assert_eq!(b.take_due(9, HOUR).len(), 0, "the other has the lease");
    assert_eq!(a.take_due(9, HOUR).len(), 1);
}

#[test]
fn a_server_that_comes_back_is_used_again() {
    let database = Arc::new(Database::on(Arc::new(Server::new())));
    let mut rig = Rig::of_database(database.clone());
    let (first, second, third) = (rig.id(), rig.id(), rig.id());
    assert_eq!(rig.claim(write(first, key(1, 1))), Claimed::New);

    database.server.stop();
    let mut batch = [Op::Claim(Box::new(Ask::new(write(second, key(2, 1)))))];
    let reset = rig.engine.commit(&mut batch, Flush::Full).expect_err("the connection broke");
    assert!(matches!(reset, Broken::Reset(_)), "{reset:?}");
    let broken = rig.engine.commit(&mut batch, Flush::Full).expect_err("the server is gone");
    assert!(matches!(broken, Broken::Away(_)), "{broken:?}");
    rig.reader.stats().expect_err("the server is gone");
    database.server.start();
    assert_eq!(rig.claim(write(second, key(2, 1))), Claimed::New);

    // What certainly was not committed is tried again at once.
    database.server.stop();
    database.server.start();
    assert_eq!(rig.claim(write(third, key(2, 1))), Claimed::Running { write_id: second, ours: true });
    assert_eq!(rig.claim(write(third, key(1, 1))), Claimed::Running { write_id: first, ours: true });
    assert_eq!(rig.reader.stats().unwrap().running, 2);
}

#[test]
fn a_process_whose_place_was_taken_ends() {
    let database = Arc::new(Database::new());
    let mut rig = Rig::of_database(database.clone());
    rig.renew(HOUR).unwrap();
    database.sql("UPDATE instance SET boot = 7");
    assert!(matches!(rig.renew(HOUR), Err(Broken::ForGood(_))));
}

#[test]
fn one_line_says_why_a_server_cannot_be_used() {
    let database = Database::new();
    let open = |url: &str| Postgres::open(url).expect_err("refused");
    let line = open("host=/no/such/folder user=smsmux");
    assert!(line.starts_with("cannot be used: PostgreSQL: ") && line.contains("No such file"), "{line}");
    let line = open("nonsense");
    assert!(line.starts_with("cannot be named like this: ") && !line.contains("nonsense"), "{line}");
    drop(Postgres::open(&database.url()).unwrap());
    database.sql("UPDATE meta SET number = 9999 WHERE key = 'schema'");
    let line = open(&database.url());
    assert_eq!(line, "was written by a newer smsmux: its schema is 9999, and this version knows up to 7");
}

#[tokio::test]
async fn a_store_on_a_server_is_leased_and_bound_to_its_hash_key() {
    let database = Database::new();
    let of_key = |key: char| {
        let key = key.to_string().repeat(32);
        config(&format!("postgres = '{}'\nhash_key = '{key}'\nseal_key = '{key}'", database.url()))
    };
    let store = Store::open(&of_key('a')).await.unwrap();
    let claim = send(store.new_write_id(), key(1, 1), "m", &[1]);
    assert_eq!(store.claim(claim).await.unwrap(), Claimed::New);
    assert_eq!(store.message("acme", "m").await.unwrap().unwrap().body, b"claimed");
    assert!(store.holds_lease(store.lease()));
    store.flush().await.unwrap();
    let line = Store::open(&of_key('b')).await.expect_err("another key").to_string();
    assert_eq!(line, "store.postgres: the server was made with another hash_key (or key file)");
}

/// The connection string of a child that trusts the server's certificate.
const TRUSTED: &str = "SMSMUX_TEST_STORE_OVER_TLS";

#[test]
fn a_server_is_trusted_by_its_certificate() {
    let mut authority = CertificateParams::default();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(["localhost".to_owned()]).unwrap().signed_by(&key, &authority).unwrap();
    let (_server, port) = Server::over_tls(&certificate.pem(), &key.serialize_pem());
    let url = |host: &str| {
        format!("host={host} hostaddr=127.0.0.1 port={port} user=smsmux dbname=postgres sslmode=verify-full")
    };

    let line = Postgres::open(&url("localhost")).expect_err("an unknown authority");
    assert!(line.contains("certificate"), "{line}");

    // The system's certificates are read once in a process: another one is told to trust this authority.
    let trusted = tempfile::NamedTempFile::new().unwrap();
    fs::write(trusted.path(), authority.pem()).unwrap();
    for (host, opens) in [("localhost", true), ("other.example", false)] {
        let child = Command::new(env::current_exe().unwrap())
            .args(["store::postgres::opens_a_server_over_tls", "--exact", "--ignored", "--nocapture"])
            .env(TRUSTED, url(host))
            .env("SSL_CERT_FILE", trusted.path())
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&[child.stdout, child.stderr].concat()).into_owned();
        assert!(child.status.success() == opens && said.contains("certificate") != opens, "{host}: {said}");
    }
}

/// Not a test: the process that trusts another authority.
#[test]
#[ignore = "is the child of another test"]
fn opens_a_server_over_tls() {
    let Ok(url) = env::var(TRUSTED) else { return };
    Postgres::open(&url).unwrap();
}

//! Sends to the recipients of a file.

use super::*;

/// A file of recipients.
fn people(lines: &str) -> (TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("people.csv");
    fs::write(&file, lines).unwrap();
    (folder, file.display().to_string())
}

const PEOPLE: &str = "to,name\n+393471234567,Ada\n+393477654321,Bob\n+393470000001,Ada\n";

fn to_file<'a>(file: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    [&["send", "--account", "smsend", "--recipients-from", file, "--text", "Dear {name}"], more].concat()
}

#[tokio::test]
async fn each_recipient_of_a_file_gets_its_text_once() {
    let rig = Rig::smsend().await;
    let (_folder, file) = people(PEOPLE);
    for _ in 0..2 {
        let sent = json(&rig, &to_file(&file, &["--idempotency-key", "campaign"])).await;
        let count = |at: usize| sent["messages"][at]["recipients"].as_array().unwrap().len();
        assert_eq!((count(0), count(1)), (2, 1), "{sent}");
    }
    let texts: Vec<_> = rig
        .requests(SEND)
        .iter()
        .map(|request| request.json().unwrap()["message"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(texts.len(), 2, "{texts:?}");
    assert!(["Dear Ada", "Dear Bob"].iter().all(|text| texts.iter().any(|sent| sent == text)), "{texts:?}");
    let table = ask(&rig, &to_file(&file, &[])).await.with(0);
    assert_eq!(table.stdout.lines().filter(|line| line.contains("QUEUED")).count(), 3, "{table:#?}");
    assert!(table.stderr.contains("--idempotency-key "), "{table:#?}");
}

#[tokio::test]
async fn a_dry_run_tells_the_segments_and_sends_nothing() {
    let rig = Rig::smsend().await;
    let (_folder, file) = people(PEOPLE);
    let told = ask(&rig, &to_file(&file, &["--dry-run"])).await.with(0);
    assert!(told.stdout.contains("3 recipients, 3 segments to pay for; nothing was sent"), "{told:#?}");
    let told = json(&rig, &to_file(&file, &["--dry-run"])).await;
    assert_eq!((&told["recipients"], &told["segments"]), (&3.into(), &3.into()), "{told}");
    let long = "x".repeat(2000);
    let rejected =
        ask(&rig, &["send", "--account", "smsend", "--to", NUMBER, "--text", &long, "--dry-run"]).await.with(1);
    assert!(rejected.stdout.contains("text: "), "{rejected:#?}");
    assert_eq!(rig.requests(SEND).len(), 0);
}

#[tokio::test]
async fn a_partial_failure_has_an_exit_code_of_its_own() {
    let rig = Rig::smsend().await;
    let (_folder, file) = people(PEOPLE);
    rig.answer(SEND, 400, "no");
    let ended = ask(&rig, &to_file(&file, &[])).await.with(3);
    assert!(ended.stderr.contains("of 3 recipients"), "{ended:#?}");
    assert!(ended.stdout.contains("REFUSED") && ended.stdout.contains("QUEUED"), "{ended:#?}");
}

#[tokio::test]
async fn a_file_with_a_bad_line_is_sent_to_nobody() {
    let rig = Rig::smsend().await;
    let (_folder, file) = people("to,name\n12,Ada\n+393477654321,Bob\n");
    let ended = ask(&rig, &to_file(&file, &[])).await.with(1);
    assert!(ended.stderr.contains("line 2") && ended.stderr.contains("nothing was sent"), "{ended:#?}");
    assert_eq!(rig.requests(SEND).len(), 0);
}

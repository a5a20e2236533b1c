//! What the samples of the vendors' documents send, sent to the stand-ins over real sockets: by this test byte by byte, and
//! with the feature `foreign-clients` by curl and by the HTTP libraries of the languages in which the samples are written.
//!
//! Each vendor has a table, in which the requests are those of its samples (method, address, headers, members and their
//! types) with values of our own. A sample that its own document refuses is there too, with the reason in `wrong`.

#[cfg(feature = "foreign-clients")]
mod programs;
mod wire;

use std::collections::BTreeMap;

use serde::Deserialize;
use smsmux_sandbox::{Sandbox, VENDORS};
use tokio::runtime::Runtime;

/// A vendor's samples, in the order in which they are sent to one stand-in.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    /// The headers of each sample that has none of its own.
    headers: Vec<String>,
    /// A header and another that the documents show in its place: everything is sent once more with that, to a fresh
    /// stand-in.
    or: Option<[String; 2]>,
    sample: Vec<Sample>,
}

/// A sample, and what comes back. `<name>` stands for what an earlier answer had.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sample {
    name: String,
    /// The method and the address below the vendor's base address.
    request: String,
    headers: Option<Vec<String>>,
    body: Option<String>,
    status: u16,
    /// What the answer's body has in it.
    #[serde(default)]
    says: Vec<String>,
    /// Names for the end of the answer's `Location`, or for the parts between semicolons of its body.
    #[serde(default)]
    keep: Vec<String>,
    /// The programs whose documents show it; all of them when absent. This test itself sends every sample.
    only: Option<Vec<String>>,
    /// Why the document refuses its own sample.
    wrong: Option<String>,
}

/// What is sent.
#[derive(Debug)]
struct Request {
    method: String,
    url: String,
    headers: Vec<String>,
    body: Option<String>,
}

/// What comes back.
#[derive(Debug)]
struct Answer {
    status: u16,
    location: String,
    body: String,
}

/// Sends the samples of every vendor; `program` is who sends them, none for this test itself.
fn send_all(program: Option<&str>, send: &mut dyn FnMut(&Request) -> Answer) {
    let runtime = Runtime::new().unwrap();
    for vendor in VENDORS {
        let path = format!("{}/tests/samples/{vendor}.toml", env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read_to_string(path).unwrap();
        let or = toml::from_str::<Table>(&text).unwrap().or;
        let other = or.map(|[header, other]| text.replace(&format!("\"{header}\"]"), &format!("\"{other}\"]")));
        assert!(other.as_ref().is_none_or(|other| *other != text), "{vendor} has no other header");
        for text in [Some(text), other].into_iter().flatten() {
            let table: Table = toml::from_str(&text).unwrap();
            let sandbox = runtime.block_on(Sandbox::start(vendor, ([127, 0, 0, 1], 0).into())).unwrap();
            let mut known = BTreeMap::new();
            for sample in &table.sample {
                let sent_by = |program| sample.only.as_ref().is_none_or(|only| only.iter().any(|name| name == program));
                if program.is_none_or(sent_by) {
                    let answer = send(&request(sample, &table.headers, &sandbox.base_url(), &known));
                    check(vendor, sample, &answer);
                    known.extend(kept(sample, &answer));
                }
            }
        }
    }
}

fn request(sample: &Sample, headers: &[String], base: &str, known: &BTreeMap<String, String>) -> Request {
    let fill = |text: &str| {
        known.iter().fold(text.to_owned(), |text, (name, value)| text.replace(&format!("<{name}>"), value))
    };
    let (method, address) = sample.request.split_once(' ').unwrap();
    Request {
        method: method.to_owned(),
        url: base.to_owned() + &fill(address),
        headers: sample.headers.as_deref().unwrap_or(headers).iter().map(|header| fill(header)).collect(),
        body: sample.body.as_deref().map(fill),
    }
}

fn check(vendor: &str, sample: &Sample, answer: &Answer) {
    let name = format!("{vendor}, {}: {answer:?}", sample.name);
    assert_eq!(answer.status, sample.status, "{name}");
    for part in &sample.says {
        assert!(answer.body.contains(part.as_str()), "{part} in {name}");
    }
    let verdicts = ["\"success\":false", "<entry>false</entry>"];
    let refused = answer.status >= 400 || verdicts.iter().any(|no| answer.body.contains(no));
    assert_eq!(refused, sample.wrong.is_some(), "{:?}: {name}", sample.wrong);
}

/// What later samples need of an answer, by the names that they have for it.
fn kept<'a>(sample: &'a Sample, answer: &'a Answer) -> impl Iterator<Item = (String, String)> + use<'a> {
    let end = answer.location.rsplit('/').next().filter(|end| !end.is_empty());
    let values = end.map_or_else(|| answer.body.split(';').collect::<Vec<_>>(), |end| vec![end]);
    sample.keep.iter().cloned().zip(values.into_iter().map(str::to_owned))
}

#[test]
fn the_stand_ins_answer_the_documents_samples_as_the_documents_say() {
    send_all(None, &mut wire::send);
}

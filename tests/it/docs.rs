//! What the documentation states is what the code knows: every configuration key with its default, every reason of an error
//! with its code, every metric, every module of the sources. Links lead to files and headings that exist.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use smsmux::{
    api::SERVICES,
    config::Config,
    error::{Error, Reason},
    vendors::{self, REGISTRY},
};
use toml::{Table, Value};

use crate::support::pages::{between, blocks, file, read, rows};

/// Logins that together read every key of every vendor.
const LOGINS: &[(&str, &str)] = &[
    ("smsend", "username = 'u'\npassword = 'p'"),
    ("smsend", "token = 'USER;TOKEN'"),
    ("lox24", "token = '1:k'"),
    ("ip1sms", "username = 'u'\napi_key = 'k'"),
    ("ip1sms", "token = 't'"),
    ("intelepeer", "token = 't'"),
    ("smspartner", "api_key = 'k'"),
];

/// A key that there is nowhere.
const UNKNOWN: &str = "no_such_key";

/// A default, where a key has one.
type Default = Option<String>;

#[test]
fn every_configuration_key_is_documented_with_its_default() {
    let mut expected: BTreeMap<String, Default> = BTreeMap::new();
    let mut of_vendors: BTreeMap<&str, BTreeMap<String, Default>> = BTreeMap::new();
    for (vendor, login) in LOGINS {
        for (path, default) in known(vendor, login) {
            match path.strip_prefix("accounts.a.") {
                Some(key) => drop(of_vendors.entry(vendor).or_default().insert(key.to_owned(), default)),
                None => drop(expected.insert(path.replace("callers.c.", "callers.*."), default)),
            }
        }
    }
    let registered: BTreeSet<_> = REGISTRY.iter().map(|(name, ..)| *name).collect();
    assert_eq!(of_vendors.keys().copied().collect::<BTreeSet<_>>(), registered, "LOGINS has every vendor");
    let all: BTreeSet<_> = of_vendors.values().flat_map(BTreeMap::keys).collect();
    for key in all {
        let defaults: Vec<_> = of_vendors.iter().filter_map(|(vendor, keys)| Some((vendor, keys.get(key)?))).collect();
        let is_common = defaults.len() == of_vendors.len();
        let is_same = defaults.iter().all(|(_, default)| *default == defaults[0].1);
        if is_common {
            expected.insert(format!("accounts.*.{key}"), defaults[0].1.clone().filter(|_| is_same));
        }
        if !is_common || !is_same {
            expected.extend(defaults.into_iter().map(|(vendor, default)| (format!("{vendor}.{key}"), default.clone())));
        }
    }

    let keys =
        rows("docs/configuration.md", "key").into_iter().map(|row| (code(&row[0]).expect("a key"), code(&row[1])));
    let of_vendors = rows("docs/configuration.md", "vendor").into_iter();
    let of_vendors =
        of_vendors.map(|row| (format!("{}.{}", code(&row[0]).unwrap(), code(&row[1]).unwrap()), code(&row[2])));
    let documented: BTreeMap<_, _> = keys.chain(of_vendors).collect();
    let all: BTreeSet<_> = documented.keys().chain(expected.keys()).collect();
    let wrong = all.into_iter().filter(|key| documented.get(*key) != expected.get(*key));
    let wrong: Vec<_> = wrong
        .map(|key| format!("{key}: the page has {:?}, the code {:?}", documented.get(key), expected.get(key)))
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// The keys of a configuration with an account at `vendor`, by their paths, with the defaults of those that are not given.
fn known(vendor: &str, login: &str) -> BTreeMap<String, Default> {
    let (_, hash) = smsmux::config::api_key::generate("c").unwrap();
    let sections =
        ["server", "log", "metrics", "tracing", "store", "webhooks", "events", "consent", "guard", "quiet_hours"]
            .map(|name| format!("[{name}]\n{UNKNOWN} = 1\n"))
            .concat();
    let caller = format!("[callers.c]\nkey = '{hash}'\nscopes = ['*']\naccounts = ['*']\n{UNKNOWN} = 1\n");
    let account = format!("[accounts.a]\nvendor = '{vendor}'\n{login}\n{UNKNOWN} = 1\n");
    let given: Table = format!("{sections}{caller}{account}").parse().unwrap();
    let mut problems = Vec::new();
    let mut config = Config::new(given.clone(), &mut problems);
    vendors::connect(&mut config, &mut problems);
    let effective: Table = config.effective().parse().unwrap();
    let at = |table: &Table, path: &str| {
        path.split('.').try_fold(Value::Table(table.clone()), |at, key| at.get(key).cloned())
    };

    let mut known = BTreeMap::new();
    for problem in problems {
        let section = problem.path.strip_suffix(UNKNOWN).unwrap_or_else(|| panic!("{problem}"));
        let (_, keys) = problem.text.split_once("expected one of ").expect("the known keys");
        for path in keys.split(", ").map(|key| format!("{section}{key}")) {
            let default = at(&effective, &path).filter(|_| at(&given, &path).is_none());
            let default = default.map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned));
            known.insert(path, default);
        }
    }
    known
}

/// What a cell has as `code` at its beginning.
fn code(cell: &str) -> Option<String> {
    Some(cell.strip_prefix('`')?.split_once('`')?.0.to_owned())
}

#[test]
fn every_reason_is_documented_with_its_code() {
    let reasons = (1..).map_while(|number| Reason::try_from(number).ok());
    let expected: BTreeMap<_, _> = reasons
        .map(|reason| {
            let name = reason.as_str_name().trim_start_matches("ERROR_REASON_").to_owned();
            (name, format!("{:?}", Error::new(reason, "").code()).to_ascii_uppercase())
        })
        .collect();
    let documented = rows("docs/errors.md", "reason").into_iter();
    let documented: BTreeMap<_, _> = documented
        .map(|row| (code(row[0].trim_start_matches("[")).expect("a reason"), row[1].replace('_', "")))
        .collect();
    assert_eq!(documented, expected);
}

#[test]
fn every_metric_is_documented_with_its_causes() {
    let registered = registered();
    let table = rows("docs/operations.md", "metric");
    let documented: BTreeSet<_> =
        table.iter().map(|row| code(&row[0]).unwrap().trim_end_matches("_total").to_owned()).collect();
    assert_eq!(documented, registered);

    let causes = quoted("incidents.rs", "Line::new(");
    assert!(causes.len() >= 10, "{causes:?}");
    let listed: BTreeSet<_> = table
        .iter()
        .filter(|row| row[1].starts_with("`cause`: "))
        .flat_map(|row| {
            row[1]
                .trim_start_matches("`cause`: ")
                .split(", ")
                .map(|cause| cause.trim_matches('`').to_owned())
                .collect::<Vec<_>>()
        })
        .collect();
    assert_eq!(listed, causes);
}

/// The words of a text that are names of metrics.
fn metrics_in(text: &str) -> impl Iterator<Item = &str> {
    let words = text.split(|c: char| !(c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_'));
    words.filter(|word| {
        let name = ["smsmux_", "grpc_server_", "process_"].iter().find_map(|prefix| word.strip_prefix(prefix));
        name.is_some_and(|name| name.starts_with(|c: char| c.is_ascii_lowercase()))
    })
}

#[test]
fn every_metric_that_is_named_anywhere_exists() {
    let registered = registered();
    // The clients' pages have names of their languages that look the same.
    let files = pages().into_iter().filter(|page| !page.starts_with("clients/"));
    let (mut files, mut named, mut unknown) = (files.collect::<Vec<_>>(), 0, Vec::new());
    walk(&PathBuf::from(file("deploy")), &mut |path| {
        files.push(path.strip_prefix(file("")).unwrap().to_str().unwrap().to_owned());
    });
    for file in files {
        for metric in metrics_in(&read(&file)).filter(|word| *word != "smsmux_sandbox") {
            let suffixes = ["", "_total", "_bucket", "_sum", "_count"];
            named += 1;
            if !suffixes.iter().any(|suffix| metric.strip_suffix(suffix).is_some_and(|name| registered.contains(name)))
            {
                unknown.push(format!("{file}: {metric}"));
            }
        }
    }
    assert!(unknown.is_empty(), "{unknown:#?}");
    assert!(named >= 100, "{named}");
}

#[test]
fn every_alert_is_documented() {
    let rules = read("deploy/chart/files/rules.yaml");
    let alerts: BTreeSet<_> = rules.split("- alert: ").skip(1).map(|rest| rest.lines().next().unwrap()).collect();
    let documented = rows("docs/operations.md", "alert");
    let documented: BTreeSet<_> = documented.iter().map(|row| row[0].trim_matches('`')).collect();
    assert!(alerts.len() >= 20);
    assert_eq!(documented, alerts);
}

/// The names of all metrics. A family without a value is not shown at `/metrics`, so they are taken from where they are registered.
fn registered() -> BTreeSet<String> {
    let mut registered = BTreeSet::new();
    walk(&PathBuf::from(file("src/telemetry")), &mut |path| {
        let source = fs::read_to_string(path).unwrap();
        let code = source.split("#[cfg(test)]").next().unwrap();
        let after = ["registry,", "write("].iter().flat_map(|before| code.split(before).skip(1));
        registered.extend(after.filter_map(first_word_in_quotes));
    });
    registered.retain(|name| metrics_in(name).next().is_some());
    assert!(registered.len() >= 10, "{registered:?}");
    registered
}

/// The words in quotes that follow these ones in the code of a file, first in their line of arguments.
fn quoted(file: &str, before: &str) -> BTreeSet<String> {
    let source = source(file);
    let code = source.split("#[cfg(test)]").next().unwrap();
    code.split(before).skip(1).filter_map(first_word_in_quotes).collect()
}

/// The first text in quotes, where that is a word: a sentence is none.
fn first_word_in_quotes(code: &str) -> Option<String> {
    let word = code.split('"').nth(1)?;
    let is_word = word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    (is_word && !word.is_empty()).then(|| word.to_owned())
}

/// The source file of this name, wherever it is.
fn source(name: &str) -> String {
    let mut found = Vec::new();
    walk(&PathBuf::from(file("src")), &mut |path| {
        if path.file_name().is_some_and(|file| file == name) {
            found.push(path.to_owned());
        }
    });
    assert_eq!(found.len(), 1, "{name}: {found:?}");
    fs::read_to_string(&found[0]).unwrap()
}

fn walk(folder: &Path, see: &mut impl FnMut(&Path)) {
    for entry in fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display())) {
        let path = entry.unwrap().path();
        if path.is_dir() { walk(&path, see) } else { see(&path) }
    }
}

/// The Markdown pages of the repository, by their paths.
fn pages() -> Vec<String> {
    let root = PathBuf::from(file(""));
    let mut pages: Vec<_> = fs::read_dir(&root).unwrap().map(|entry| entry.unwrap().path()).collect();
    for folder in ["docs", "benches", "deploy", "fuzz"] {
        walk(&root.join(folder), &mut |path| pages.push(path.to_owned()));
    }
    for entry in fs::read_dir(root.join("clients")).unwrap() {
        let path = entry.unwrap().path();
        pages.push(if path.is_dir() { path.join("README.md") } else { path });
    }
    pages.retain(|path| path.extension().is_some_and(|extension| extension == "md") && path.exists());
    pages.into_iter().map(|path| path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned()).collect()
}

#[test]
fn the_map_of_the_code_has_every_module_and_no_file_that_is_gone() {
    let page = read("docs/architecture.md");
    let mut files = vec![file("build.rs")];
    for folder in ["src", "tests", "crates"].map(file).into_iter().filter(|folder| Path::new(folder).exists()) {
        walk(Path::new(&folder), &mut |path| files.push(path.display().to_string()));
    }
    let named = page.split('`').skip(1).step_by(2).filter(|code| code.ends_with(".rs"));
    let gone: Vec<_> = named.filter(|name| !files.iter().any(|file| file.ends_with(&format!("/{name}")))).collect();
    assert!(gone.is_empty(), "{gone:?}");

    let modules = fs::read_dir(file("src")).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let unnamed: Vec<_> = modules
        .filter(|name| !["main.rs", "lib.rs", "fuzzing.rs"].contains(&name.as_str()))
        .filter(|name| !["src", "crates"].iter().any(|folder| page.contains(&format!("`{folder}/{name}`"))))
        .collect();
    assert!(unnamed.is_empty(), "{unnamed:?}");
}

#[test]
fn links_lead_to_files_and_headings_that_exist() {
    let pages = pages();
    assert!(pages.len() >= 15, "{pages:?}");
    let mut broken = Vec::new();
    for page in &pages {
        let text = without_code(&read(page));
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            if link.contains("://") || link.starts_with("mailto:") {
                continue;
            }
            let (target, heading) = link.split_once('#').unwrap_or((link, ""));
            let target = match target {
                "" => PathBuf::from(page),
                target => Path::new(page).parent().unwrap().join(target),
            };
            let path = file(target.to_str().unwrap());
            if !Path::new(&path).exists() {
                broken.push(format!("{page}: {link}"));
            } else if !heading.is_empty() && !headings(&fs::read_to_string(&path).unwrap()).contains(heading) {
                broken.push(format!("{page}: {link} has no such heading"));
            }
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
}

/// A page without its blocks and its `code`.
fn without_code(page: &str) -> String {
    let prose = page.split("```").step_by(2).collect::<String>();
    prose.split('`').step_by(2).collect()
}

/// The anchors of a page's headings.
fn headings(page: &str) -> BTreeSet<String> {
    let anchor = |heading: &str| {
        let kept = heading.trim().to_lowercase().replace(' ', "-");
        kept.chars().filter(|c| c.is_alphanumeric() || matches!(c, '-' | '_')).collect()
    };
    page.lines().filter(|line| line.starts_with('#')).map(|line| anchor(line.trim_start_matches('#'))).collect()
}

#[test]
fn the_programs_of_the_readme_are_those_of_the_clients() {
    let programs = blocks("README.md").into_iter().filter(|block| block.language.contains(' '));
    let proved: Vec<_> = ["python", "typescript", "go", "ruby"]
        .iter()
        .flat_map(|language| blocks(&format!("clients/{language}/README.md")))
        .collect();
    let mut seen = 0;
    for program in programs {
        let same = proved.iter().find(|block| block.language == program.language);
        let same = same.unwrap_or_else(|| panic!("{}: no client has it", program.place));
        assert_eq!(program.text, same.text, "{} and {}", program.place, same.place);
        seen += 1;
    }
    assert_eq!(seen, 2, "one in each of two languages");
}

/// How each client names a service that it offers: `{}` is the service, `{file}` the name of its file.
const OFFERED: &[(&str, &str)] = &[
    ("cpp/include/smsmux/client.h", "<v1::{}::Stub>"),
    ("csharp/src/Client.cs", "new {}.{}Client(calls)"),
    ("go/client.go", "smsmuxv1.New{}Client(conn)"),
    ("java/src/main/java/io/smsmux/Client.java", "({}Grpc.newBlockingStub(channel))"),
    ("php/lib/Client.php", "$service(V1\\{}Client::class)"),
    ("python/src/smsmux/__init__.py", "from smsmux.v1.{file}_pb2 import *"),
    ("python/src/smsmux/_aio.py", " = {}Stub(channel)"),
    ("python/src/smsmux/_client.py", " = {}Stub(channel)"),
    ("ruby/lib/smsmux/client.rb", ": V1::{}"),
    ("rust/src/client.rs", " {file}_client {}Client "),
    ("typescript/src/client.ts", "createClient(v1.{}, "),
];

#[test]
fn every_client_offers_every_service() {
    let mut missing = Vec::new();
    for (path, form) in OFFERED {
        let source = read(&format!("clients/{path}"));
        for service in SERVICES {
            let name = service.rsplit('.').next().unwrap();
            let snake: String = name
                .chars()
                .flat_map(|c| c.is_ascii_uppercase().then_some('_').into_iter().chain([c.to_ascii_lowercase()]))
                .collect();
            let offer = form.replace("{}", name).replace("{file}", snake.trim_start_matches('_'));
            if !source.contains(&offer) {
                missing.push(format!("clients/{path} has no {offer}"));
            }
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
    let languages: BTreeSet<_> = OFFERED.iter().map(|(path, _)| path.split('/').next().unwrap()).collect();
    let clients = fs::read_dir(file("clients")).unwrap().map(|entry| entry.unwrap().path());
    let clients = clients.filter(|path| path.join("scenario.sh").exists());
    let clients: BTreeSet<_> = clients.map(|path| path.file_name().unwrap().to_str().unwrap().to_owned()).collect();
    assert_eq!(languages, clients.iter().map(String::as_str).collect());
}

#[test]
fn the_scenario_of_rust_lists_every_vector_that_clients_decode() {
    let scenario = read("clients/rust/scenario/src/main.rs");
    let listed: BTreeSet<_> = scenario.split(|c: char| !c.is_ascii_alphanumeric()).collect();
    let vectors = fs::read_dir(file("clients/testdata")).unwrap().map(|entry| entry.unwrap().path());
    let vectors = vectors.filter(|path| path.extension().is_some_and(|extension| extension == "binpb"));
    let names = vectors.map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned());
    let missing: Vec<_> = names.filter(|name| !listed.contains(name.as_str())).collect();
    assert!(missing.is_empty(), "clients/rust/scenario/src/main.rs: check! has no {missing:?}");
}

#[test]
fn a_table_is_written_between_two_lines_that_the_page_has_once() {
    let place = |text: &str| between(text, "<!-- t -->\n", "<!-- end of t -->\n").map(|place| text[place].to_owned());
    let page = "UNSUPPORTED\n<!-- t -->\n| a |\n<!-- end of t -->\nUNSUPPORTED\n";
    assert_eq!(place(page).as_deref(), Some("| a |\n"));
    assert_eq!(place(&format!("In text: <!-- end of t -->\n{page}")).as_deref(), Some("| a |\n"));
    for wrong in [
        format!("{page}{page}"),
        format!("<!-- end of t -->\n{page}"),
        page.replace("<!-- end of t -->\n", ""),
        "<!-- end of t -->\n<!-- t -->\n".to_owned(),
    ] {
        assert_eq!(place(&wrong), None, "{wrong}");
    }
}

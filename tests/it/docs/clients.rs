//! The clients: their programs on other pages, and what each of them offers.

use std::{collections::BTreeSet, fs};

use smsmux::api::SERVICES;

use crate::support::pages::{blocks, file, read};

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
    ("cpp/include/smsmux/services.h", "v1::{}::Stub"),
    ("csharp/src/Services.cs", "public {}.{}Client "),
    ("go/services.go", "smsmuxv1.New{}Client(conn)"),
    ("java/src/main/java/io/smsmux/Services.java", " {}Grpc.newBlockingStub(channel)"),
    ("php/src/Smsmux/V1/Services.php", "$service({}Client::class)"),
    ("python/src/smsmux/v1/__init__.py", "from smsmux.v1.{file}_pb2 import *"),
    ("python/src/smsmux/v1/services.py", " = {}Stub(channel)"),
    ("ruby/lib/smsmux/client.rb", ": V1::{}"),
    ("rust/src/services.rs", "v1::{file}_client::{}Client::new("),
    ("typescript/src/gen/services.ts", "createClient(v1.{}, "),
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

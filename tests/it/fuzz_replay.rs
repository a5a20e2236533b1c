//! The corpus of the fuzz targets, without the fuzzer: every file of it goes through its target.

use std::{collections::BTreeSet, fs, path::Path};

use smsmux::fuzzing::TARGETS;

#[test]
fn every_file_of_the_corpus_passes_its_target() {
    let fuzz = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz");
    let mut replayed = BTreeSet::new();
    for (name, target) in TARGETS {
        assert!(fuzz.join("targets").join(name).with_extension("rs").exists(), "{name} has a target");
        for entry in fs::read_dir(fuzz.join("corpus").join(name)).expect(name) {
            let file = entry.expect(name).path();
            println!("{}", file.display());
            target(&fs::read(&file).expect(name));
            replayed.insert(*name);
        }
    }
    assert_eq!(replayed.len(), TARGETS.len(), "every target has a corpus");
}

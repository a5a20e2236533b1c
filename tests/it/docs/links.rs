//! The links of the pages.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use super::pages;
use crate::support::pages::{file, read};

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

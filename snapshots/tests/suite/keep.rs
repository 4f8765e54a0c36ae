//! Keeping snapshots of the corpus: `model/<group>/<name>.snap`, one a scenario.
//!
//! insta judges and writes them, so `cargo insta review` and `INSTA_UPDATE=always cargo test` work.
//! All snapshots are looked at before the test fails, and a snapshot without a scenario fails too.

use std::collections::BTreeSet;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

/// The folder of the snapshots, seen from this file: insta looks from there.
const FOLDER: &str = "../../model";

/// A scenario as its snapshot shows it.
pub struct Kept {
    /// Path in the corpus, without `.toml`: `nexthops/release-one-reference-each`.
    pub path: String,
    /// Title of the scenario.
    pub title: String,
    /// What `render` made of it.
    pub text: String,
}

/// Asserts every snapshot of the corpus, and that there are no others.
///
/// # Panics
/// When a snapshot differs, is missing, or belongs to no scenario; each one is named.
pub fn assert_all(corpus: &[Kept]) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("model");
    let mut failures = assert_each(FOLDER, corpus);
    let known = corpus.iter().map(|kept| kept.path.clone()).collect();
    failures.extend(orphans(&folder, &known));
    assert!(failures.is_empty(), "{} snapshots fail:\n{}", failures.len(), failures.join("\n"));
}

/// Asserts each snapshot in `folder`, which is seen from this file; gives the failures.
fn assert_each(folder: &str, corpus: &[Kept]) -> Vec<String> {
    let mut failures = Vec::new();
    for kept in corpus {
        let (group, name) = match kept.path.rsplit_once('/') {
            Some((group, name)) => (format!("{folder}/{group}"), name),
            None => (String::from(folder), kept.path.as_str()),
        };
        insta::with_settings!({
            snapshot_path => group,
            prepend_module_to_snapshot => false,
            omit_expression => true,
            description => kept.title.as_str(),
            // From the root of the workspace, so that it is the same on every machine.
            input_file => format!("scenarios/corpus/{}.toml", kept.path),
        }, {
            let assertion = || insta::assert_snapshot!(name, kept.text);
            if catch_unwind(AssertUnwindSafe(assertion)).is_err() {
                failures.push(format!("  {}: not as its snapshot says", kept.path));
            }
        });
    }
    failures
}

/// Snapshots in `folder` that belong to none of the `known` scenarios.
fn orphans(folder: &Path, known: &BTreeSet<String>) -> Vec<String> {
    let mut found = Vec::new();
    collect(folder, "", &mut found);
    found.sort();
    found.retain(|path| !known.contains(path));
    found.iter().map(|path| format!("  {path}: no such scenario; delete its snapshot")).collect()
}

/// Paths of the snapshots below `folder`, without `.snap`, each behind `prefix`.
fn collect(folder: &Path, prefix: &str, found: &mut Vec<String>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.path().is_dir() {
            collect(&entry.path(), &format!("{prefix}{name}/"), found);
        } else if let Some(stem) = name.strip_suffix(".snap") {
            found.push(format!("{prefix}{stem}"));
        }
    }
}

#[test]
fn snapshots_without_a_scenario_are_found() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for (group, name) in [("routes", "a.snap"), ("routes", "b.snap"), ("hold", "a.snap.new")] {
        fs::create_dir_all(folder.path().join(group)).expect("a folder of a group");
        fs::write(folder.path().join(group).join(name), "").expect("a snapshot");
    }
    let known = BTreeSet::from([String::from("routes/a"), String::from("routes/c")]);
    let found = orphans(folder.path(), &known);
    assert_eq!(found, ["  routes/b: no such scenario; delete its snapshot"]);
    assert_eq!(orphans(&folder.path().join("missing"), &known), [""; 0]);
}

#[test]
fn snapshots_lie_where_they_are_looked_for() {
    // The way from this file and the way from the package must lead to one folder.
    let from_file = Path::new(file!()).parent().expect("a folder").join("snapshots");
    let path = from_file.to_string_lossy().replace('\\', "/");
    assert_eq!(path, "snapshots/tests/suite/snapshots");
    let kept = Kept {
        path: String::from("readme"),
        title: String::from("a snapshot under its own name, with its title"),
        text: String::from("# a snapshot\n"),
    };
    assert_eq!(assert_each("snapshots", &[kept]), [""; 0]);
}

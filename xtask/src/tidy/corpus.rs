//! Scenarios and the snapshots of what the model does with them come in pairs.

use super::Diagnostic;
use super::tree::Tree;

const SCENARIO_FOLDER: &str = "scenarios/corpus/";
const SCENARIO_SUFFIX: &str = ".toml";
const SNAPSHOT_FOLDER: &str = "snapshots/model/";
const SNAPSHOT_SUFFIX: &str = ".snap";

/// Each scenario has a snapshot and each snapshot a scenario, as soon as there is a corpus.
pub fn snapshots(tree: &Tree) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    if tree.stems(SCENARIO_FOLDER, "").next().is_none() {
        return diagnostics;
    }
    for stem in tree.stems(SCENARIO_FOLDER, SCENARIO_SUFFIX) {
        let scenario = format!("{SCENARIO_FOLDER}{stem}{SCENARIO_SUFFIX}");
        let snapshot = format!("{SNAPSHOT_FOLDER}{stem}{SNAPSHOT_SUFFIX}");
        if !tree.contains(&snapshot) {
            diagnostics.push(Diagnostic::new(&scenario, 1, format!("no snapshot `{snapshot}`")));
        }
    }
    for stem in tree.stems(SNAPSHOT_FOLDER, SNAPSHOT_SUFFIX) {
        let scenario = format!("{SCENARIO_FOLDER}{stem}{SCENARIO_SUFFIX}");
        let snapshot = format!("{SNAPSHOT_FOLDER}{stem}{SNAPSHOT_SUFFIX}");
        if !tree.contains(&scenario) {
            let message = format!("orphan snapshot, no scenario `{scenario}`");
            diagnostics.push(Diagnostic::new(&snapshot, 1, message));
        }
    }
    diagnostics
}

#[cfg(test)]
mod tests {
    use super::super::tests::check_tree;
    use super::*;

    #[test]
    fn scenarios_and_snapshots_pair() {
        let check = |paths: &[&str], expect: &[&str]| {
            let files: Vec<(&str, &str)> = paths.iter().map(|path| (*path, "")).collect();
            check_tree(snapshots, &files, expect);
        };
        check(&["scenarios/corpus/a/b.toml", "snapshots/model/a/b.snap"], &[]);
        check(
            &["scenarios/corpus/a/b.toml", "scenarios/corpus/b.toml", "snapshots/model/b.snap"],
            &["scenarios/corpus/a/b.toml:1: error: no snapshot `snapshots/model/a/b.snap`"],
        );
        let orphan = "snapshots/model/b.snap:1: error: \
                      orphan snapshot, no scenario `scenarios/corpus/b.toml`";
        check(&["scenarios/corpus/note.md", "snapshots/model/b.snap"], &[orphan]);
        // Without a corpus there is nothing to compare with.
        check(&["scenarios/Cargo.toml", "snapshots/model/b.snap"], &[]);
    }
}

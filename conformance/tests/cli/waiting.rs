//! Calls that wait, for ever where they should and no longer, and callbacks that are waited for.

use super::Case;
use super::libraries::compile;
use super::reference::reference;
use super::run::{Folder, Outcome, expect, rtm, shown};

pub const CASES: &[Case] = &[
    ("who_is_never_woken_differs", |f| {
        locks(f, "-DSLEEPS", 100, &["differ ", SCENARIO, "RtmLockDestination", "1 failed"])
    }),
    ("who_is_woken_matches", |f| locks(f, "-DWAKES", 0, &["1 passed, 0 failed"])),
    ("who_is_woken_by_a_helper_matches", |f| locks(f, "-DHELPS", 0, &["1 passed, 0 failed"])),
    ("who_looks_now_and_then_matches", |f| locks(f, "-DLOOKS", 0, &["1 passed, 0 failed"])),
    ("callbacks_that_come_late_match", |f| {
        told(f, "-DTELLS", 0, &["remark: callbacks came late; RtmTestSettle", "1 passed, 0 failed"])
    }),
    ("callbacks_that_never_come_differ", |f| {
        told(f, "-DLOSES", 100, &["differ ", CHANGES, "1 failed"])
    }),
    ("a_deadlock_matches", |f| {
        let words = ["conform", "--strict", "--hazards", "--exact", "inplace/deadlock"];
        expect(&mut rtm(f, &words), 0, &["1 passed, 0 failed"]).map(drop)
    }),
];

/// One client waits for the lock of another.
const SCENARIO: &str = "opaque/lock-keeps-others-out";

/// A client is told of changes, and waits for that.
const CHANGES: &str = "notify/first-route-is-told";

/// Compiles a library that is linked with the reference.
pub fn linked(folder: &Folder, source: &str, option: &str) -> std::path::PathBuf {
    let reference = reference();
    compile(folder, source, &[option, "-Wl,--no-as-needed", shown(&reference), "-ldl"])
}

fn told(folder: &Folder, option: &str, code: i32, pieces: &[&str]) -> Outcome {
    let library = linked(folder, "cli/late-callbacks.c", option);
    let words = ["conform", "--strict", "--exact", CHANGES, "--implementation"];
    expect(rtm(folder, &words).arg(&library), code, pieces).map(drop)
}

fn locks(folder: &Folder, option: &str, code: i32, pieces: &[&str]) -> Outcome {
    let library = linked(folder, "cli/destination-locks.c", option);
    let words = ["conform", "--strict", "--exact", SCENARIO, "--implementation"];
    expect(rtm(folder, &words).arg(&library), code, pieces).map(drop)
}

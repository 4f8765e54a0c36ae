//! Every exit code, once, and what a stranger reads first.

use super::Case;
use super::run::{Folder, Outcome, check, expect, rtm};

pub const CASES: &[Case] = &[
    ("exit_0_as_expected", |f| {
        check(f, "conform --exact registration/first-call", 0, &["1 passed, 0 failed"])
    }),
    ("exit_2_wrong_command_line", |f| check(f, "conform --nonsense", 2, &["--nonsense"])),
    ("exit_4_nothing_selected", nothing),
    ("exit_96_unusable_library", |f| {
        check(f, "conform --implementation nowhere.so", 96, &["nowhere.so does not exist"])
    }),
    ("exit_100_differences", differences),
    ("exit_104_bad_corpus", |f| check(f, "conform --corpus nowhere", 104, &["nowhere"])),
    ("help", help),
    ("smoke", |f| check(f, "smoke", 0, &["one client registered and left again"])),
    ("profile", |f| check(f, "profile registration", 0, &["0 own choices"])),
    ("clauses", |f| {
        let id = "RtmAddNextHop.adds-when-not-found";
        check(f, &format!("clauses {id}"), 0, &[id, "(stated, effect)", "cited by: "])
    }),
    ("clauses_of_a_function", |f| {
        let parts =
            ["=RtmBlockMethods.success (stated, effect)", "  source: ", "  permitted: counted: "];
        check(f, "clauses RtmBlockMethods", 0, &parts)
    }),
    ("clauses_of_a_group", |f| {
        check(f, "clauses methods", 0, &["=RtmBlockMethods.success: Returns NO_ERROR (0) when"])
    }),
];

fn nothing(folder: &Folder) -> Outcome {
    for line in [
        "conform no-such-name",
        "conform --exact registration",
        "conform registration --skip registration",
        "conform --list no-such-name",
        "list no-such-name",
        "list --exact registration",
        "profile no-such-name",
    ] {
        check(folder, line, 4, &["error: failed to select a scenario: ", "`rtm list`"])?;
    }
    for line in ["clauses no-such-name", "clauses --uncited no-such-name"] {
        check(folder, line, 4, &["failed to find a clause", "`rtm clauses`"])?;
    }
    Ok(())
}

fn differences(folder: &Folder) -> Outcome {
    let mut command = rtm(folder, &["conform", "routes-any-view"]);
    command.env("RTM_REFERENCE_READINGS", "RtmAddRouteToDest.output-new=never");
    expect(&mut command, 100, &["differ ", "0 passed, 1 failed", "failing:\n"]).map(drop)
}

fn help(folder: &Folder) -> Outcome {
    check(folder, "--help", 0, &["Usage: rtm <COMMAND>", "Exit codes: 0 as expected"])?;
    check(folder, "conform --help", 0, &["--load-timeout", "Results:", "Marks before a clause"])?;
    check(folder, "", 2, &["Usage: rtm <COMMAND>"])
}

//! Files of known differences.

use super::Case;
use super::run::{Folder, Outcome, check, expect, rtm};

pub const CASES: &[Case] = &[
    ("expectations_missing", |f| {
        check(f, "conform --expectations e.toml", 2, &["failed to read e.toml: ", "check the path"])
    }),
    ("expectations_folder", |f| {
        f.folder("e.toml");
        check(f, "conform --expectations e.toml", 2, &["failed to read e.toml: "])
    }),
    ("expectations_pipe", |f| {
        f.pipe("e.toml");
        check(f, "conform --expectations e.toml", 2, &["failed to read e.toml: it is no file; "])
    }),
    ("expectations_without_end", |f| {
        let line = "conform --expectations /dev/zero";
        check(f, line, 2, &["failed to read /dev/zero: it is no file; "])
    }),
    ("expectations_too_large", |f| {
        f.write("e.toml", "#".repeat((16 << 20) + 1));
        check(f, "conform --expectations e.toml", 2, &["it has more than 16 MiB; "])
    }),
    ("expectations_not_toml", |f| bad(f, "x = ", &["e.toml:1: "])),
    ("expectations_other_table", |f| bad(f, "[[expected]]\n", &["e.toml:1: unknown field"])),
    ("expectations_not_a_list", |f| bad(f, "expect = 1\n", &["e.toml:1: invalid type"])),
    ("expectations_lack_a_key", |f| bad(f, "[[expect]]\n", &["e.toml:1: missing field"])),
    ("expectations_all_mistakes", |f| {
        let text = "[[expect]]\nscenario = \"[\"\nverdict = \"match\"\nclause = \"x\"\n\
            reason = \"\"\n\
            [[expect]]\nscenario = \"a\"\nverdict = \"differ\"\nreason = \"r\"\nlinc = \"x\"\n";
        let pieces = [
            "failed to read e.toml:\n",
            "e.toml:1: scenario `[`: ",
            "e.toml:1: verdict `match` is none of differ, crash, timeout, overrun, unstable\n",
            "e.toml:1: no clause `x`; `rtm clauses` lists them\n",
            "e.toml:1: the reason is empty; ",
            "e.toml:6: unknown field `linc`",
        ];
        bad(f, text, &pieces)
    }),
    ("expectation_is_met", |f| {
        expected(f, "**/routes-any-view", "differ", 0, &["differ ", ", expected: known\n"])?;
        let link = "link = \"https://example.org/7\"\n";
        f.write("e.toml", entry("**/routes-any-view", "differ") + link);
        conform(f, 0, &[", expected: known (https://example.org/7)\n", "1 failed as"])
    }),
    ("expectation_of_another_verdict", |f| {
        let pieces = ["(crash) does not occur any more; remove it", "0 passed, 1 failed, 1 stale"];
        expected(f, "**/routes-any-view", "crash", 100, &pieces)
    }),
    ("expectation_is_stale", |f| {
        f.write("e.toml", entry("registration/first-call", "differ"));
        let line = "conform first-call --expectations e.toml";
        check(f, line, 100, &["does not occur any more; remove it", "1 passed, 0 failed, 1 stale"])
    }),
    ("expectation_names_nothing", |f| {
        f.write("e.toml", entry("no-such-name", "differ"));
        let line = "conform first-call --expectations e.toml";
        check(f, line, 100, &["expectation `no-such-name` (differ) names no scenario; remove it"])
    }),
    ("expectation_of_what_was_not_selected", |f| {
        f.write("e.toml", entry("routes/*", "differ"));
        check(f, "conform first-call --expectations e.toml", 0, &["1 passed, 0 failed\n"])
    }),
];

fn entry(scenario: &str, verdict: &str) -> String {
    format!("[[expect]]\nscenario = \"{scenario}\"\nverdict = \"{verdict}\"\nreason = \"known\"\n")
}

fn bad(folder: &Folder, text: &str, pieces: &[&str]) -> Outcome {
    folder.write("e.toml", text);
    check(folder, "conform --expectations e.toml", 2, pieces)
}

/// Runs a scenario that fails, with one entry.
fn expected(folder: &Folder, scenario: &str, verdict: &str, code: i32, pieces: &[&str]) -> Outcome {
    folder.write("e.toml", entry(scenario, verdict));
    conform(folder, code, pieces)
}

fn conform(folder: &Folder, code: i32, pieces: &[&str]) -> Outcome {
    let mut command = rtm(folder, &["conform", "routes-any-view", "--expectations", "e.toml"]);
    command.env("RTM_REFERENCE_READINGS", "RtmAddRouteToDest.output-new=never");
    expect(&mut command, code, pieces).map(drop)
}

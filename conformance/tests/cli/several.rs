//! Scenarios of several runs of which more than one fails.

use super::Case;
use super::libraries::compile;
use super::reference::reference;
use super::run::{Folder, Outcome, again, expect, rtm, shown};

pub const CASES: &[Case] = &[
    ("an_excused_run_hides_no_other", |f| {
        // In file order the client leaves twice before anybody is asked.
        outcome(f, &[], &["differ ", "RtmGetEntityInfo", "0 passed, 1 failed"])
    }),
    ("a_run_that_is_not_repeatable_hides_no_other", |f| {
        outcome(f, &["-DONCE"], &["differ ", "RtmGetEntityInfo", "0 passed, 1 failed"])
    }),
];

const SCENARIO: &str = r#"format = 1
title = "a client leaves twice while another asks who it is"
schedules = { interleave = true, seeds = 4 }
client.rip = { protocol = 8 }
client.ospf = { protocol = 13 }
[[step]]
by = "rip"
call = "RtmDeregisterEntity"
[[step]]
by = "rip"
call = "RtmDeregisterEntity"
hazard = true
[[step]]
by = "ospf"
call = "RtmGetEntityInfo"
entity-handle = "ospf"
"#;

fn outcome(folder: &Folder, options: &[&str], pieces: &[&str]) -> Outcome {
    folder.write("c/a.toml", SCENARIO);
    let reference = reference();
    let mut linked = vec!["-Wl,--no-as-needed", shown(&reference), "-ldl"];
    linked.extend(options);
    let library = compile(folder, "cli/excused.c", &linked);
    let words =
        ["conform", "--strict", "--hazards", "--corpus", "c", "--implementation", shown(&library)];
    let mut command = rtm(folder, &words);
    let said = expect(command.env("RTM_TEST_FOLDER", folder.at(".")), 100, pieces)?;
    // The command leads to the same.
    let repeat = said.out.lines().find_map(|line| again(folder, line));
    let mut again = repeat.ok_or_else(|| format!("no command is shown: {}", said.out))?;
    expect(again.env("RTM_TEST_FOLDER", folder.at(".")), 100, pieces).map(drop)
}

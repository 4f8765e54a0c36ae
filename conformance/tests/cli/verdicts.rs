//! What fails and what does not, on a library that trusts its callers.

use super::Case;
use super::libraries::compile;
use super::reference::reference;
use super::run::{Folder, Outcome, check, expect, rtm, shown};

pub const CASES: &[Case] = &[
    ("an_implied_permission_is_judged_with_strict_only", |f| {
        let scenario = "nexthops/found-without-handle";
        let seen = ["not judged from here: line ", "--strict judges them", "nothing was judged"];
        run(f, &[], scenario, 0, &seen)?;
        run(f, &[], &format!("{scenario} --strict"), 100, &["differ ", "handle-optional"])
    }),
    ("a_crash_shows_the_departure_that_it_comes_of", |f| {
        // The handle that was not found is released.
        let seen = ["crash ", "before that:", "unused-bytes-ignored", "RtmReleaseNextHops, line "];
        run(f, &[], "info/unused-address-bytes", 100, &seen)?;
        run(f, &[], "info/unused-address-bytes --strict", 100, &seen)
    }),
    ("a_crash_fails_where_the_pages_are_silent_too_but_for_hazards", |f| {
        let seen = ["crash ", "in RtmReleaseNextHops, line "];
        run(f, &[], "enumeration/no-hop-to-release", 100, &seen)
    }),
    ("a_crash_of_an_ordinary_call_fails", |f| {
        let seen =
            ["crash ", "crashed with SIGSEGV at address 0x40 in RtmFindNextHop, line 11, rip"];
        run(f, &["-DCRASHES"], "nexthops/found-handle-is-counted", 100, &seen)
    }),
    ("a_crash_in_a_step_that_there_is_none_of_fails_as_well", |f| {
        let seen = ["crash ", "crashed with SIGSEGV at address 0x40 in RtmFindNextHop\n"];
        run(f, &["-DCRASHES", "-DLIES"], "nexthops/found-handle-is-counted", 100, &seen)
    }),
    ("an_expected_crash_may_name_a_clause", |f| {
        let entry = |clause: &str| {
            format!(
                "[[expect]]\nscenario = \"nexthops/found-handle-is-counted\"\n\
                 verdict = \"crash\"\nclause = \"{clause}\"\nreason = \"known\"\n"
            )
        };
        f.write("e.toml", entry("RtmFindNextHop.returns-no-error"));
        let line = "nexthops/found-handle-is-counted --expectations e.toml";
        run(f, &["-DCRASHES"], line, 0, &["expected: known"])?;
        f.write("e.toml", entry("RtmDeleteNextHop.removed-from-list"));
        let seen = ["the crash breaks RtmFindNextHop.", "name one of them"];
        run(f, &["-DCRASHES"], line, 100, &seen)
    }),
    ("too_few_passes_fail", |f| {
        let seen = ["too few: 0 passed, --passes-min asks for 1"];
        run(f, &[], "nexthops/found-without-handle --passes-min 1", 100, &seen)?;
        check(f, "conform --exact registration/first-call --passes-min 1", 0, &["1 passed"])
    }),
    ("a_profile_says_what_it_could_not_see", |f| {
        let mut command = rtm(f, &["profile", "routes-any-view"]);
        command.env("RTM_REFERENCE_READINGS", "RtmAddRouteToDest.output-new=never");
        expect(&mut command, 0, &["note: 1 scenario failed; "]).map(drop)
    }),
];

fn run(folder: &Folder, options: &[&str], line: &str, code: i32, pieces: &[&str]) -> Outcome {
    let reference = reference();
    let mut linked = vec!["-Wl,--no-as-needed", shown(&reference), "-ldl"];
    linked.extend(options);
    let library = compile(folder, "cli/trusting.c", &linked);
    let mut words = vec!["conform", "--implementation", shown(&library), "--exact"];
    words.extend(line.split_whitespace());
    expect(&mut rtm(folder, &words), code, pieces).map(drop)
}

//! Files that are no scenarios, given to `simulate` and `check`.

use std::fs::File;

use super::Case;
use super::run::{Folder, Outcome, check, expect, rtm};

/// A scenario without a mistake.
pub const GOOD: &str = r#"format = 1
title = "one client registers and leaves again"
[client.only]
protocol = 8
[[step]]
call = "RtmDeregisterEntity"
"#;

/// Two clients lock a destination, which the first one never gives back.
const NEVER_ENDS: &str = r#"format = 1
title = "a client waits for a lock that is never given back"
client.rip = { protocol = 8 }
client.ospf = { protocol = 13 }
[[given]]
by = "rip"
call = "RtmAddNextHop"
next-hop-info = { next-hop-address = "10.0.0.1" }
bind = "hop"
[[given]]
by = "rip"
call = "RtmAddRouteToDest"
dest-address = "10.1.0.0/16"
route-info = { next-hops = ["hop"] }
[[given]]
by = "rip"
call = "RtmGetExactMatchDestination"
dest-address = "10.1.0.0/16"
bind = "dest"
[[step]]
by = "rip"
call = "RtmLockDestination"
dest-handle = "dest"
lock-dest = true
[[step]]
by = "ospf"
call = "RtmLockDestination"
dest-handle = "dest"
lock-dest = true
expect = "ERROR_INVALID_PARAMETER"
[[step]]
by = "ospf"
call = "RtmDeregisterEntity"
expect = "ERROR_NOT_FOUND"
"#;

pub const CASES: &[Case] = &[
    ("file_good", |f| {
        f.write("x.toml", GOOD);
        check(f, "simulate x.toml", 0, &["RtmDeregisterEntity"])?;
        check(f, "check x.toml", 0, &["1 scenario checked, 0 with mistakes"])
    }),
    ("file_missing", |f| both(f, &["read x.toml: there is no such file", "`rtm list`"])),
    ("file_pipe", |f| {
        f.pipe("x.toml");
        both(f, &["read x.toml: not a file"])
    }),
    ("file_folder", |f| {
        f.folder("x.toml");
        check(f, "simulate x.toml", 104, &["read x.toml: it is a folder; name a file"])?;
        check(f, "check x.toml", 104, &["find a scenario in x.toml"])
    }),
    ("file_of_ten_mebibytes", |f| {
        let file = File::create(f.at("x.toml")).expect("the file can be made");
        file.set_len(10 << 20).expect("the file can be made longer");
        both(f, &["error[RTM", "x.toml"])
    }),
    ("file_of_ten_thousand_tables", |f| {
        f.write("x.toml", format!("x = {}{}\n", "{x=".repeat(10_000), "}".repeat(10_000)));
        both(f, &["error[RTM", "x.toml"])?;
        f.write("x.toml", format!("x = {}{}\n", "[".repeat(10_000), "]".repeat(10_000)));
        both(f, &["error[RTM", "x.toml"])?;
        f.write("x.toml", format!("[x{}]\n", ".x".repeat(10_000)));
        both(f, &["error[RTM", "x.toml"])
    }),
    ("file_that_repeats_without_end", |f| {
        f.write("x.toml", format!("{GOOD}repeat = 1_000_000_000_000\n"));
        both(f, &["error[RTM", "x.toml:7"])
    }),
    ("file_with_a_circle", |f| {
        f.write("x.toml", include_str!("../../../scenarios/tests/invalid/label-cycle.toml"));
        both(f, &["error[RTM0013]", "x.toml:7"])
    }),
    ("file_with_invalid_text", |f| {
        f.write("x.toml", [GOOD.as_bytes(), b"# \xC3\x28\n"].concat());
        both(f, &["error[RTM", "x.toml:7"])
    }),
    ("file_with_a_key_twice", |f| {
        f.write("x.toml", format!("format = 1\n{GOOD}"));
        both(f, &["error[RTM", "x.toml:2:1"])
    }),
    ("file_with_many_mistakes", |f| {
        f.write("x.toml", "format = 1\ntitel = \"x\"\n[client.a]\nprotocl = 8\n");
        both(f, &["x.toml:2:1", "x.toml:4:1", "did you mean `title`?", "did you mean `protocol`?"])
    }),
    ("file_that_expects_something_else", |f| {
        f.write("x.toml", format!("{GOOD}expect = \"ERROR_INVALID_HANDLE\"\n"));
        both(
            f,
            &[
                "error[RTM0035]: ERROR_INVALID_HANDLE is expected, the model gives NO_ERROR",
                "--> x.toml:7:10",
                "= help: =RtmDeregisterEntity.",
                " decides that; `rtm simulate x.toml` shows the run",
            ],
        )?;
        check(f, "simulate x.toml", 104, &["failed to bear out x.toml:\nerror[RTM0035]"])?;
        let claim = "clauses = [\"RtmReleaseNextHops.one-reference-each\"]\n[client";
        f.write("x.toml", GOOD.replace("[client", claim));
        both(f, &["error[RTM0036]: the model never cites the clause", "--> x.toml:3:12"])?;
        // What each order shows is told once, with a token of the first.
        let orders = "schedules = { interleave = true, seeds = 3 }\n[client";
        let text = GOOD.replace("[client", orders) + "expect = \"ERROR_INVALID_HANDLE\"\n";
        f.write("x.toml", text);
        let pieces = ["`rtm simulate x.toml --schedule rtm1.", "see `rtm check --explain RTM0035`"];
        let said = expect(&mut rtm(f, &["check", "x.toml"]), 104, &pieces)?;
        if said.out.matches("error[").count() == 1 { Ok(()) } else { Err(said.out) }
    }),
    ("file_that_expects_what_never_ends", |f| {
        f.write("x.toml", NEVER_ENDS);
        let pieces = [
            "ERROR_INVALID_PARAMETER is expected, and the step never ends",
            "ERROR_NOT_FOUND is expected, and the step is never reached",
            "1 scenario checked, 1 with mistakes",
        ];
        check(f, "check x.toml", 104, &pieces)
    }),
    ("file_that_gives_what_is_dead", |f| {
        let again = "[[step]]\ncall = \"RtmDeregisterEntity\"\n";
        f.write("x.toml", format!("{GOOD}{again}"));
        let message =
            "error[RTM0038]: `RtmDeregisterEntity` is given a dead handle for RtmRegHandle";
        both(f, &[message, "--> x.toml:7:1", "= help: add `hazard = true` to the step"])?;
        f.write("x.toml", format!("{GOOD}{again}hazard = true\n"));
        check(f, "check x.toml", 0, &["1 scenario checked, 0 with mistakes"])
    }),
    ("all_files_are_checked", |f| {
        f.write("a.toml", "x =\n");
        f.write("b.toml", GOOD);
        let end = "2 scenarios checked, 1 with mistakes, 1 path without any; see `rtm check ";
        let pieces = ["read no.toml: ", "--> a.toml:1:", end];
        check(f, "check no.toml a.toml b.toml", 104, &pieces)
    }),
    ("simulate_tells_the_distinct_outcomes_of_interleavings", |f| {
        let outcomes = ["50 interleavings, 2 distinct outcomes", "outcome 2: ", "  +   "];
        check(f, "simulate races/add-and-add --seeds 50", 0, &outcomes)?;
        check(
            f,
            "simulate registration/first-call --seeds 3",
            0,
            &["3 interleavings, 1 distinct"],
        )?;
        check(f, "simulate races/add-and-add --seeds 0", 2, &["0 is not in 1..=100000"])?;
        check(f, "simulate races/add-and-add --seeds 2 --schedule zz", 2, &["cannot be used with"])
    }),
    ("all_files_of_a_folder_are_checked", |f| {
        f.write("c/a.toml", "x =\n");
        f.write("c/b.toml", GOOD);
        f.write("c/c.toml", b"# \xC3\x28\n");
        f.write("c/d/e.toml", format!("{GOOD}expct = 1\n"));
        let end = "4 scenarios checked, 3 with mistakes; see";
        let pieces = ["c/a.toml:1:", "error[RTM0003]", "c/c.toml:1:", "c/d/e.toml:7:", end];
        check(f, "check c", 104, &pieces)?;
        check(f, "check nowhere", 104, &["0 scenarios checked, 0 with mistakes, 1 path without"])
    }),
    ("codes_are_explained", |f| {
        f.write("a.toml", format!("{GOOD}expct = 1\n"));
        let piece = "1 scenario checked, 1 with mistakes; see `rtm check --explain RTM0005`";
        check(f, "check a.toml", 104, &[piece])?;
        check(f, "check --explain RTM0005", 0, &["RTM0005: The table takes no key of this name."])?;
        check(f, "check --explain rtm0021", 0, &["RTM0021: "])?;
        check(f, "check --explain RTM0018", 2, &["there is no such code; they go from RTM0001 "])?;
        check(f, "check --explain RTM0005 a.toml", 2, &["cannot be used with"])
    }),
    ("simulate_takes_only_tokens", |f| {
        f.write("x.toml", GOOD);
        check(f, "simulate x.toml --schedule zz", 2, &["failed to read the schedule: "])?;
        check(f, "simulate x.toml --seed 1 --schedule zz", 2, &["cannot be used with"])
    }),
];

/// Both commands end with a diagnostic.
fn both(folder: &Folder, pieces: &[&str]) -> Outcome {
    for command in ["simulate", "check"] {
        let said = expect(&mut rtm(folder, &[command, "x.toml"]), 104, pieces)?;
        let size = said.out.len() + said.err.len();
        if 100_000 < size {
            return Err(format!("{command} says {size} bytes"));
        }
    }
    Ok(())
}

//! What scenarios still hold at their end is given back, outside what is judged.

use std::path::Path;

use super::Case;
use super::libraries::compile;
use super::reference::reference;
use super::run::{Folder, Outcome, Said, expect, rtm, shown};

/// Two clients, in several orders, that release nothing.
const SCENARIO: &str = r#"format = 1
title = "two clients add a next hop each"
schedules = { interleave = true, seeds = 4 }
client.rip = { protocol = 8, callback = false }
client.ospf = { protocol = 13, callback = false }

[[step]]
by = "rip"
call = "RtmAddNextHop"
next-hop-info = { next-hop-address = "10.0.0.1" }

[[step]]
by = "ospf"
call = "RtmAddNextHop"
next-hop-info = { next-hop-address = "10.0.0.2" }
"#;

pub const CASES: &[Case] = &[
    ("nobody_is_registered_after_the_corpus", |f| after_the_corpus(f, &[])),
    ("nobody_is_registered_after_fresh_runs", |f| after_the_corpus(f, &["--fresh", "races"])),
    ("cleanup_none_leaves_everything", cleanup_none),
    ("dead_cleanups_are_told", dead_cleanups),
    ("a_cleanup_that_spoils_the_next_run_is_left_out", spoilt_runs),
    ("remarks_come_before_the_command", remarks_first),
];

/// The reference behind a library that tells when a client is still registered.
fn counting(folder: &Folder) -> std::path::PathBuf {
    let here = reference();
    let path = format!("-Wl,-rpath,{}", shown(here.parent().expect("the library is in a folder")));
    compile(folder, "cli/counting.c", &["-Wl,--no-as-needed", shown(&here), &path, "-ldl"])
}

fn conform(
    folder: &Folder,
    library: &Path,
    words: &[&str],
    pieces: &[&str],
) -> Result<Said, String> {
    let mut command = rtm(folder, &["conform", "--implementation", shown(library)]);
    expect(command.args(words), 0, pieces)
}

fn after_the_corpus(folder: &Folder, words: &[&str]) -> Outcome {
    let said = conform(folder, &counting(folder), words, &[" match", " 0 failed"])?;
    match ["remark:", "note:"].iter().find(|word| said.out.contains(*word)) {
        Some(word) => Err(format!("no `{word}` is expected: {}", said.out)),
        None => Ok(()),
    }
}

fn cleanup_none(folder: &Folder) -> Outcome {
    folder.write("c/a.toml", SCENARIO.replacen("client.", "cleanup = \"none\"\nclient.", 1));
    // The library refuses to go back to its first state, and aborts when it is unloaded.
    let pieces = ["match", "6 runs", "remark: RtmTestReset failed", "while it was unloaded"];
    conform(folder, &counting(folder), &["--corpus", "c"], &pieces).map(drop)
}

fn dead_cleanups(folder: &Folder) -> Outcome {
    folder.write("c/a.toml", SCENARIO);
    folder.write("c/b.toml", SCENARIO);
    let pieces = [
        "remark: the library crashed with SIGILL in RtmDeregisterEntity while cleaning up\n",
        "note: 2 processes died while cleaning up, after the judged part\n2 passed, 0 failed",
    ];
    let library = compile(folder, "hostile/leave-crash.c", &[]);
    let words = ["--corpus", "c", "--report", "json=journal.json"];
    conform(folder, &library, &words, &pieces)?;
    let journal = std::fs::read_to_string(folder.at("journal.json"));
    let journal = journal.map_err(|error| error.to_string())?;
    match journal.matches("in RtmDeregisterEntity while cleaning up").count() {
        2 => Ok(()),
        _ => Err(journal),
    }
}

fn spoilt_runs(folder: &Folder) -> Outcome {
    folder.write("c/a.toml", SCENARIO);
    let library = compile(folder, "hostile/leave-spoils.c", &[]);
    let pieces = ["remark: cleaning up after one run changes the next; ", "1 passed, 0 failed"];
    conform(folder, &library, &["--corpus", "c"], &pieces).map(drop)
}

/// What the library left behind is told before the difference, which ends with its command.
fn remarks_first(folder: &Folder) -> Outcome {
    folder.write("c/a.toml", SCENARIO.replacen("client.", "cleanup = \"none\"\nclient.", 1));
    let mut command = rtm(folder, &["conform", "--corpus", "c", "--implementation"]);
    command.arg(counting(folder)).env("RTM_REFERENCE_TAMPERING", "RtmAddNextHop status 0 87");
    let said = expect(&mut command, 100, &["differ ", "remark: RtmTestReset failed"])?;
    let mut shown = said.out.lines().filter(|line| line.starts_with("    "));
    match shown.next_back().is_some_and(|line| line.starts_with("    repeat: ")) {
        true => Ok(()),
        false => Err(said.out),
    }
}

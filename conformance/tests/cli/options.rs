//! Options with values that make no sense.

use super::Case;
use super::run::{Folder, Outcome, check, expect, rtm};

pub const CASES: &[Case] = &[
    ("bad_times", |f| {
        for option in ["--timeout", "--load-timeout"] {
            for time in ["x", "0", "-1", "nan", "inf", "1e300", "1e-12", "86401"] {
                let line = format!("conform {option} {time}");
                check(f, &line, 2, &[option, "it is a number of seconds"])?;
            }
        }
        Ok(())
    }),
    ("bad_numbers", |f| {
        for option in ["--seed x", "--seeds -1", "--seeds 1000001", "--test-threads 0"] {
            check(f, &format!("conform {option}"), 2, &["error: "])?;
        }
        Ok(())
    }),
    ("bad_tokens", |f| {
        for token in ["zz", "rtm1.", "rtm1.zz.a1", "rtm2.0000000000000000.a1"] {
            let line = format!("conform --exact registration/first-call --schedule {token}");
            check(f, &line, 2, &["error: failed to read the schedule: ", token])?;
        }
        Ok(())
    }),
    ("token_of_another_program", |f| {
        let line = format!("conform --exact registration/first-call --schedule {TOKEN}");
        check(f, &line, 0, &["warning: the token was made for another program", "1 passed"])
    }),
    ("token_and_several_scenarios", |f| {
        let piece = "failed to follow the schedule: it is for one scenario and ";
        check(f, &format!("conform registration --schedule {TOKEN}"), 2, &[piece, "--exact"])
    }),
    ("token_that_cannot_be_followed", |f| {
        f.write("c/x.toml", TWO_CLIENTS);
        let said = expect(&mut rtm(f, &["simulate", "c/x.toml"]), 0, &["token rtm1."])?;
        let token = said.out.lines().find_map(|line| line.strip_prefix("token "));
        let (program, _) = token.and_then(|token| token.rsplit_once('.')).ok_or("no token")?;
        let line = |choices| format!("conform --corpus c --schedule {program}.{choices}");
        let note = "turn 3 of the token could not be followed\n";
        check(f, &format!("simulate c/x.toml --schedule {program}.b3a1"), 0, &[note])?;
        check(f, &line("b3a1"), 0, &[note, "1 passed"])?;
        let said = expect(&mut rtm(f, &words(&line("b2a2"))), 0, &["1 passed"])?;
        if said.out.contains("could not") { Err(said.out) } else { Ok(()) }
    }),
    ("bad_limits", |f| {
        check(f, "conform --configure x", 2, &["it has the form NAME=VALUE"])?;
        check(f, "conform --configure =1", 2, &["the name is empty"])?;
        check(f, "conform --configure x=-1", 2, &["`-1` is no number from 0 to "])
    }),
    ("limits", |f| {
        let names = "enumeration/hops-above-the-limit enumeration/dests-beyond-one-call";
        let line = format!("conform --exact {names}");
        check(f, &format!("{line} --configure max-handles-in-enum=10"), 0, &["2 passed"])?;
        let pieces = ["1 passed, 0 failed, 1 skipped", "unsupported enumeration/dests-beyond"];
        check(f, &format!("{line} --configure max-handles-in-enum=3"), 0, &pieces)?;
        let pieces = ["2 passed", "remark: RtmTestConfigure(nothing, 3) returned 87"];
        check(f, &format!("{line} --configure nothing=3"), 0, &pieces)
    }),
    ("bad_reports", |f| {
        f.folder("folder");
        refused(f, "json", "it has the form KIND=PATH")?;
        refused(f, "xml=x", "`xml` is none of json, junit")?;
        refused(f, "json=", "the path is empty")?;
        refused(f, "json=folder", "write the json journal folder: it is a folder; ")?;
        refused(f, "junit=nowhere/x", "write the junit journal nowhere/x: there is no such folder")
    }),
    ("reports", |f| {
        let line = "conform registration --seed 7 --report json=x.json --report junit=x.xml";
        check(f, line, 0, &[])?;
        let text = |name| std::fs::read_to_string(f.at(name)).expect("the journal is there");
        let (json, junit) = (text("x.json"), text("x.xml"));
        let last = json.lines().last().unwrap_or_default();
        let said = ["\"library\":null", "\"options\":\"\"", "\"seed\":7", "\"seeds\":null"];
        let why = "<skipped message=\"left out: a step that a library may not survive";
        let is_good = json.lines().count() > 1
            && said.iter().all(|piece| last.contains(piece))
            && ["<testsuite ", why].iter().all(|piece| junit.contains(piece));
        if is_good { Ok(()) } else { Err(json + &junit) }
    }),
];

/// A token that fits no scenario of the corpus.
pub const TOKEN: &str = "rtm1.0000000000000001.a1";

fn refused(folder: &Folder, report: &str, piece: &str) -> Outcome {
    // Told before anything runs.
    let line = format!("conform --implementation nowhere.so --report {report}");
    check(folder, &line, 2, &["error: ", piece])
}

/// Each client makes two steps.
const TWO_CLIENTS: &str = r#"format = 1
title = "two clients ask twice who the first one is"
schedules = { interleave = true, seeds = 1 }
client.rip = { protocol = 8 }
client.ospf = { protocol = 13 }
[[step]]
by = "rip"
call = "RtmGetEntityInfo"
entity-handle = "rip"
[[step]]
by = "rip"
call = "RtmGetEntityInfo"
entity-handle = "rip"
[[step]]
by = "ospf"
call = "RtmGetEntityInfo"
entity-handle = "rip"
[[step]]
by = "ospf"
call = "RtmGetEntityInfo"
entity-handle = "rip"
"#;

fn words(line: &str) -> Vec<&str> {
    line.split_whitespace().collect()
}

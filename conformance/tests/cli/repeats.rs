//! Equal runs say equal things, and a difference can be repeated.

use std::os::unix::process::CommandExt as _;

use super::Case;
use super::run::{Folder, Outcome, again, expect, rtm};

const NEXT_HOPS: &str = "RtmReleaseNextHops.one-reference-each=drops-all";
const ROUTES: &str = "RtmAddRouteToDest.output-new=never";

pub const CASES: &[Case] = &[
    ("journals_are_equal", |f| {
        journals(f, NEXT_HOPS, "races nexthops registration", &["1", "2", "7"])
    }),
    ("journals_are_equal_when_runs_of_a_scenario_are_shared_out", |f| {
        journals(f, ROUTES, "races --fresh --seeds 150", &["2", "5"])
    }),
    ("a_fetch_without_an_end_is_a_difference", |f| {
        let scenario = "inplace/moved-to-a-list-by-commit";
        let mut command = rtm(f, &["conform", "--strict", "--exact", scenario]);
        command.env("RTM_REFERENCE_TAMPERING", "RtmGetListEnumRoutes output 2 0");
        expect(&mut command, 100, &["differ ", scenario]).map(|_| ())
    }),
    ("a_program_that_is_called_by_its_name_is_repeated_by_it", |f| {
        let mut command = rtm(f, &["conform", "enumeration/routes"]);
        command.arg0("rtm").env("RTM_REFERENCE_READINGS", ROUTES);
        let fault = format!("repeat: RTM_REFERENCE_READINGS={ROUTES} rtm conform --exact ");
        expect(&mut command, 100, &[&fault]).map(drop)
    }),
    ("next_hop_fault_is_repeated", |f| repeated(f, NEXT_HOPS, "--strict nexthops handles")),
    ("route_fault_is_repeated", |f| repeated(f, ROUTES, "enumeration/routes")),
    ("race_fault_is_repeated", |f| repeated(f, ROUTES, "races --seed 5 --seeds 3")),
    ("options_are_repeated", |f| {
        repeated(f, ROUTES, "routes-any-view --timeout 5.5 --load-timeout 7 --hazards")
    }),
];

fn journals(folder: &Folder, fault: &str, line: &str, threads: &[&str]) -> Outcome {
    let journal = |threads: &str, name: &str| {
        let report = format!("json={name}");
        let words = ["conform", "--strict", "--seed", "7", "--test-threads", threads, "--report"];
        let mut command = rtm(folder, &words);
        command.arg(&report).args(line.split_whitespace());
        command.env("RTM_REFERENCE_READINGS", fault);
        expect(&mut command, 100, &[])?;
        let text = std::fs::read_to_string(folder.at(name)).map_err(|error| error.to_string())?;
        // The last member of the last line is the time.
        let time = text.find("\"milliseconds\":").ok_or("the journal has no time")?;
        let end = text[time..].find([',', '}']).ok_or("the journal has no end")?;
        Ok::<String, String>(text[..time].to_owned() + &text[time + end..])
    };
    let first = journal("1", "first.json")?;
    for threads in threads {
        if journal(threads, &format!("{threads}.json"))? != first {
            return Err(format!("the journal differs with {threads} threads"));
        }
    }
    Ok(())
}

/// Each of the first differences takes at most fifteen lines, and the last one repeats it.
fn repeated(folder: &Folder, fault: &str, line: &str) -> Outcome {
    let words: Vec<&str> = ["conform"].into_iter().chain(line.split_whitespace()).collect();
    let mut command = rtm(folder, &words);
    let said = expect(command.env("RTM_REFERENCE_READINGS", fault), 100, &["repeat: "])?;
    let lines: Vec<&str> = said.out.lines().collect();
    let heads = lines.iter().enumerate().filter(|(_, line)| line.starts_with("differ "));
    let mut count = 0;
    for (at, head) in heads.take(3) {
        count += 1;
        let report: Vec<&str> =
            lines[at + 1..].iter().copied().take_while(|line| line.starts_with("    ")).collect();
        let last = report.last().copied().unwrap_or("");
        let repeat = again(folder, last).filter(|_| report.len() < 15);
        let Some(mut again) = repeat else {
            return Err(format!("{head}\n{}", report.join("\n")));
        };
        // It shows the same, and the same command.
        expect(&mut again, 100, &["1 failed", report[0], last])?;
    }
    if count == 0 { Err(said.out) } else { Ok(()) }
}

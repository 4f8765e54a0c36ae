//! Every reading of the groups on clients, information, next hops and handles: a planted fault is
//! caught by some scenario of the corpus, and a permitted variant is left alone by all of them.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use rtm_scenarios::simulate::{Strategy, simulate_with};
use rtm_scenarios::{Scenario, corpus_dir, parse};
use rtm_sim::acceptor::Acceptor;
use rtm_sim::acceptor::judgement::Verdict;
use rtm_sim::clause::Strength;
use rtm_sim::history::History;
use rtm_sim::model::Config;
use rtm_sim::readings::{Reading, Readings};

const GROUPS: [&str; 4] = ["registration", "info", "nexthops", "handles"];

/// Readings that cannot be judged rightly yet, each with a reason.
const WAITING: [(&str, &str); 1] = [(
    "RtmRegisterEntity.registered-event-timing=when-settled",
    "the acceptor wants every event by the end of a run, settled or not",
)];

struct Case {
    name: String,
    scenario: Scenario,
    own: History,
}

fn run(scenario: &Scenario, readings: Readings) -> History {
    let mut scheduler = Strategy::Listed.scheduler(&scenario.program);
    simulate_with(scenario, &mut *scheduler, Config::default(), readings).history
}

fn corpus() -> Vec<Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    let texts = corpus_dir(&folder).expect("the corpus can be read");
    let scenarios = texts.into_iter().map(|(name, text)| {
        let scenario = parse(&name, &text).unwrap_or_else(|faults| panic!("{name}: {faults:?}"));
        (name, scenario)
    });
    scenarios
        .map(|(name, scenario)| {
            let own = run(&scenario, Readings::own());
            Case { name, scenario, own }
        })
        .collect()
}

/// What the gate says about an engine with one reading, scenario by scenario; those in which the
/// reading shows nothing are left out.
fn verdicts(corpus: &[Case], reading: Reading) -> BTreeMap<&str, Verdict> {
    let mut readings = Readings::own();
    readings.set(reading);
    let mut verdicts = BTreeMap::new();
    for case in corpus {
        let history = run(&case.scenario, readings.clone());
        if history == case.own {
            continue;
        }
        let mut acceptor = Acceptor::new(&case.scenario.program, Config::default());
        verdicts.insert(case.name.as_str(), acceptor.judge(&history).verdict);
    }
    verdicts
}

/// The scenarios that catch a fault, each with the clauses that the difference cites.
fn caught(verdicts: &BTreeMap<&str, Verdict>) -> Vec<(String, String, bool)> {
    let differs = |(name, verdict): (&&str, &Verdict)| match verdict {
        Verdict::Differ(difference, strength) if *strength != Strength::Silent => {
            let basis = format!("{:?}", difference.basis);
            Some(((*name).to_owned(), basis, difference.line.is_some()))
        }
        _ => None,
    };
    verdicts.iter().filter_map(differs).collect()
}

#[test]
fn faults_are_caught_and_variants_left_alone() {
    let corpus = corpus();
    let (mut report, mut failures) = (String::new(), String::new());
    let of_groups = |r: &Reading| GROUPS.contains(&r.clause.clause().group);
    for reading in Reading::all().filter(of_groups) {
        let id = reading.to_string();
        if WAITING.iter().any(|(waiting, _)| *waiting == id) {
            continue;
        }
        let verdicts = verdicts(&corpus, reading);
        let caught = caught(&verdicts);
        if reading.is_forbidden() {
            let cites = |basis: &str| basis.contains(&reading.clause.to_string());
            let best = caught.iter().find(|(_, basis, _)| cites(basis)).or(caught.first());
            match best {
                Some((name, basis, _)) => {
                    let mark = if cites(basis) { "proven" } else { "caught" };
                    let _ = writeln!(report, "{mark} {id}: {name} by {basis}");
                }
                None => {
                    let _ = writeln!(failures, "missed {id}: {verdicts:?}");
                }
            }
        } else {
            for (name, basis, _) in &caught {
                let _ = writeln!(failures, "rejected {id}: {name} by {basis}");
            }
            let fits = verdicts.values().filter(|v| **v == Verdict::Match).count();
            let lost: Vec<_> = verdicts
                .iter()
                .filter(|(_, verdict)| matches!(verdict, Verdict::NotJudged(_)))
                .map(|(name, _)| *name)
                .collect();
            let _ = writeln!(report, "left alone {id}: {fits} match, not judged {lost:?}");
        }
    }
    println!("{report}");
    assert!(failures.is_empty(), "{failures}");
}

#[test]
fn all_variants_together_are_left_alone() {
    let mut readings = Readings::own();
    for reading in Reading::all().filter(|r| !r.is_forbidden()) {
        let id = reading.to_string();
        let waiting = WAITING.iter().any(|(waiting, _)| *waiting == id);
        if GROUPS.contains(&reading.clause.clause().group) && !waiting {
            readings.set(reading);
        }
    }
    let mut failures = String::new();
    for case in corpus() {
        let history = run(&case.scenario, readings.clone());
        let mut acceptor = Acceptor::new(&case.scenario.program, Config::default());
        if let Verdict::Differ(difference, strength) = acceptor.judge(&history).verdict {
            let _ = writeln!(failures, "rejected {strength:?}: {} by {difference:?}", case.name);
        }
    }
    assert!(failures.is_empty(), "{failures}");
}

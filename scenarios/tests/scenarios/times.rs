//! A library that waits in real time: its timers go off when they do, within some slack.
//!
//! Such a library is made of the model: what the model shows for the lives of `ended` is judged as
//! a history of the program that gives the lives of `given`.

use rtm_scenarios::simulate::{Strategy, simulate};
use rtm_scenarios::{Scenario, parse, report};
use rtm_sim::acceptor::Acceptor;
use rtm_sim::acceptor::judgement::Verdict;
use rtm_sim::clause::Strength;
use rtm_sim::model::Config;

/// When the routes are looked at, in milliseconds.
const NOW: u32 = 700;
/// A life that has ended then, but not for so long that nobody may be late.
const ENDED: u32 = 600;
/// A life that nobody takes to have ended then.
const LONG: u32 = 5000;

/// A route for each of these lives, in milliseconds; all are looked up later, the last first.
fn scenario(lives: &[u32]) -> Scenario {
    let mut text = String::from(
        "format = 1\ntitle = \"t\"\nclient.rip = { protocol = 8, callback = false }\n\
         [[step]]\ncall = \"RtmAddNextHop\"\nbind = \"a\"\n\
         next-hop-info = { next-hop-address = \"192.0.2.1\" }\n",
    );
    for (nth, life) in lives.iter().enumerate() {
        text.push_str(&format!(
            "[[step]]\ncall = \"RtmAddRouteToDest\"\ndest-address = \"10.{nth}.0.0/16\"\n\
             route-info = {{ next-hops = [\"a\"] }}\ntime-to-live = {life}\n"
        ));
    }
    text.push_str(&format!("[[step]]\nadvance = {NOW}\n"));
    for nth in (0..lives.len()).rev() {
        text.push_str(&format!(
            "[[step]]\ncall = \"RtmGetExactMatchDestination\"\ndest-address = \"10.{nth}.0.0/16\"\n"
        ));
    }
    parse("times", &text).unwrap_or_else(|found| panic!("{}", report(&found, false)))
}

/// What is said of a library in which the lives of `ended` have ended where `given` were given.
fn verdict(ended: &[u32], given: &[u32]) -> Verdict {
    let library = scenario(ended);
    let scheduler = &mut *Strategy::Listed.scheduler(&library.program);
    let history = simulate(&library, scheduler).history;
    let scenario = scenario(given);
    let mut acceptor = Acceptor::new(&scenario.program, Config::default()).in_real_time();
    acceptor.judge(&history).verdict
}

/// Of `count` routes with the same life those have expired that `gone` names.
fn expired(count: usize, gone: impl Fn(usize) -> bool) -> Verdict {
    let lives: Vec<u32> = (0..count).map(|nth| if gone(nth) { ENDED } else { LONG }).collect();
    verdict(&lives, &vec![ENDED; count])
}

#[test]
fn however_many_timers_are_due_all_may_have_gone_off() {
    for count in [1, 4, 5, 6, 20] {
        assert_eq!(expired(count, |_| true), Verdict::Match, "all of {count}");
        assert_eq!(expired(count, |_| false), Verdict::Match, "none of {count}");
    }
}

#[test]
fn the_earlier_ones_may_have_gone_off_alone() {
    for first in 0..=8 {
        assert_eq!(expired(8, |nth| nth < first), Verdict::Match, "{first} of eight");
    }
}

#[test]
fn a_few_go_off_in_any_order() {
    for bits in 0..16_usize {
        let gone = |nth: usize| bits & 1 << nth != 0;
        assert_eq!(expired(4, gone), Verdict::Match, "{bits:04b}");
    }
}

#[test]
fn many_in_another_order_are_not_judged() {
    for count in [5, 6, 20] {
        let verdict = expired(count, |nth| nth % 2 == 1);
        assert_eq!(verdict, Verdict::NotJudged(None), "every other one of {count}");
    }
}

#[test]
fn what_is_not_due_has_not_gone_off() {
    for count in [1, 6] {
        let verdict = verdict(&vec![ENDED; count], &vec![LONG; count]);
        let is_firm =
            matches!(&verdict, Verdict::Differ(_, strength) if *strength != Strength::Silent);
        assert!(is_firm, "{verdict:?}");
    }
}

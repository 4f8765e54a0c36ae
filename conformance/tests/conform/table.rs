//! Scenarios made of the prefixes of a routing table: samples of neighbours in the table, whose
//! routes are added, searched for, enumerated and deleted.
//!
//! `RTM_PREFIXES` names the file with the prefixes, one a line, packed by gzip if its name ends in
//! `.gz`; without it they are made up. What the model answers is compared with what a plain list
//! of the prefixes says, and the reference library is judged by the model as with every scenario.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::Path;

use libtest_mimic::{Failed, Trial};
use rtm_scenarios::simulate::{Strategy, simulate};
use rtm_scenarios::{Scenario, parse, report};
use rtm_sim::history::{Entry, History};
use rtm_sim::program::{Action, Program};
use rtm_sim::vocabulary::call::Function;
use rtm_sim::vocabulary::observation::{Member, Value};
use rtm_sim::vocabulary::structures::NetAddress;

use crate::judge;
use crate::prefixes::{Chance, made_up, read};

/// Names the file with the prefixes.
const FILE: &str = "RTM_PREFIXES";
/// Prefixes of a family that are made up where there is no file.
const MADE_UP: usize = 120_000;
/// Prefixes of a scenario.
const PREFIXES: usize = 48;
/// Scenarios of IPv4 and of IPv6.
const SAMPLES: [usize; 2] = [16, 8];
/// Lengths of IPv6 prefixes in a full table of the Internet, in tenths of a percent.
const LENGTHS_IPV6: [(u8, u32); 12] = [
    (48, 471),
    (32, 141),
    (44, 90),
    (40, 84),
    (36, 37),
    (29, 27),
    (47, 20),
    (46, 19),
    (33, 18),
    (34, 16),
    (42, 14),
    (38, 10),
];

/// A prefix: its bits, the first one highest, and how many count.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Prefix {
    bits: u128,
    length: u8,
    is_ipv6: bool,
}

impl Prefix {
    fn parse(line: &str) -> Option<Prefix> {
        let (address, length) = line.split_once('/')?;
        let (bits, is_ipv6) = match address.parse().ok()? {
            IpAddr::V4(v4) => (u128::from(v4.to_bits()) << 96, false),
            IpAddr::V6(v6) => (v6.to_bits(), true),
        };
        Some(Prefix { bits, length: length.parse().ok()?, is_ipv6 })
    }

    fn width(self) -> u8 {
        if self.is_ipv6 { 128 } else { 32 }
    }

    fn address(self) -> IpAddr {
        match self.is_ipv6 {
            true => Ipv6Addr::from_bits(self.bits).into(),
            false => Ipv4Addr::from_bits((self.bits >> 96) as u32).into(),
        }
    }

    fn text(self) -> String {
        format!("{}/{}", self.address(), self.length)
    }

    fn covers(self, other: Prefix) -> bool {
        let differ = self.bits ^ other.bits;
        self.length <= other.length && differ.leading_zeros() >= u32::from(self.length)
    }

    /// The last address of the prefix.
    fn last_host(self) -> Prefix {
        let below = u128::MAX.checked_shr(self.length.into()).unwrap_or(0);
        let outside = u128::MAX.checked_shr(self.width().into()).unwrap_or(0);
        Prefix { bits: self.bits | below & !outside, length: self.width(), ..self }
    }

    /// The network that is one bit shorter.
    fn parent(self) -> Prefix {
        let length = self.length.saturating_sub(1);
        let below = u128::MAX.checked_shr(length.into()).unwrap_or(0);
        Prefix { bits: self.bits & !below, length, ..self }
    }

    fn is(self, shown: NetAddress) -> bool {
        let wanted = match self.address() {
            IpAddr::V4(v4) => NetAddress::v4(v4.octets(), self.length.into()),
            IpAddr::V6(v6) => NetAddress::v6(v6.octets(), self.length.into()),
        };
        wanted == shown
    }
}

/// One test a sample.
pub fn trials() -> Vec<Trial> {
    let lines = match std::env::var_os(FILE) {
        Some(file) => match read(Path::new(&file)) {
            Ok(lines) => lines,
            Err(error) => {
                let message = format!("{FILE} cannot be read: {error}");
                return vec![Trial::test("table/prefixes", move || Err(message.into()))];
            }
        },
        None => [made_up(MADE_UP), made_up_ipv6(MADE_UP)].concat(),
    };
    let all: BTreeSet<Prefix> = lines.iter().filter_map(|line| Prefix::parse(line)).collect();
    if all.len() != lines.len() {
        let message =
            format!("{} of {} lines are no prefixes", lines.len() - all.len(), lines.len());
        return vec![Trial::test("table/prefixes", move || Err(message.into()))];
    }
    let mut trials = Vec::new();
    for (family, samples) in [(false, SAMPLES[0]), (true, SAMPLES[1])] {
        let table: Vec<Prefix> = all.iter().filter(|p| p.is_ipv6 == family).copied().collect();
        for sample in 0..samples {
            // Neighbours in the table often cover each other.
            let first = table.len().saturating_sub(PREFIXES) * sample / samples;
            let chosen: Vec<Prefix> = table[first..].iter().take(PREFIXES).copied().collect();
            let name = format!("table/{}-{sample:02}", if family { "ipv6" } else { "ipv4" });
            let test = {
                let name = name.clone();
                move || check(&name, &chosen)
            };
            trials.push(Trial::test(name, test).with_kind("table"));
        }
    }
    trials
}

/// Different IPv6 prefixes whose lengths are spread as in a real table.
fn made_up_ipv6(count: usize) -> Vec<String> {
    let mut chance = Chance(2);
    let mut known = BTreeSet::new();
    while known.len() < count {
        let length = chance.length(&LENGTHS_IPV6);
        // A few blocks of addresses, so that prefixes cover each other.
        let block = 0x2001_0000 + chance.draw(1 << 12);
        let bits = u128::from(block) << 96 | u128::from(chance.draw(1 << 16)) << 80;
        known.insert((bits & u128::MAX << (128 - length), length));
    }
    known.iter().map(|(bits, length)| format!("{}/{length}", Ipv6Addr::from_bits(*bits))).collect()
}

/// Runs one sample on the model and on the library.
fn check(name: &str, prefixes: &[Prefix]) -> Result<(), Failed> {
    let plan = Plan::new(prefixes);
    let text = plan.scenario(name);
    let scenario: Scenario =
        parse(name, &text).map_err(|found| Failed::from(report(&found, false)))?;
    let mut scheduler = Strategy::Listed.scheduler(&scenario.program);
    let simulation = simulate(&scenario, &mut *scheduler);
    let problems = simulation.problems(&scenario);
    if !problems.is_empty() {
        return Err(report(&problems, false).into());
    }
    plan.compare(&scenario.program, &simulation.history)?;
    judge(name, scenario)
}

/// What is done with a sample, and what a plain list says of it.
struct Plan {
    /// In ascending order.
    prefixes: Vec<Prefix>,
    /// What is searched for, and the longest prefix that covers it.
    searches: Vec<(Prefix, Option<Prefix>)>,
}

impl Plan {
    fn new(prefixes: &[Prefix]) -> Plan {
        let longest = |search: Prefix| {
            let covering = prefixes.iter().filter(|prefix| prefix.covers(search));
            covering.max_by_key(|prefix| prefix.length).copied()
        };
        let searched = prefixes.iter().flat_map(|p| [p.last_host(), *p, p.parent()]);
        let searches = searched.map(|search| (search, longest(search))).collect();
        Plan { prefixes: prefixes.to_vec(), searches }
    }

    /// The prefixes, or numbers below their count, in an order that is none.
    fn mixed(&self, step: usize) -> impl Iterator<Item = usize> {
        let count = self.prefixes.len();
        let divides = |step: usize| {
            let (mut a, mut b) = (step, count);
            while b != 0 {
                (a, b) = (b, a % b);
            }
            a == 1
        };
        let step = (step..).find(|step| divides(*step)).unwrap_or(1);
        (0..count).map(move |at| at * step % count)
    }

    fn scenario(&self, name: &str) -> String {
        let is_ipv6 = self.prefixes.first().is_some_and(|prefix| prefix.is_ipv6);
        let (family, hop) = match is_ipv6 {
            true => ("AF_INET6", "2001:db8::1"),
            false => ("AF_INET", "192.0.2.1"),
        };
        let mut text = format!(
            "format = 1\ntitle = \"prefixes of a routing table: {name}\"\n\
             client.rip = {{ protocol = 8, family = \"{family}\" }}\n"
        );
        let mut step = |lines: &str| {
            let _ = write!(text, "\n[[step]]\n{lines}\n");
        };
        step(&format!(
            "call = \"RtmAddNextHop\"\nnext-hop-info = {{ next-hop-address = \"{hop}\" }}\n\
             bind = \"a\""
        ));
        for at in self.mixed(17) {
            let prefix = self.prefixes[at].text();
            step(&format!(
                "call = \"RtmAddRouteToDest\"\ndest-address = \"{prefix}\"\n\
                 route-info = {{ next-hops = [\"a\"] }}\nbind = \"r-{at}\""
            ));
        }
        for (at, (search, found)) in self.searches.iter().enumerate() {
            let call = "call = \"RtmGetMostSpecificDestination\"";
            let address = search.text();
            match found {
                Some(_) => {
                    step(&format!("{call}\ndest-address = \"{address}\"\nbind = \"m-{at}\""));
                    step(&format!("call = \"RtmReleaseDestInfo\"\ndest-info = \"m-{at}\""));
                }
                None => step(&format!(
                    "{call}\ndest-address = \"{address}\"\nexpect = \"ERROR_NOT_FOUND\""
                )),
            }
        }
        for walk in ["full", "empty"] {
            step(&format!(
                "call = \"RtmCreateDestEnum\"\ntarget-views = \"RTM_VIEW_MASK_UCAST\"\n\
                 bind = \"{walk}\""
            ));
            step(&format!(
                "call = \"RtmGetEnumDests\"\nenum-handle = \"{walk}\"\nuntil-end = true\n\
                 bind = \"all-{walk}\""
            ));
            step(&format!("call = \"RtmDeleteEnumHandle\"\nenum-handle = \"{walk}\""));
            if walk == "full" {
                step("call = \"RtmReleaseDests\"\ndest-infos = \"all-full\"");
                for at in self.mixed(29) {
                    step(&format!("call = \"RtmDeleteRouteToDest\"\nroute-handle = \"r-{at}\""));
                }
            }
        }
        text
    }

    /// Compares what the model found and enumerated with the list.
    fn compare(&self, program: &Program, history: &History) -> Result<(), Failed> {
        let found = addresses(program, history, Function::GetMostSpecificDestination);
        let wanted: Vec<Prefix> = self.searches.iter().filter_map(|(_, found)| *found).collect();
        agree("longest matches", &wanted, &found)?;
        let listed = addresses(program, history, Function::GetEnumDests);
        agree("enumerated destinations", &self.prefixes, &listed)
    }
}

/// The addresses of the destinations that all calls of a function showed.
fn addresses(program: &Program, history: &History, wanted: Function) -> Vec<NetAddress> {
    let mut found = Vec::new();
    let mut shows = false;
    for entry in &history.entries {
        match entry {
            Entry::Begin { step, .. } => {
                let action = &program.steps[*step as usize].action;
                shows = matches!(action, Action::Call { function, .. } if *function == wanted);
            }
            Entry::End { fields, .. } if shows => {
                let shown = history.slice(*fields).iter().filter_map(|field| {
                    match (field.place.member, field.value) {
                        (Member::DestAddress, Value::Address(address)) => Some(address),
                        _ => None,
                    }
                });
                found.extend(shown);
            }
            _ => {}
        }
    }
    found
}

fn agree(what: &str, wanted: &[Prefix], found: &[NetAddress]) -> Result<(), Failed> {
    if wanted.len() != found.len() {
        return Err(format!("{what}: {} are due, {} came", wanted.len(), found.len()).into());
    }
    let other = wanted.iter().zip(found).find(|(wanted, found)| !wanted.is(**found));
    match other {
        None => Ok(()),
        Some((wanted, found)) => {
            Err(format!("{what}: {} is due, {found:?} came", wanted.text()).into())
        }
    }
}

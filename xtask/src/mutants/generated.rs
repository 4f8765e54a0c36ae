//! Faults that are made of the vocabulary: each status, each output and each callback for an event
//! that the corpus shows on the model, altered at the interface. A success becomes an error; an
//! error becomes a success, and another error.
//!
//! Not here: methods, of which faults of meaning alone are planted.
//!
//! Whether the gate sees a fault is asked of those scenarios in which the model shows the place and
//! the documentation decides it. A place that only silent clauses decide is nobody's fault: it is
//! counted and listed.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Result, bail, ensure};
use rtm_scenarios::simulate::simulate;
use rtm_scenarios::{corpus, parse, report};
use rtm_sim::clause::Strength;
use rtm_sim::history::{Entry, History};
use rtm_sim::program::{Action, Program};
use rtm_sim::vocabulary::call::Function;
use rtm_sim::vocabulary::constants::EventType;
use rtm_sim::vocabulary::observation::{Field, Member, Place, Value, number_at};
use rtm_sim::vocabulary::status::Status;

use super::Scenarios;

/// Tells the reference what to alter.
const VARIABLE: &str = "RTM_REFERENCE_TAMPERING";
/// Most scenarios that are tried before all are.
const FIRST_MAX: usize = 16;

/// A fault, as the reference understands it.
type Fault = String;

/// Faults, each with the scenarios in which the documentation decides what it alters.
#[derive(Default)]
struct Faults {
    firm: BTreeMap<Fault, BTreeSet<String>>,
    silent: BTreeSet<Fault>,
}

/// Runs the gate against each; gives the number that survive.
pub fn run_all(folder: &Path) -> Result<usize> {
    let faults = faults()?;
    ensure!(!faults.firm.is_empty(), "void: the corpus shows nothing");
    println!("faults made of the vocabulary");
    let (mut survivors, mut excused) = (0, 0);
    for (fault, scenarios) in &faults.firm {
        // A few first, spread over all that show the place: most faults show in any of them.
        let step = scenarios.len().div_ceil(FIRST_MAX);
        let few: Vec<String> = scenarios.iter().step_by(step).cloned().collect();
        let mut gate = super::run(folder, (VARIABLE, fault), true, &Scenarios::Named(&few))?;
        if gate.failed.is_empty() && few.len() < scenarios.len() {
            gate = super::run(folder, (VARIABLE, fault), true, &Scenarios::All)?;
        }
        // Without a fault everything is judged: the gate has noticed, and another reading of a
        // silent clause would explain what it saw.
        if gate.failed.is_empty() && gate.judged < gate.total {
            excused += 1;
            println!("  noticed and not judged, a silent clause could explain it: {fault}");
        } else if gate.failed.is_empty() {
            survivors += 1;
            println!("  SURVIVES {fault} in {} scenarios, {} among them", scenarios.len(), few[0]);
        }
    }
    let silent: Vec<&Fault> =
        faults.silent.iter().filter(|fault| !faults.firm.contains_key(*fault)).collect();
    for fault in &silent {
        println!("  not judged, the documentation is silent: {fault}");
    }
    println!(
        "{} faults made of the vocabulary, {survivors} survive; {} more where the documentation \
         is silent",
        faults.firm.len() - excused,
        silent.len() + excused
    );
    Ok(survivors)
}

fn faults() -> Result<Faults> {
    let mut faults = Faults::default();
    for (name, text) in corpus() {
        let scenario = match parse(name, text) {
            Ok(scenario) => scenario,
            Err(diagnostics) => bail!("{}", report(&diagnostics, false)),
        };
        for strategy in scenario.strategies(1, Some(1)) {
            let simulation = simulate(&scenario, &mut *strategy.scheduler(&scenario.program));
            faults.gather(name, &scenario.program, &simulation.history);
        }
    }
    Ok(faults)
}

impl Faults {
    fn gather(&mut self, scenario: &str, program: &Program, history: &History) {
        let mut open: Vec<(u8, u32)> = Vec::new();
        for entry in &history.entries {
            match entry {
                Entry::Begin { actor, step } => open.push((*actor, *step)),
                Entry::End { actor, fields } => {
                    let Some(at) = open.iter().rposition(|(a, _)| a == actor) else { continue };
                    let (_, step) = open.remove(at);
                    if let Action::Call { function, .. } = &program.steps[step as usize].action {
                        self.call(scenario, *function, history.slice(*fields));
                    }
                }
                Entry::Callback { fields, .. } => self.event(scenario, history.slice(*fields)),
                _ => {}
            }
        }
    }

    fn call(&mut self, scenario: &str, function: Function, fields: &[Field]) {
        let name = function.name();
        for field in fields {
            let fault = match (field.place, field.value) {
                (Place::STATUS, Value::Number(old)) => {
                    let wrong = others(old).map(|new| format!("{name} status {old} {}", new.0));
                    for fault in wrong {
                        self.add(fault, scenario, field.basis.strength());
                    }
                    continue;
                }
                (_, Value::Unwritten | Value::Written) => continue,
                (place, _) if place.member == Member::Tail => continue,
                (place, _) => format!("{name} output {} {}", place.slot, place.member as u8),
            };
            self.add(fault, scenario, field.basis.strength());
        }
    }

    fn event(&mut self, scenario: &str, fields: &[Field]) {
        let Some(number) = number_at(fields, Place::EVENT) else { return };
        let strength = |place| fields.iter().find(|f| f.place == place).map(|f| f.basis.strength());
        let told = strength(Place::EVENT).unwrap_or(Strength::Silent);
        for how in ["dropped", "doubled"] {
            self.add(format!("event {number} {how}"), scenario, told);
        }
        // Clause: RtmRegisterEntity.registered-event-timing. Only the expiry is asked, not told.
        let asked = number == u64::from(EventType::RouteExpired.number());
        self.add(
            format!("event {number} late"),
            scenario,
            if asked { told } else { Strength::Silent },
        );
        let context = strength(Place::CONTEXT1).unwrap_or(Strength::Silent);
        self.add(format!("event {number} context"), scenario, context);
    }

    fn add(&mut self, fault: Fault, scenario: &str, strength: Strength) {
        match strength {
            Strength::Silent => {
                self.silent.insert(fault);
            }
            _ => {
                self.firm.entry(fault).or_default().insert(scenario.to_owned());
            }
        }
    }
}

/// Statuses that are returned instead of another.
fn others(old: u64) -> impl Iterator<Item = Status> {
    let errors = [Status::ERROR_INVALID_PARAMETER, Status::ERROR_INVALID_HANDLE];
    let is_other = move |status: &Status| u64::from(status.0) != old;
    let error = errors.into_iter().find(is_other);
    [Some(Status::NO_ERROR).filter(is_other), error].into_iter().flatten()
}

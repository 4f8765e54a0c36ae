//! Steps made ready before a run: what each does, and what of it depends on labels.

use super::operation;
use crate::engine::Operation;
use crate::program::operand::Argument;
use crate::program::resolve::Labels;
use crate::program::{Action, ActorPlan, Program, Step};
use crate::vocabulary::argument::ArgKind;
use crate::vocabulary::call::Function;
use crate::vocabulary::observation::Place;

/// The operation of a step, and what of it has to be resolved each time.
#[derive(Clone, Debug)]
pub(super) struct Prepared {
    pub operation: Operation,
    /// Parameters that name labels.
    dynamic: Vec<usize>,
    /// Those of them that name labels which are bound after the preparation; they alone are
    /// resolved from then on.
    late: Vec<usize>,
    /// For a step that is repeated until its end: the place of its count.
    pub until_end: Option<Place>,
}

/// The operations of all steps before any label is bound.
pub(super) fn prepare(program: &Program) -> Vec<Prepared> {
    let mut labels = Labels::default();
    labels.reset(program.labels.len());
    let mut late = vec![true; program.labels.len()];
    for step in &program.before {
        if let Some(label) = program.steps[*step as usize].bind {
            late[usize::from(label)] = false;
        }
    }
    // A label can be bound more than once.
    let later = program.concurrent.iter().chain(&program.after);
    for label in later.filter_map(|step| program.steps[*step as usize].bind) {
        late[usize::from(label)] = true;
    }
    for (label, steps) in program.actors.iter().flat_map(ActorPlan::scripts) {
        let bound = steps.iter().filter_map(|step| program.steps[*step as usize].bind);
        bound.chain(label).for_each(|label| late[usize::from(label)] = true);
    }
    program.steps.iter().map(|step| prepare_step(&labels, &late, step)).collect()
}

fn prepare_step(labels: &Labels, late: &[bool], step: &Step) -> Prepared {
    let mut prepared = Prepared {
        operation: operation(labels, step),
        dynamic: Vec::new(),
        late: Vec::new(),
        until_end: until_end(step).map(|(_, count)| count),
    };
    if let Action::Call { arguments, .. } = &step.action {
        let mut named = Vec::new();
        for (index, argument) in arguments.iter().enumerate() {
            named.clear();
            argument.labels(&mut named);
            if !named.is_empty() {
                prepared.dynamic.push(index);
            }
            if named.iter().any(|label| late[usize::from(*label)]) {
                prepared.late.push(index);
            }
        }
    }
    prepared
}

impl Prepared {
    /// Resolves the operands; `settled` tells that those bound by the preparation are.
    pub(super) fn resolve(&mut self, labels: &Labels, step: &Step, settled: bool) {
        match (&step.action, &mut self.operation) {
            (Action::Call { arguments, .. }, Operation::Call(call)) => {
                for index in if settled { &self.late } else { &self.dynamic } {
                    labels.fill(&arguments[*index], call.argument_mut(*index));
                }
            }
            (_, prepared) => *prepared = operation(labels, step),
        }
    }
}

/// For a step that is repeated until its end: the function and the place of its count.
pub(super) fn until_end(step: &Step) -> Option<(Function, Place)> {
    let Action::Call { function, until_end: true, arguments } = &step.action else { return None };
    let count = function.parameters().iter().position(|p| p.kind == ArgKind::Count)?;
    matches!(arguments[count], Argument::Count(Some(_)))
        .then_some((*function, Place::output(count as u8)))
}

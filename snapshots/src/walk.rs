//! Following a run along its history: which step each actor is in, and what the labels stand for.
//!
//! Operands are shown as what they were when the step began, so the labels are bound here exactly
//! as `rtm_sim::run` binds them. A history that no run can have written, from a library that
//! spoilt its worker, is followed as far as it makes sense; nothing in it stops the walk.

use std::collections::BTreeMap;

use rtm_sim::program::resolve::Labels;
use rtm_sim::program::{Action, Actor, Program, Step};
use rtm_sim::run::{self, CALLBACK_DEPTH_MAX};
use rtm_sim::vocabulary::call::Function;
use rtm_sim::vocabulary::callback::Told;
use rtm_sim::vocabulary::handle::Handle;
use rtm_sim::vocabulary::observation::{self, Field, Place};

/// A step that an actor is in.
#[derive(Clone, Debug, Default)]
pub struct Begun {
    /// Index of the step.
    pub step: u32,
    /// The handles that it passed in slots: parameter, value, and the text they were shown as.
    pub slots: Vec<(u8, Handle, String)>,
}

struct Frame {
    receiver: Option<Actor>,
    outer: Option<Begun>,
    counted: bool,
}

/// Where a run has got to.
pub struct Walk<'p> {
    program: &'p Program,
    /// What the labels stand for.
    pub labels: Labels,
    begun: BTreeMap<Actor, Begun>,
    own: BTreeMap<Actor, Handle>,
    frames: Vec<Frame>,
    callbacks: usize,
}

impl<'p> Walk<'p> {
    /// Before the run.
    pub fn new(program: &'p Program) -> Walk<'p> {
        let mut labels = Labels::default();
        labels.reset(program.labels.len());
        Walk {
            program,
            labels,
            begun: BTreeMap::new(),
            own: BTreeMap::new(),
            frames: Vec::new(),
            callbacks: 0,
        }
    }

    /// The name of an actor.
    pub fn actor_name(&self, actor: Actor) -> String {
        match self.program.actors.get(usize::from(actor)) {
            Some(plan) => plan.name.clone(),
            None => format!("actor {actor}"),
        }
    }

    /// The step with this index.
    pub fn step(&self, index: u32) -> Option<&'p Step> {
        self.program.steps.get(index as usize)
    }

    /// The step that an actor is in, or was in last.
    pub fn begun(&self, actor: Actor) -> Option<&Begun> {
        self.begun.get(&actor)
    }

    /// The handle that the actor's own registration gave it last.
    pub fn own(&self, actor: Actor) -> Option<Handle> {
        self.own.get(&actor).copied()
    }

    /// An actor has begun a step.
    pub fn begin(&mut self, actor: Actor, begun: Begun) {
        self.begun.insert(actor, begun);
    }

    /// The step of an actor has ended.
    pub fn end(&mut self, actor: Actor, fields: &[Field]) {
        let Some(step) = self.begun(actor).and_then(|begun| self.step(begun.step)) else { return };
        run::bind(&mut self.labels, step, fields);
        if !matches!(step.action, Action::Call { function: Function::RegisterEntity, .. }) {
            return;
        }
        let at = Function::RegisterEntity.parameter("RtmRegHandle").unwrap_or_default();
        let handle = observation::handle_at(fields, Place::output(at as u8));
        if !handle.is_null() {
            self.own.insert(actor, handle);
        }
    }

    /// A callback has begun.
    pub fn callback(&mut self, receiver: Option<Actor>, told: Told, fields: &[Field]) {
        let plan = receiver.and_then(|actor| self.program.actors.get(usize::from(actor)));
        let script = plan.and_then(|plan| plan.script(told));
        let counted = script.is_some() && self.callbacks < CALLBACK_DEPTH_MAX;
        let outer = receiver.and_then(|actor| self.begun.get(&actor).cloned());
        self.frames.push(Frame { receiver, outer, counted });
        if counted {
            self.callbacks += 1;
            if let Some(label) = script.and_then(|(label, _)| label) {
                self.labels.bind(label, fields);
            }
        }
    }

    /// The innermost callback has ended.
    pub fn callback_end(&mut self) {
        let Some(frame) = self.frames.pop() else { return };
        self.callbacks -= usize::from(frame.counted);
        if let (true, Some(actor), Some(outer)) = (frame.counted, frame.receiver, frame.outer) {
            self.begun.insert(actor, outer);
        }
    }
}

#[cfg(test)]
mod tests {
    use rtm_scenarios::{parse, report};
    use rtm_sim::history::Entry;
    use rtm_sim::model::{Config, Model};
    use rtm_sim::readings::Readings;
    use rtm_sim::run::Run;
    use rtm_sim::schedule::Listed;

    use super::*;

    /// What the labels of a walk stand for in the end is what they stood for in the run.
    fn check(program: &Program) {
        let mut model = Model::new(Config::default(), Readings::own());
        let mut run = Run::new(program);
        run.run(&mut model, &mut Listed::new(program.listed_order()));
        let mut walk = Walk::new(program);
        for entry in &run.history.entries {
            match entry {
                Entry::Begin { actor, step } => {
                    walk.begin(*actor, Begun { step: *step, slots: Vec::new() });
                }
                Entry::End { actor, fields } => walk.end(*actor, run.history.slice(*fields)),
                Entry::Callback { receiver, told, fields } => {
                    walk.callback(*receiver, *told, run.history.slice(*fields));
                }
                Entry::CallbackEnd { .. } => walk.callback_end(),
                Entry::Blocked { .. } | Entry::Deadlock { .. } | Entry::Runaway { .. } => {}
            }
        }
        assert_eq!(walk.labels, run.labels);
        assert!(walk.frames.is_empty() && walk.callbacks == 0, "every callback has ended");
    }

    #[test]
    fn labels_are_bound_as_the_run_loop_binds_them() {
        let scenarios = rtm_scenarios::corpus().map(|(path, text)| parse(path, text));
        let programs = scenarios.filter_map(|scenario| Some(scenario.ok()?.program));
        programs.for_each(|p| check(&p));
    }

    #[test]
    fn reactions_bind_labels_too() {
        let text = r#"
format = 1
title = "each newcomer is looked at, and all clients are fetched inside the callback"
[client.rip]
protocol = 8
on.RTM_ROUTE_EXPIRED = { bind = "e", steps = [
    { call = "RtmGetRouteInfo", route-handle = "e.Context1", bind = "info" },
    { call = "RtmCreateRouteEnum", bind = "enum" },
    { call = "RtmGetEnumRoutes", enum-handle = "enum", num-routes = 1, until-end = true,
      bind = "all" },
    { call = "RtmReleaseRoutes", route-handles = "all" },
] }
[[given]]
call = "RtmAddNextHop"
next-hop-info = { next-hop-address = "10.0.0.1" }
bind = "a"
[[step]]
call = "RtmAddRouteToDest"
dest-address = "10.0.{i}.0/24"
route-info = { next-hops = ["a"] }
time-to-live = "{i} + 1000"
repeat = 3
[[then]]
advance = 1001
[[then]]
advance = 1
"#;
        match parse("reactions.toml", text) {
            Ok(scenario) => check(&scenario.program),
            Err(found) => panic!("{}", report(&found, false)),
        }
    }
}

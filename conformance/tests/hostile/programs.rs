//! Small programs, built by hand.

use rtm_sim::program::operand::{
    Argument, Bound, Edit, EditValue, HandleRef, Number, StructureRef,
};
use rtm_sim::program::{Action, Actor, ActorPlan, Program, Reaction, Step};
use rtm_sim::vocabulary::call::Function;
use rtm_sim::vocabulary::constants::EventType;
use rtm_sim::vocabulary::observation::{Member, Place};
use rtm_sim::vocabulary::structures::EntityInfo;

/// The label of a client's registration.
const REGISTRATION: u16 = 0;

/// One client registers, adds next hops and leaves.
pub fn next_hops(count: usize) -> Program {
    let mut program = empty(1);
    program.steps.push(register(0, REGISTRATION));
    program.before.push(0);
    for _ in 0..count {
        program.concurrent.push(program.steps.len() as u32);
        program.steps.push(add_next_hop(0, REGISTRATION));
    }
    program.after.push(program.steps.len() as u32);
    program.steps.push(deregister(0, REGISTRATION));
    program
}

/// As [`next_hops`], and the client reacts to others by adding a next hop.
pub fn next_hop_within_callback() -> Program {
    let mut program = next_hops(1);
    let step = program.steps.len() as u32;
    program.steps.push(Step { action: Action::Settle, bind: None, ..register(0, REGISTRATION) });
    program.actors[0].reactions.push(Reaction {
        event: EventType::EntityRegistered,
        label: None,
        steps: vec![step],
        returns: 50,
    });
    program
}

fn empty(actors: usize) -> Program {
    let actor = |index| ActorPlan { name: format!("client{index}"), reactions: Vec::new() };
    Program {
        actors: (0..actors).map(actor).collect(),
        labels: (0..actors).map(|index| format!("label{index}")).collect(),
        steps: Vec::new(),
        before: Vec::new(),
        concurrent: Vec::new(),
        after: Vec::new(),
        threads: false,
    }
}

fn step(actor: Actor, function: Function, arguments: Vec<Argument>) -> Step {
    let action = Action::Call { function, arguments, until_end: false };
    Step { actor, action, bind: None, hazard: false, accept: Vec::new(), expect: None, line: 0 }
}

fn register(actor: Actor, label: u16) -> Step {
    let info =
        EntityInfo { instance: 0, family: 2, protocol: 8, protocol_instance: u32::from(actor) };
    let arguments = vec![
        Argument::Entity(Some(info)),
        Argument::Methods(None),
        Argument::Callback(true),
        Argument::Word(Number::Literal(0)),
        Argument::Out(true),
        Argument::OutHandle(true),
    ];
    Step { bind: Some(label), ..step(actor, Function::RegisterEntity, arguments) }
}

fn registration(label: u16) -> Argument {
    let parameter = Function::RegisterEntity.parameter("RtmRegHandle").expect("it has one");
    Argument::Handle(HandleRef::Bound(Bound { label, place: Place::output(parameter as u8) }))
}

fn add_next_hop(actor: Actor, label: u16) -> Step {
    let interface = Edit {
        member: Member::InterfaceIndex,
        inner: 0,
        value: EditValue::Number(Number::Literal(7)),
    };
    let arguments = vec![
        registration(label),
        Argument::NextHop(Some(StructureRef { from: None, edits: vec![interface] })),
        Argument::Slot(Some(HandleRef::Null)),
        Argument::OutWord(true),
    ];
    step(actor, Function::AddNextHop, arguments)
}

fn deregister(actor: Actor, label: u16) -> Step {
    step(actor, Function::DeregisterEntity, vec![registration(label)])
}

//! Small programs, built by hand.

use rtm_sim::program::operand::{
    Argument, Bound, Edit, EditValue, HandleRef, Number, StructureRef,
};
use rtm_sim::program::{Action, Actor, ActorPlan, Program, Reaction, Step};
use rtm_sim::vocabulary::call::Function;
use rtm_sim::vocabulary::constants::EventType;
use rtm_sim::vocabulary::observation::{Member, Place};
use rtm_sim::vocabulary::structures::EntityInfo;

/// Builds programs: a client registers under the label of its number, acts, and leaves.
pub struct Builder {
    program: Program,
}

impl Builder {
    /// Clients that have registered.
    pub fn new(clients: Actor) -> Builder {
        let actor = |index| ActorPlan {
            name: format!("client{index}"),
            reactions: Vec::new(),
            methods: Vec::new(),
        };
        let program = Program {
            actors: (0..clients).map(actor).collect(),
            labels: (0..16).map(|index| format!("label{index}")).collect(),
            steps: Vec::new(),
            before: Vec::new(),
            concurrent: Vec::new(),
            after: Vec::new(),
            threads: false,
        };
        let mut builder = Builder { program };
        for actor in 0..clients {
            let step = builder.push(actor, register(actor), Some(actor.into()));
            builder.program.before.push(step);
        }
        builder
    }

    fn push(&mut self, actor: Actor, action: Action, bind: Option<u16>) -> u32 {
        let (accept, expect) = (Vec::new(), None);
        self.program.steps.push(Step {
            actor,
            action,
            bind,
            hazard: false,
            accept,
            expect,
            line: 0,
        });
        self.program.steps.len() as u32 - 1
    }

    /// The client does something.
    pub fn act(mut self, actor: Actor, action: Action, bind: Option<u16>) -> Builder {
        let step = self.push(actor, action, bind);
        self.program.concurrent.push(step);
        self
    }

    /// The client calls a function; its registration is put in front of the arguments.
    pub fn call(self, actor: Actor, function: Function, arguments: Vec<Argument>) -> Builder {
        self.act(actor, with_registration(actor, function, arguments), None)
    }

    /// As [`Builder::call`], and keeps what comes back under a label.
    pub fn bind(self, label: u16, function: Function, arguments: Vec<Argument>) -> Builder {
        self.act(0, with_registration(0, function, arguments), Some(label))
    }

    /// The client reacts to an event by one action.
    pub fn react(mut self, event: EventType, action: Action, returns: u32) -> Builder {
        let steps = vec![self.push(0, action, None)];
        self.program.actors[0].reactions.push(Reaction { event, label: None, steps, returns });
        self
    }

    /// The program; all clients leave at its end.
    pub fn build(mut self) -> Program {
        for actor in 0..self.program.actors.len() as Actor {
            let leave = with_registration(actor, Function::DeregisterEntity, Vec::new());
            let step = self.push(actor, leave, None);
            self.program.after.push(step);
        }
        self.program
    }

    /// The program; nobody leaves.
    pub fn build_staying(self) -> Program {
        self.program
    }

    /// As [`Builder::build`], with one thread an actor.
    pub fn build_threaded(self) -> Program {
        Program { threads: true, ..self.build() }
    }
}

/// One client adds next hops.
pub fn next_hops(count: usize) -> Program {
    let add = |builder: Builder, _| builder.call(0, Function::AddNextHop, next_hop());
    (0..count).fold(Builder::new(1), add).build()
}

/// One client adds a next hop, and settles whenever it is told of another client.
pub fn next_hop_within_callback() -> Builder {
    let builder = Builder::new(1).call(0, Function::AddNextHop, next_hop());
    builder.react(EventType::EntityRegistered, Action::Settle, 50)
}

/// The arguments of a next hop that is added.
pub fn next_hop() -> Vec<Argument> {
    let interface = number(Member::InterfaceIndex, 7);
    vec![
        Argument::NextHop(Some(StructureRef { from: None, edits: vec![interface] })),
        Argument::Slot(Some(HandleRef::Null)),
        Argument::OutWord(true),
    ]
}

/// A member that is set to a number.
pub fn number(member: Member, value: u32) -> Edit {
    Edit { member, inner: 0, value: EditValue::Number(Number::Literal(value)) }
}

/// A number by value.
pub fn word(value: u32) -> Argument {
    Argument::Word(Number::Literal(value))
}

/// An output of the step behind a label.
pub fn output(label: u16, function: Function, parameter: &str) -> Bound {
    let parameter = function.parameter(parameter).expect("the function has it");
    Bound { label, place: Place::output(parameter as u8) }
}

fn register(actor: Actor) -> Action {
    let info =
        EntityInfo { instance: 0, family: 2, protocol: 8, protocol_instance: u32::from(actor) };
    let arguments = vec![
        Argument::Entity(Some(info)),
        Argument::Methods(Some(vec![false, true])),
        Argument::Callback(true),
        word(0),
        Argument::Out(true),
        Argument::OutHandle(true),
    ];
    Action::Call { function: Function::RegisterEntity, arguments, until_end: false }
}

fn with_registration(actor: Actor, function: Function, rest: Vec<Argument>) -> Action {
    let registration = output(actor.into(), Function::RegisterEntity, "RtmRegHandle");
    let mut arguments = vec![Argument::Handle(HandleRef::Bound(registration))];
    arguments.extend(rest);
    Action::Call { function, arguments, until_end: false }
}

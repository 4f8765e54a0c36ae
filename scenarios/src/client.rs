//! Clients: who they are, how they register, what their callbacks do.

use rtm_sim::program::operand::Argument;
use rtm_sim::program::{ACTORS_MAX, Action, ActorPlan, Reaction, Step};
use rtm_sim::vocabulary::call::Function;
use rtm_sim::vocabulary::constants::{AF_INET, EventType};
use rtm_sim::vocabulary::structures::EntityInfo;
use toml::de::DeTable;

use crate::checker::{Checker, Client, Here, Span, Value};
use crate::code::Code;
use crate::diagnostic::shown;
use crate::gather::{Gathered, Part, RawStep};
use crate::key::{CLIENT, REACTION, REGISTER, names};
use crate::label::{Home, Label};
use crate::method::RawMethod;
use crate::operand::number::NumberRule;
use crate::output::Gives;

/// What a client is called for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Called {
    /// An event.
    Event(EventType),
    /// One of its methods.
    Method,
}

/// What clients do when they are called, before it is lowered.
#[derive(Default)]
pub(crate) struct RawCallbacks<'a> {
    reactions: Vec<RawReaction<'a>>,
    methods: Vec<RawMethod<'a>>,
}

/// What a callback does, before it is lowered.
struct RawReaction<'a> {
    actor: usize,
    event: EventType,
    label: Option<u16>,
    returns: u32,
    steps: Vec<RawStep<'a>>,
}

impl Checker {
    /// Reads all clients, in file order; there is always one afterwards, so that the steps can be
    /// looked at.
    pub(crate) fn read_clients(&mut self, table: &DeTable) {
        if let Some(value) = table.get("client") {
            let clients = self.table(value, "a table of clients");
            let mut clients: Vec<_> = clients.into_iter().flatten().collect();
            clients.sort_by_key(|(name, _)| name.span().start);
            if clients.is_empty() || ACTORS_MAX < clients.len() {
                let message = format!("{} clients", clients.len());
                let help = format!("a scenario has 1 to {ACTORS_MAX} clients");
                self.wrong_help(Code::ClientCount, value.span(), message, help);
                clients.truncate(ACTORS_MAX);
            }
            for (name, value) in clients {
                self.read_client(name.get_ref(), name.span(), value);
            }
        }
        if self.clients.is_empty() {
            let info =
                EntityInfo { instance: 0, family: AF_INET, protocol: 0, protocol_instance: 1 };
            self.add_client(Client {
                name: String::from("client"),
                info,
                callback: true,
                reserve_opaque: false,
                methods: None,
                by_hand: false,
                label: None,
            });
        }
    }

    fn read_client(&mut self, name: &str, span: Span, value: &Value) {
        self.check_name(name, span, "a client");
        let empty = DeTable::new();
        let table = self.table(value, "a table such as `{ protocol = 8 }`").unwrap_or(&empty);
        let what = format!("client `{}`", shown(name, 80));
        self.check_keys(table, &what, &names(CLIENT));
        self.check_required(table, &what, CLIENT, value.span());
        let mut number = |key: &str, bits, otherwise: u32| {
            let value = table.get(key);
            value.map_or(otherwise, |v| self.literal(v, NumberRule::plain(bits)) as u32)
        };
        let info = EntityInfo {
            instance: number("rtm-instance", 16, 0) as u16,
            family: number("family", 16, AF_INET.into()) as u16,
            protocol: number("protocol", 32, 0),
            protocol_instance: number("instance", 32, 1),
        };
        let methods = table.get("methods").and_then(|value| self.methods(value));
        let scripted = table.get("method").map(|value| self.method_places(value));
        // A client whose methods are scripted exports them.
        let most = scripted.and_then(|places| places.last().copied());
        let methods = methods.or_else(|| most.map(|most| vec![true; most as usize + 1]));
        let by_hand = table.get("register").and_then(|v| self.one_of(v, REGISTER));
        let client = Client {
            name: name.to_owned(),
            info,
            callback: self.boolean_or(table, "callback", true),
            reserve_opaque: self.boolean_or(table, "reserve-opaque", false),
            methods,
            by_hand: by_hand == Some("by-hand"),
            label: None,
        };
        self.add_client(client);
    }

    fn add_client(&mut self, mut client: Client) {
        if !client.by_hand {
            client.label = self.labels.add(Label {
                name: client.name.clone(),
                span: None,
                home: Home::Main(0),
                gives: Gives::Call(Function::RegisterEntity),
                about: None,
            });
        }
        self.clients.push(client);
    }

    /// One of a few words.
    pub(crate) fn one_of(
        &mut self,
        value: &Value,
        words: &'static [&'static str],
    ) -> Option<&'static str> {
        let text = self.text(value)?;
        let found = words.iter().copied().find(|w| *w == text);
        if found.is_none() {
            let message = format!("`{}` means nothing here", shown(&text, 80));
            let known = words.iter().copied();
            let help = format!("it is one of {}", crate::checker::listed(words));
            self.unknown(Code::UnknownWord, value.span(), message, &text, known, &help);
        }
        found
    }

    /// The registrations that come by themselves, in file order; each takes one position.
    pub(crate) fn registrations(&mut self, lines: &[u32], steps: &mut Vec<Step>) -> Vec<u32> {
        let mut numbers = Vec::new();
        let none = DeTable::new();
        for actor in 0..self.clients.len() {
            let client = &self.clients[actor];
            if client.by_hand {
                continue;
            }
            let bind = client.label;
            self.here = Here { actor, hazard: false, home: Home::Main(0), turn: None, bind };
            let function = Function::RegisterEntity;
            let arguments: Vec<Argument> = self.arguments(function, &none, &(0..0));
            numbers.push(steps.len() as u32);
            steps.push(Step {
                actor: actor as u8,
                action: Action::Call { function, arguments, until_end: false },
                bind,
                hazard: false,
                accept: Vec::new(),
                expect: None,
                line: lines.get(actor).copied().unwrap_or(1),
            });
        }
        numbers
    }

    /// Gathers what all clients do when they are called, with the steps that they make.
    pub(crate) fn gather_callbacks<'a>(
        &mut self,
        table: &'a DeTable<'a>,
        gathered: &mut Gathered,
    ) -> RawCallbacks<'a> {
        let mut found = RawCallbacks::default();
        let mut reaction = 0;
        for actor in 0..self.clients.len() {
            let name = self.clients[actor].name.clone();
            let client = table.get("client").and_then(|v| v.get_ref().get(name.as_str()));
            let Some(client) = client.map(|client| client.get_ref()) else { continue };
            if let Some(value) = client.get("on") {
                let reactions = self.gather_reactions(value, actor, &mut reaction, gathered);
                found.reactions.extend(reactions);
            }
            if let Some(value) = client.get("method") {
                found.methods.extend(self.gather_methods(value, actor, &mut reaction, gathered));
            }
        }
        found
    }

    fn gather_reactions<'a>(
        &mut self,
        value: &'a Value<'a>,
        actor: usize,
        reaction: &mut u32,
        gathered: &mut Gathered,
    ) -> Vec<RawReaction<'a>> {
        let mut found = Vec::new();
        let events = self.table(value, "a table of events");
        let mut events: Vec<_> = events.into_iter().flatten().collect();
        events.sort_by_key(|(name, _)| name.span().start);
        for (name, value) in events {
            let Some(event) = self.event(name.get_ref(), name.span()) else { continue };
            let Some(table) = self.table(value, "a table of a reaction") else { continue };
            found.push(self.gather_reaction(table, actor, event, *reaction, gathered));
            *reaction += 1;
        }
        if !self.clients[actor].callback {
            let message =
                format!("`{}` has no callback that could react", self.clients[actor].name);
            let help = "leave `callback = false` out";
            self.wrong_help(Code::UnknownEvent, value.span(), message, help);
        }
        found
    }

    fn gather_reaction<'a>(
        &mut self,
        table: &'a DeTable<'a>,
        actor: usize,
        event: EventType,
        reaction: u32,
        gathered: &mut Gathered,
    ) -> RawReaction<'a> {
        self.check_keys(table, "a reaction", &names(REACTION));
        let label = self.called_label(table, Called::Event(event), reaction);
        let returns = table.get("return").map_or(0, |value| self.return_value(value));
        // The arguments are there before the first step.
        gathered.count += 1;
        let part = Part::Reaction { reaction, actor };
        let steps = table.get("steps").map(|value| self.gather(value, part, gathered));
        RawReaction { actor, event, label, returns, steps: steps.unwrap_or_default() }
    }

    /// The label of the arguments of a callback, known in its own steps only.
    pub(crate) fn called_label(
        &mut self,
        table: &DeTable,
        called: Called,
        reaction: u32,
    ) -> Option<u16> {
        let value = table.get("bind")?;
        let name = self.text(value)?.into_owned();
        if !self.check_name(&name, value.span(), "a label") {
            return None;
        }
        if self.labels.find(&name, Home::Main(u32::MAX)).is_some() {
            let message = format!("`{name}` is bound twice");
            let help = "choose another name for the arguments of the callback";
            self.wrong_help(Code::DuplicateName, value.span(), message, help);
            return None;
        }
        let (span, home) = (Some(value.span()), Home::Reaction(reaction, 0));
        let gives = Gives::Called(called);
        self.labels.add_local(reaction, Label { name, span, home, gives, about: None })
    }

    fn event(&mut self, name: &str, span: Span) -> Option<EventType> {
        let found = EventType::ALL.iter().copied().find(|e| e.name() == name);
        if found.is_none() {
            let message = format!("no event `{}`", shown(name, 80));
            let known = EventType::ALL.map(EventType::name);
            let otherwise = format!("the events are {}", crate::checker::listed(&known));
            self.unknown(Code::UnknownEvent, span, message, name, known, &otherwise);
        }
        found
    }

    /// The plans of all clients.
    pub(crate) fn plans(&mut self, raws: RawCallbacks, steps: &mut Vec<Step>) -> Vec<ActorPlan> {
        let plan = |c: &Client| ActorPlan {
            name: c.name.clone(),
            reactions: Vec::new(),
            methods: Vec::new(),
        };
        let mut plans: Vec<ActorPlan> = self.clients.iter().map(plan).collect();
        for raw in raws.reactions {
            let reaction = Reaction {
                event: raw.event,
                label: raw.label,
                steps: self.lower(&raw.steps, steps),
                returns: raw.returns,
            };
            plans[raw.actor].reactions.push(reaction);
        }
        for raw in raws.methods {
            let actor = raw.actor;
            let plan = self.method_plan(raw, steps);
            plans[actor].methods.push(plan);
        }
        plans
    }
}

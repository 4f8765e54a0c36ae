//! Fields of an observation as lines, each with its basis.
//!
//! A field has a line of its own, so that a difference is one line of a diff. Two exceptions: the
//! members of an `RTM_ENTITY_INFO`, and handles of one array, as long as one basis decided them.

use rtm_sim::program::{Action, Structure};
use rtm_sim::vocabulary::constants::EventType;
use rtm_sim::vocabulary::handle::Handle;
use rtm_sim::vocabulary::observation::{Basis, Field, Member, Place, Value};
use rtm_sim::vocabulary::status::Status;
use rtm_sim::vocabulary::structures::EntityInfo;

use crate::names::{self, Names};
use crate::words::{self, Meaning, Shape};

/// Most handles on a line, unless they are a range.
const HANDLES_MAX: usize = 6;

/// What showed the fields.
pub struct Context<'a> {
    /// The action, if one did.
    pub action: Option<&'a Action>,
    /// The event, if a callback did.
    pub event: Option<EventType>,
    /// The handles that the action passed in slots, and how they were shown.
    pub slots: &'a [(u8, Handle, String)],
}

impl Context<'_> {
    fn place(&self, place: Place) -> String {
        match self.action {
            Some(Action::Call { function, .. }) => place.text(Some(*function)),
            _ => place.text(None),
        }
    }

    fn meaning(&self, place: Place) -> Meaning {
        let parameter = match self.action {
            Some(Action::Call { function, .. }) => function
                .parameters()
                .get(usize::from(place.slot))
                .map(|parameter| (function.name(), parameter.name)),
            _ => None,
        };
        let shape = match (parameter, self.action, self.event) {
            (Some((_, name)), _, _) => Shape::of_parameter(name),
            (_, Some(Action::Read { structure: Structure::Route, .. }), _) => Shape::Route,
            (_, Some(Action::Read { structure: Structure::NextHop, .. }), _) => Shape::NextHop,
            (_, _, Some(EventType::RouteExpired)) => Shape::Route,
            _ => Shape::Other,
        };
        match (place.member, parameter) {
            (Member::Whole, Some((function, name))) => words::of_parameter(function, name),
            (member, _) => words::of_member(shape, member),
        }
    }
}

/// The lines of `fields`; with `by_basis`, what different clauses decided stays apart.
pub fn lines(
    fields: &[Field],
    context: &Context,
    by_basis: bool,
    names: &mut Names,
) -> Vec<(String, Basis)> {
    let mut lines = Vec::new();
    let mut rest = fields;
    while let Some(first) = rest.first() {
        let alike = |f: &Field| !by_basis || f.basis == first.basis;
        let count = if let Some(info) = entity(rest, alike) {
            let place = context.place(first.place.member(Member::Whole));
            lines.push((format!("{place} = {}", words::entity(&info)), first.basis));
            4
        } else {
            let count = row(rest, alike);
            match count {
                _ if is_data(first.place) => lines.push(data(&rest[..count], context)),
                1 => lines.push((single(first, context, names), first.basis)),
                _ => array(&rest[..count], context, names, &mut lines),
            }
            count
        };
        rest = &rest[count..];
    }
    lines
}

fn single(field: &Field, context: &Context, names: &mut Names) -> String {
    let value = value(field, context, names);
    match field.place {
        Place::STATUS => value,
        place => format!("{} = {value}", context.place(place)),
    }
}

fn value(field: &Field, context: &Context, names: &mut Names) -> String {
    match field.value {
        Value::Number(number) if field.place == Place::STATUS => match u32::try_from(number) {
            Ok(status) => Status(status).to_string(),
            Err(_) => number.to_string(),
        },
        Value::Number(number) if context.meaning(field.place) == Meaning::EntryPoint => {
            names.entry_point(number)
        }
        Value::Number(number) => words::number(context.meaning(field.place), number),
        Value::Handle(kind, handle) => {
            // A slot that is as the caller left it holds whatever the caller passed.
            let given = context
                .slots
                .iter()
                .find(|(slot, given, _)| field.place == Place::output(*slot) && *given == handle);
            given.map_or_else(|| names.handle(kind, handle), |(_, _, text)| text.clone())
        }
        Value::Address(address) => words::address(&address),
        Value::Time(time) => names.time(time),
        Value::Pointer(pointer) => names.pointer(pointer),
        Value::Unwritten => String::from("(left unwritten)"),
        Value::Written => String::from("(written)"),
    }
}

/// The client that the first four fields describe.
fn entity(fields: &[Field], alike: impl Fn(&Field) -> bool) -> Option<EntityInfo> {
    let members = [
        Member::RtmInstanceId,
        Member::AddressFamily,
        Member::EntityProtocolId,
        Member::EntityInstanceId,
    ];
    let first = fields.first()?.place;
    let mut numbers = [0; 4];
    for (at, member) in members.into_iter().enumerate() {
        let field = fields.get(at).filter(|f| f.place == first.member(member) && alike(f))?;
        let Value::Number(number) = field.value else { return None };
        numbers[at] = u32::try_from(number).ok()?;
    }
    let [instance, family, protocol, protocol_instance] = numbers;
    Some(EntityInfo {
        instance: u16::try_from(instance).ok()?,
        family: u16::try_from(family).ok()?,
        protocol,
        protocol_instance,
    })
}

/// How many of the first fields are handles or bytes in a row of one array; at least one.
fn row(fields: &[Field], alike: impl Fn(&Field) -> bool) -> usize {
    let first = fields[0].place;
    let in_row = |(at, field): &(usize, &Field)| {
        let place = match first.member {
            Member::Whole => Place { index: first.index.wrapping_add(*at as u16), ..first },
            _ if first.member == Member::NextHops || is_data(first) => {
                Place { inner: first.inner.wrapping_add(*at as u16), ..first }
            }
            _ => return false,
        };
        let fits = match field.value {
            Value::Handle(_, _) => !is_data(first),
            Value::Number(_) => is_data(first),
            _ => false,
        };
        fits && field.place == place && place >= first && alike(field)
    };
    fields.iter().enumerate().take_while(in_row).count().max(1)
}

/// Whether a byte of data stands at a place.
fn is_data(place: Place) -> bool {
    matches!(place.member, Member::InputData | Member::OutputData)
}

/// Bytes in a row.
fn data(row: &[Field], context: &Context) -> (String, Basis) {
    let byte = |field: &Field| match field.value {
        Value::Number(byte) => format!("{byte:02x}"),
        _ => String::from("?"),
    };
    let (first, last) = (row[0].place.inner, row[row.len() - 1].place.inner);
    let mut place = context.place(row[0].place);
    if let (true, Some(stem)) = (first < last, place.strip_suffix(&format!("[{first}]"))) {
        place = format!("{stem}[{first} to {last}]");
    }
    let bytes: Vec<String> = row.iter().map(byte).collect();
    (format!("{place} = {}", bytes.join(" ")), row[0].basis)
}

fn array(row: &[Field], context: &Context, names: &mut Names, lines: &mut Vec<(String, Basis)>) {
    let texts: Vec<String> = row.iter().map(|field| value(field, context, names)).collect();
    let most = match names::ranges(&texts).len() {
        0..=HANDLES_MAX => row.len(),
        _ => HANDLES_MAX,
    };
    for (row, texts) in row.chunks(most).zip(texts.chunks(most)) {
        let (first, last) = (row[0].place, row[row.len() - 1].place);
        let (from, to) = match first.member {
            Member::NextHops => (first.inner, last.inner),
            _ => (first.index, last.index),
        };
        let mut place = context.place(first);
        if let (true, Some(stem)) = (from < to, place.strip_suffix(&format!("[{from}]"))) {
            place = format!("{stem}[{from} to {to}]");
        }
        lines.push((format!("{place} = {}", names::ranges(texts).join(", ")), row[0].basis));
    }
}

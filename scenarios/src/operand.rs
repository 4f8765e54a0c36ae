//! Operands: from a text such as `d.ViewInfo[0].Route` to a place in what a step gave back.
//!
//! A path is a label, then perhaps an index, then members in C spelling. What it leads to is
//! known from the function behind the label, so a path that leads nowhere is found before
//! anything runs.

pub(crate) mod number;

pub(crate) mod address;

pub(crate) mod handle;

pub(crate) mod record;

use rtm_sim::program::Structure;
use rtm_sim::program::operand::Bound;
use rtm_sim::vocabulary::handle::HandleKind;
use rtm_sim::vocabulary::observation::{Member, Place};

use crate::checker::{Checker, Late, Span};
use crate::code::Code;
use crate::diagnostic::shown;
use crate::label::Home;
use crate::output::{Gives, Inside, Output, Part, Record, Shape, outputs};

/// What an operand is to be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Want {
    Handle(Option<HandleKind>),
    Handles(Option<HandleKind>),
    Number,
    Address,
    Record(Record),
    Records(Record),
    Pointer,
}

impl Want {
    /// How it is called in messages.
    fn word(self) -> String {
        match self {
            Want::Handle(kind) => Shape::Handle(kind).word(),
            Want::Handles(None) => String::from("an array of handles"),
            Want::Handles(Some(kind)) => Shape::Handles(kind).word(),
            Want::Number => Shape::Number(32).word(),
            Want::Address => Shape::Address.word(),
            Want::Record(record) => Shape::Record(record).word(),
            Want::Records(record) => Shape::Records(record).word(),
            Want::Pointer => String::from("a direct pointer"),
        }
    }

    /// How well an output suits, without a word about it; 0 is best, none is not at all.
    fn rank(self, shape: Shape, gives: Gives) -> Option<u8> {
        match (self, shape) {
            (Want::Handle(None), Shape::Handle(_)) | (Want::Handle(_), Shape::Handle(None)) => {
                Some(0)
            }
            (Want::Handle(wanted), Shape::Handle(kind)) => Some(if kind == wanted { 0 } else { 4 }),
            (Want::Handle(wanted), Shape::Handles(kind)) => {
                Some(if wanted.is_none_or(|w| w == kind) { 1 } else { 5 })
            }
            (
                Want::Handle(None | Some(HandleKind::Dest)),
                Shape::Record(Record::Dest) | Shape::Records(Record::Dest),
            ) => Some(2),
            (Want::Handles(wanted), Shape::Handles(kind)) => {
                Some(if wanted.is_none_or(|w| w == kind) { 0 } else { 4 })
            }
            (Want::Handles(None | Some(HandleKind::Dest)), Shape::Records(Record::Dest)) => Some(1),
            (Want::Record(wanted), Shape::Record(record)) if wanted == record => Some(0),
            (Want::Record(wanted), Shape::Records(record)) if wanted == record => Some(1),
            (Want::Records(wanted), Shape::Records(record)) if wanted == record => Some(0),
            (Want::Records(wanted), Shape::Record(record)) if wanted == record => Some(1),
            (Want::Address, Shape::Address) | (Want::Pointer, Shape::Pointer(_)) => Some(0),
            // Elsewhere a number without its name would be a guess.
            (Want::Number, Shape::Number(_)) if matches!(gives, Gives::Read(_)) => Some(0),
            _ => None,
        }
    }
}

/// A word of a path, and the index behind it.
type Piece<'t> = (&'t str, Option<u16>);

/// A path, cut into pieces.
struct Path<'t> {
    label: &'t str,
    index: Option<u16>,
    members: Vec<Piece<'t>>,
}

/// The output that a path means, the index that goes with it, and the members behind it.
type Chosen<'p, 't> = (Output, Option<u16>, &'p [Piece<'t>]);

/// A word with an index behind it, perhaps.
fn piece(text: &str) -> Option<Piece<'_>> {
    let word = |w: &str| {
        !w.is_empty() && w.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
    };
    let Some((name, index)) = text.split_once('[') else {
        return word(text).then_some((text, None));
    };
    let digits = index.strip_suffix(']')?;
    let plain = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    (word(name) && plain).then_some((name, Some(digits.parse().ok()?)))
}

fn path(text: &str) -> Option<Path<'_>> {
    let mut pieces = text.split('.');
    let (label, index) = piece(pieces.next()?)?;
    let members: Option<Vec<_>> = pieces.map(piece).collect();
    Some(Path { label, index, members: members? })
}

/// What a path leads to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Target {
    pub(crate) bound: Bound,
    pub(crate) shape: Shape,
}

impl Checker {
    /// The label that a name stands for, from where the step stands; what is wrong is reported.
    pub(crate) fn label(&mut self, name: &str, span: Span) -> Option<u16> {
        let Some(label) = self.labels.find(name, self.here.home) else {
            self.unknown_label(name, span);
            return None;
        };
        if !self.here.home.sees(self.labels.get(label).home) {
            self.late.push(Late { label, from: self.here.bind, span });
        }
        Some(label)
    }

    fn unknown_label(&mut self, name: &str, span: Span) {
        let by_hand = self.clients.iter().any(|c| c.name == name && c.by_hand);
        if by_hand {
            let message = format!("nothing registers the client `{name}`");
            let help = "let a step of the client call RtmRegisterEntity before";
            return self.wrong_help(Code::NotRegistered, span, message, help);
        }
        let message = format!("no label `{}`", shown(name, 80));
        let most = if self.suggests() { 4096 } else { 0 };
        let names = self.labels.names(self.here.home).take(most);
        let known: Vec<String> = names.map(String::from).collect();
        let otherwise = match self.labels.is_local(name) {
            true => "the arguments of a callback are known only inside the reaction",
            false => "a label is what a step says with `bind`; a client's name is one too",
        };
        let known = known.iter().map(String::as_str);
        self.unknown(Code::UnknownLabel, span, message, name, known, otherwise);
    }

    /// The structure that a path to a direct pointer leads to; nothing is reported.
    pub(crate) fn pointed(&self, text: &str, from: Home) -> Option<Structure> {
        let path = path(text)?;
        let gives = self.labels.get(self.labels.find(path.label, from)?).gives;
        let name = path.members.first().map(|(name, _)| *name);
        let outputs = outputs(gives);
        outputs.iter().filter(|o| name.is_none_or(|n| n == o.name)).find_map(|o| match o.shape {
            Shape::Pointer(structure) => Some(structure),
            Shape::Record(Record::Route) if o.place == Place::CONTEXT2 => Some(Structure::Route),
            _ => None,
        })
    }

    /// Finds what a path leads to, and checks that it is what is wanted.
    pub(crate) fn target(&mut self, text: &str, span: Span, want: Want) -> Option<Target> {
        let Some(path) = path(text) else {
            let message = format!("`{}` is no {}", shown(text, 80), plain(&want.word()));
            let help = "write a label, perhaps with members behind it: `d.DestInfo.DestHandle`";
            self.wrong_help(Code::WrongPart, span, message, help);
            return None;
        };
        let label = self.label(path.label, span.clone())?;
        let gives = self.labels.get(label).gives;
        let (output, index, rest) = self.output(&path, gives, &span, want)?;
        let target = self.member(label, output, index, rest, &span)?;
        self.fitted(target, path.label, span, want)
    }

    /// The output that a path means, the index that goes with it, and the members behind it.
    fn output<'p, 't>(
        &mut self,
        path: &'p Path<'t>,
        gives: Gives,
        span: &Span,
        want: Want,
    ) -> Option<Chosen<'p, 't>> {
        let outputs = outputs(gives);
        let Some((first, first_index)) = path.members.first() else {
            let ranked = outputs.iter().filter_map(|o| Some((want.rank(o.shape, gives)?, o)));
            if let Some((_, output)) = ranked.min_by_key(|(rank, _)| *rank) {
                return Some((*output, path.index, &[]));
            }
            let message = format!("`{}` stands for no {}", path.label, plain(&want.word()));
            let is_single = match want {
                Want::Handles(kind) => {
                    let single = Want::Handle(kind);
                    outputs.iter().any(|o| single.rank(o.shape, gives) == Some(0))
                }
                _ => false,
            };
            let help = match is_single {
                true => format!("write an array of one: `[\"{}\"]`", path.label),
                false => offers(path.label, &outputs),
            };
            self.wrong_help(Code::WrongPart, span.clone(), message, help);
            return None;
        };
        if let Some(output) = outputs.iter().find(|o| o.name == *first) {
            return Some((*output, first_index.or(path.index), &path.members[1..]));
        }
        let holds = |output: &&Output| match output.shape {
            Shape::Record(record) | Shape::Records(record) => find(record, &path.members).is_some(),
            _ => false,
        };
        if let Some(output) = outputs.iter().find(holds) {
            return Some((*output, path.index, &path.members));
        }
        let message = format!("`{}` has no `{}`", path.label, shown(first, 80));
        let last = path.members.last().map_or("", |(name, _)| *name);
        let help = match self.nearest(last, all_names(&outputs)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => offers(path.label, &outputs),
        };
        self.wrong_help(Code::NoSuchOutput, span.clone(), message, help);
        None
    }

    /// Goes from an output to a member of it.
    fn member(
        &mut self,
        label: u16,
        output: Output,
        index: Option<u16>,
        rest: &[Piece],
        span: &Span,
    ) -> Option<Target> {
        let place = output.place.at(usize::from(index.unwrap_or(0)));
        let element = match output.shape {
            Shape::Handles(kind) if index.is_some() => Shape::Handle(Some(kind)),
            Shape::Records(record) if index.is_some() => Shape::Record(record),
            Shape::Handles(_) | Shape::Records(_) => output.shape,
            shape if index.is_none() => shape,
            _ => {
                let message = format!("`{}` is no array", output.name);
                self.wrong(Code::NoSuchOutput, span.clone(), message);
                return None;
            }
        };
        if rest.is_empty() {
            return Some(Target { bound: Bound { label, place }, shape: element });
        }
        let Shape::Record(record) = element else {
            let message = match element {
                Shape::Records(_) => format!("`{}` has many elements", output.name),
                _ => format!("`{}` has no members", output.name),
            };
            let help = "an element of an array is `f[0].DestHandle`";
            self.wrong_help(Code::NoSuchOutput, span.clone(), message, help);
            return None;
        };
        let Some((part, inner)) = find(record, rest) else {
            let last = rest.last().map_or("", |(name, _)| *name);
            let message = format!("{} has no `{}`", record.c_name(), shown(last, 80));
            let known: Vec<&str> = record.parts().iter().map(Part::short).collect();
            let otherwise = format!("it has {}", crate::checker::listed(&known));
            self.unknown(Code::NoSuchOutput, span.clone(), message, last, known, &otherwise);
            return None;
        };
        let place = place.member(part.member).inner(usize::from(inner.unwrap_or(0)));
        let shape = match part.shape {
            Shape::Handles(kind) if inner.is_some() => Shape::Handle(Some(kind)),
            shape => shape,
        };
        Some(Target { bound: Bound { label, place }, shape })
    }

    /// Checks that a target is what is wanted; a destination may stand for its handle.
    fn fitted(&mut self, target: Target, name: &str, span: Span, want: Want) -> Option<Target> {
        let Target { bound, shape } = target;
        let handle_of = |bound: Bound, shape| {
            let place = bound.place.member(Member::DestHandle);
            Some(Target { bound: Bound { place, ..bound }, shape })
        };
        match (want, shape) {
            (Want::Handle(wanted), Shape::Handle(kind)) => {
                self.check_kind(wanted, kind, &span);
                Some(target)
            }
            (Want::Handles(wanted), Shape::Handles(kind)) => {
                self.check_kind(wanted, Some(kind), &span);
                Some(target)
            }
            (Want::Handle(None | Some(HandleKind::Dest)), Shape::Record(Record::Dest)) => {
                handle_of(bound, Shape::Handle(Some(HandleKind::Dest)))
            }
            (Want::Handles(None | Some(HandleKind::Dest)), Shape::Records(Record::Dest)) => {
                handle_of(bound, Shape::Handles(HandleKind::Dest))
            }
            (Want::Record(wanted) | Want::Records(wanted), Shape::Record(record))
            | (Want::Records(wanted), Shape::Records(record))
                if wanted == record =>
            {
                Some(target)
            }
            (Want::Number, Shape::Number(_))
            | (Want::Address, Shape::Address)
            | (Want::Pointer, Shape::Pointer(_)) => Some(target),
            // The callback for an expired route is given the structure of the implementation.
            (Want::Pointer, Shape::Record(Record::Route)) if bound.place == Place::CONTEXT2 => {
                Some(Target { bound, shape: Shape::Pointer(Structure::Route) })
            }
            _ => {
                let message = format!("{} where {} is due", shape.word(), want.word());
                let many = matches!(shape, Shape::Handles(_) | Shape::Records(_));
                let single = !matches!(want, Want::Handles(_) | Want::Records(_));
                if many && single {
                    let help = format!("an element of the array is `{name}[0]`");
                    self.wrong_help(Code::WrongPart, span, message, help);
                } else if !single && matches!(shape, Shape::Handle(_)) {
                    let help = "write an array to make a list of single handles";
                    self.wrong_help(Code::WrongPart, span, message, help);
                } else {
                    self.wrong(Code::WrongPart, span, message);
                }
                None
            }
        }
    }

    fn check_kind(&mut self, wanted: Option<HandleKind>, kind: Option<HandleKind>, span: &Span) {
        let (Some(wanted), Some(kind)) = (wanted, kind) else { return };
        if wanted != kind && !self.here.hazard {
            let words = (Shape::Handle(Some(kind)).word(), Shape::Handle(Some(wanted)).word());
            let message = format!("{} where {} is due", words.0, words.1);
            let help = "add `hazard = true` to the step if the wrong kind is meant";
            self.wrong_help(Code::WrongHandle, span.clone(), message, help);
        }
    }
}

/// The part of a structure that the rest of a path means, and the index in its inner array.
fn find(record: Record, rest: &[Piece]) -> Option<(&'static Part, Option<u16>)> {
    let (last, last_index) = *rest.last()?;
    let before = &rest[..rest.len() - 1];
    let part = record.parts().iter().find(|p| p.short() == last)?;
    let prefix = part.member.name().rsplit_once('.').map(|(prefix, _)| prefix);
    match (part.inside, before) {
        (Inside::View, []) if last_index.is_none() => Some((part, None)),
        (Inside::View, [("ViewInfo", Some(index))]) if last_index.is_none() => {
            Some((part, Some(*index)))
        }
        (Inside::NextHops, []) => Some((part, last_index)),
        (Inside::NextHops, [(name, None)]) if prefix == Some(*name) => Some((part, last_index)),
        (Inside::Nothing, []) if last_index.is_none() => Some((part, None)),
        (Inside::Nothing, [(name, None)]) if last_index.is_none() && prefix == Some(*name) => {
            Some((part, None))
        }
        _ => None,
    }
}

/// Everything that may stand behind a label.
fn all_names(outputs: &[Output]) -> Vec<&'static str> {
    let mut names: Vec<&str> = outputs.iter().map(|o| o.name).collect();
    for output in outputs {
        if let Shape::Record(record) | Shape::Records(record) = output.shape {
            names.extend(record.parts().iter().map(Part::short));
        }
    }
    names
}

/// What a label offers, for help.
fn offers(label: &str, outputs: &[Output]) -> String {
    let names: Vec<String> = outputs.iter().map(|o| format!("`{label}.{}`", o.name)).collect();
    match names.is_empty() {
        true => format!("the step `{label}` gives nothing back"),
        false => format!("it offers {}", names.join(", ")),
    }
}

/// A phrase without its article.
fn plain(phrase: &str) -> &str {
    phrase.strip_prefix("a ").or(phrase.strip_prefix("an ")).unwrap_or(phrase)
}

/// The place of a limit in what `RtmRegisterEntity` gives back.
pub(crate) fn profile(member: Member) -> Place {
    Place::output(4).member(member)
}

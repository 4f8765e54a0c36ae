//! Names for values that mean nothing by themselves: handles, direct pointers and times.
//!
//! Invariant: a value keeps the name that it got when it first appeared. Handles are numbered per
//! kind, because a library may use one value for handles of two kinds.

use std::collections::{BTreeMap, BTreeSet};

use rtm_sim::program::operand::{
    Argument, DestsRef, Edit, EditValue, HandleList, HandleRef, StructureRef,
};
use rtm_sim::program::{Action, Program};
use rtm_sim::vocabulary::callback::EntryPoint;
use rtm_sim::vocabulary::handle::{Handle, HandleKind};

/// Names given so far.
#[derive(Debug, Default)]
pub struct Names {
    handles: BTreeMap<(HandleKind, u64), usize>,
    counts: BTreeMap<HandleKind, usize>,
    pointers: BTreeMap<u64, usize>,
    times: BTreeMap<u64, usize>,
    /// Values that the program makes up; no engine gave them out.
    never: BTreeSet<u64>,
    actors: Vec<String>,
}

impl Names {
    /// No names yet.
    pub fn new(program: &Program) -> Names {
        let actors = program.actors.iter().map(|plan| plan.name.clone()).collect();
        let mut names = Names { actors, ..Names::default() };
        for step in &program.steps {
            match &step.action {
                Action::Call { arguments, .. } => {
                    arguments.iter().for_each(|a| never_in_argument(a, &mut names.never));
                }
                Action::Read { pointer, .. } => never_in_handle(pointer, &mut names.never),
                Action::Write { pointer, edits, .. } => {
                    never_in_handle(pointer, &mut names.never);
                    edits.iter().for_each(|e| never_in_edit(e, &mut names.never));
                }
                Action::Advance(_) | Action::Settle => {}
            }
        }
        names
    }

    /// A handle that an engine showed.
    pub fn handle(&mut self, kind: HandleKind, handle: Handle) -> String {
        if handle.is_null() {
            return String::from("NULL");
        }
        if self.never.contains(&handle.0) {
            return never(handle);
        }
        let count = self.counts.entry(kind).or_default();
        let number = *self.handles.entry((kind, handle.0)).or_insert_with(|| {
            *count += 1;
            *count
        });
        label(kind, number)
    }

    /// A handle, or direct pointer, that is passed in where one of `kind` is due; a label of
    /// another kind where the value is known as that only.
    pub fn operand(&self, kind: Option<HandleKind>, handle: Handle) -> String {
        if handle.is_null() {
            return String::from("NULL");
        }
        let kinds = kind.into_iter().chain(HandleKind::ALL);
        let known = |kind| Some((kind, *self.handles.get(&(kind, handle.0))?));
        match (kinds.into_iter().find_map(known), self.pointers.get(&handle.0)) {
            (Some((kind, number)), _) => label(kind, number),
            (None, Some(number)) => format!("pointer#{number}"),
            (None, None) => never(handle),
        }
    }

    /// A direct pointer.
    pub fn pointer(&mut self, pointer: u64) -> String {
        if pointer == 0 {
            return String::from("NULL");
        }
        let next = self.pointers.len() + 1;
        format!("pointer#{}", self.pointers.entry(pointer).or_insert(next))
    }

    /// A method, by whose it is and where it stands in the array.
    pub fn entry_point(&self, number: u64) -> String {
        let named = EntryPoint::of(number)
            .and_then(|entry| Some((self.actors.get(usize::from(entry.actor))?, entry.index)));
        match named {
            Some((actor, index)) => format!("method {index} of {actor}"),
            None => format!("method {number}"),
        }
    }

    /// A time that is passed in.
    pub fn known_time(&self, time: u64) -> String {
        match self.times.get(&time) {
            Some(number) => format!("t{number}"),
            None => format!("time {time:#x}"),
        }
    }

    /// A time. Its name tells equal times from others and says nothing of their order.
    pub fn time(&mut self, time: u64) -> String {
        let next = self.times.len() + 1;
        format!("t{}", self.times.entry(time).or_insert(next))
    }
}

fn label(kind: HandleKind, number: usize) -> String {
    format!("{}#{number}", kind.word())
}

fn never(handle: Handle) -> String {
    format!("never:{:#x}", handle.0)
}

/// The items of a list, shortened where three or more are in a row: labels that follow each other
/// are a range, `route#1 to route#9`, and equal items are counted, `route#1 x 9`.
pub fn ranges(items: &[String]) -> Vec<String> {
    let mut texts = Vec::new();
    let mut rest = items;
    while let Some(first) = rest.first() {
        let row = |goes_on: fn(&str, &str) -> bool| {
            1 + rest.windows(2).take_while(|pair| goes_on(&pair[0], &pair[1])).count()
        };
        let (range, equal) = (row(follows), row(|one, other| one == other));
        let taken = match (range, equal) {
            (3.., _) => {
                texts.push(format!("{first} to {}", rest[range - 1]));
                range
            }
            (_, 3..) => {
                texts.push(format!("{first} x {equal}"));
                equal
            }
            _ => {
                texts.push(first.clone());
                1
            }
        };
        rest = &rest[taken..];
    }
    texts
}

fn follows(one: &str, other: &str) -> bool {
    match (numbered(one), numbered(other)) {
        (Some((word, n)), Some((other, m))) => word == other && n + 1 == m,
        _ => false,
    }
}

fn numbered(label: &str) -> Option<(&str, usize)> {
    let (word, number) = label.split_once('#')?;
    Some((word, number.parse().ok()?))
}

fn never_in_argument(argument: &Argument, found: &mut BTreeSet<u64>) {
    match argument {
        Argument::Handle(handle) | Argument::Slot(Some(handle)) => never_in_handle(handle, found),
        Argument::Handles(Some(list)) => never_in_list(list, found),
        Argument::NextHop(Some(structure))
        | Argument::Route(Some(structure))
        | Argument::RouteSlot(Some(structure)) => never_in_structure(structure, found),
        Argument::Dests(Some(DestsRef::Items(items))) => {
            items.iter().for_each(|item| never_in_structure(item, found));
        }
        _ => {}
    }
}

fn never_in_structure(structure: &StructureRef, found: &mut BTreeSet<u64>) {
    structure.edits.iter().for_each(|edit| never_in_edit(edit, found));
}

fn never_in_edit(edit: &Edit, found: &mut BTreeSet<u64>) {
    match &edit.value {
        EditValue::Handle(handle) => never_in_handle(handle, found),
        EditValue::Handles(list) => never_in_list(list, found),
        EditValue::Number(_) | EditValue::Wide(_) | EditValue::Address(_) => {}
    }
}

fn never_in_list(list: &HandleList, found: &mut BTreeSet<u64>) {
    if let HandleList::Items(items) = list {
        items.iter().for_each(|handle| never_in_handle(handle, found));
    }
}

fn never_in_handle(handle: &HandleRef, found: &mut BTreeSet<u64>) {
    if let HandleRef::Never(value) = handle {
        found.insert(*value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_keeps_its_name_and_kinds_are_counted_apart() {
        let mut names = Names::default();
        assert_eq!(names.handle(HandleKind::Route, Handle(7)), "route#1");
        assert_eq!(names.handle(HandleKind::NextHop, Handle(7)), "nexthop#1");
        assert_eq!(names.handle(HandleKind::Route, Handle(9)), "route#2");
        assert_eq!(names.handle(HandleKind::Route, Handle(7)), "route#1");
        assert_eq!(names.handle(HandleKind::Route, Handle::NULL), "NULL");
        assert_eq!((names.time(500), names.time(0), names.time(500)), two_times());
        assert_eq!(names.pointer(0), "NULL");
        assert_eq!(names.pointer(12), "pointer#1");
    }

    fn two_times() -> (String, String, String) {
        (String::from("t1"), String::from("t2"), String::from("t1"))
    }

    #[test]
    fn an_operand_is_shown_as_what_it_is() {
        let mut names = Names::default();
        names.handle(HandleKind::Dest, Handle(3));
        names.pointer(12);
        let operand = |kind, value| names.operand(kind, Handle(value));
        assert_eq!(operand(Some(HandleKind::Dest), 3), "dest#1");
        assert_eq!(operand(Some(HandleKind::Route), 3), "dest#1");
        assert_eq!(operand(None, 3), "dest#1");
        assert_eq!(operand(None, 12), "pointer#1");
        assert_eq!(operand(None, 0xDEAD), "never:0xdead");
        assert_eq!(operand(None, 0), "NULL");
    }

    #[test]
    fn rows_of_labels_are_ranges() {
        let check = |items: &[&str], expect: &[&str]| {
            let items: Vec<String> = items.iter().map(ToString::to_string).collect();
            assert_eq!(ranges(&items), expect);
        };
        check(&[], &[]);
        check(&["route#1", "route#2"], &["route#1", "route#2"]);
        check(&["route#1", "route#2", "route#3", "NULL"], &["route#1 to route#3", "NULL"]);
        check(&["route#1", "dest#2", "dest#3", "dest#4"], &["route#1", "dest#2 to dest#4"]);
        check(&["route#2", "route#1", "route#1"], &["route#2", "route#1", "route#1"]);
        check(&["NULL", "NULL", "NULL", "dest#1"], &["NULL x 3", "dest#1"]);
    }
}

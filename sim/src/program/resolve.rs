//! Resolving operands: from labels to what the engine's world holds under them.

use smallvec::{SmallVec, smallvec};

use super::operand::{
    AddressRef, Argument, Bound, DestsRef, Edit, EditValue, HandleList, HandleRef, Number,
    StructureRef,
};
use crate::vocabulary::argument::{ArgKind, ArgPlace, ArgValue, MethodInput};
use crate::vocabulary::call::{Call, Function};
use crate::vocabulary::handle::{Handle, HandleKind};
use crate::vocabulary::observation::{self, Basis, Field, Member, Place, Value};
use crate::vocabulary::structures::{
    DestInfo, DestInfos, DestViewInfo, EntityInfo, NetAddress, NextHopInfo, RouteInfo,
};

/// What the labels of a program stand for in one engine's world.
#[derive(PartialEq, Eq, Hash, Default, Debug)]
pub struct Labels {
    /// Whether the step behind each label has ended, and the fields that it gave back.
    bound: Vec<(bool, Vec<Field>)>,
}

/// A structure under construction: each a member, the view element or next hop, and the value.
pub type Members = Vec<(Member, u16, Value)>;

const NO_ADDRESS: NetAddress = NetAddress { family: 0, length: 0, bits: [0; 16] };

impl Clone for Labels {
    fn clone(&self) -> Labels {
        Labels { bound: self.bound.clone() }
    }

    fn clone_from(&mut self, other: &Labels) {
        // The memory of each label is kept: runs of one program go back and forth.
        self.bound.resize_with(other.bound.len(), Default::default);
        for ((is_bound, fields), (other_bound, others)) in self.bound.iter_mut().zip(&other.bound) {
            *is_bound = *other_bound;
            fields.clone_from(others);
        }
    }
}

impl Labels {
    /// All labels unbound.
    pub fn reset(&mut self, count: usize) {
        self.bound.resize_with(count, Default::default);
        for (is_bound, fields) in &mut self.bound {
            *is_bound = false;
            fields.clear();
        }
    }

    /// Puts into `trimmed` the same where only the labels that are needed stand for something, and
    /// without the clauses that decided it: no operand can tell the difference.
    pub fn trim(&self, is_needed: impl Fn(u16) -> bool, trimmed: &mut Labels) {
        trimmed.reset(self.bound.len());
        let both = self.bound.iter().zip(&mut trimmed.bound).enumerate();
        for (label, ((is_bound, fields), (trimmed_is_bound, trimmed))) in both {
            *trimmed_is_bound = *is_bound;
            if is_needed(label as u16) {
                trimmed.extend(fields.iter().map(|f| Field { basis: Basis::NONE, ..*f }));
            }
        }
    }

    /// Binds a label to what a step gave back.
    pub fn bind(&mut self, label: u16, fields: &[Field]) {
        let (is_bound, bound) = &mut self.bound[usize::from(label)];
        *is_bound = true;
        bound.clear();
        bound.extend_from_slice(fields);
    }

    /// Adds the items of a further call to a label: array elements move behind those that are
    /// there, counts add up, everything else is replaced.
    pub fn extend(&mut self, label: u16, count: Place, fields: &[Field]) {
        let (is_bound, bound) = &mut self.bound[usize::from(label)];
        *is_bound = true;
        let before = observation::number_at(bound, count).unwrap_or(0);
        bound.retain(|f| f.place.slot != Place::STATUS.slot && f.place != count);
        for field in fields {
            let mut field = *field;
            if field.place == count {
                if let Value::Number(more) = field.value {
                    field.value = Value::Number(before.saturating_add(more));
                }
            } else if field.place.slot != Place::STATUS.slot {
                let before = u16::try_from(before).unwrap_or(u16::MAX);
                field.place.index = field.place.index.saturating_add(before);
            }
            bound.push(field);
        }
    }

    /// Whether some label stands for a handle, or for a pointer of the same value.
    pub fn names(&self, handle: Handle) -> bool {
        let mut fields = self.bound.iter().flat_map(|(_, fields)| fields);
        fields.any(|field| match field.value {
            Value::Handle(_, named) => named == handle,
            Value::Pointer(pointer) => pointer == handle.0,
            _ => false,
        })
    }

    /// Whether the step behind the label has ended.
    pub fn is_bound(&self, label: u16) -> bool {
        self.bound[usize::from(label)].0
    }

    /// What the step behind the label gave back; empty before it has ended.
    pub fn fields(&self, label: u16) -> &[Field] {
        &self.bound[usize::from(label)].1
    }

    /// The handle, or direct pointer, that an operand names.
    pub fn handle(&self, handle: HandleRef) -> Handle {
        match handle {
            HandleRef::Null => Handle::NULL,
            HandleRef::Never(value) => Handle(value),
            HandleRef::Bound(Bound { label, place }) => {
                match observation::find(self.fields(label), place) {
                    Some(Value::Handle(_, handle)) => handle,
                    Some(Value::Pointer(pointer)) => Handle(pointer),
                    _ => Handle::NULL,
                }
            }
        }
    }

    /// The number that an operand names.
    pub fn number(&self, number: Number) -> u32 {
        match number {
            Number::Literal(value) => value,
            Number::Bound { bound: Bound { label, place }, plus } => {
                let value = observation::number_at(self.fields(label), place).unwrap_or(0);
                let sum = i64::try_from(value).unwrap_or(i64::MAX).saturating_add(plus);
                u32::try_from(sum.clamp(0, i64::from(u32::MAX))).unwrap_or(u32::MAX)
            }
        }
    }

    /// The call that a step makes, its operands resolved.
    pub fn call(&self, function: Function, arguments: &[Argument]) -> Call {
        Call::build(function, |index| self.argument(&arguments[index]))
    }

    /// The value of one argument.
    pub fn argument(&self, argument: &Argument) -> ArgValue {
        match argument {
            Argument::Handle(handle) => ArgValue::Handle(self.handle(*handle)),
            Argument::Handles(list) => {
                ArgValue::Handles(list.as_ref().map(|list| self.handles(list)))
            }
            Argument::Slot(slot) => ArgValue::Slot(slot.map(|handle| self.handle(handle))),
            Argument::OutHandle(given) => ArgValue::OutHandle(*given),
            Argument::OutHandles(given) => ArgValue::OutHandles(*given),
            Argument::Out(given) => ArgValue::Out(*given),
            Argument::OutWord(given) => ArgValue::OutWord(*given),
            Argument::OutPointer(given) => ArgValue::OutPointer(*given),
            Argument::Word(number) => ArgValue::Word(self.number(*number)),
            Argument::Count(count) => ArgValue::Count(count.map(|n| self.number(n))),
            Argument::Address(address) => ArgValue::Address(address.map(|a| self.address(a))),
            Argument::Ipv6(bytes) => ArgValue::Ipv6(*bytes),
            Argument::Entity(entity) => ArgValue::Entity(*entity),
            Argument::Methods(methods) => ArgValue::Methods(methods.clone()),
            Argument::Callback(given) => ArgValue::Callback(*given),
            Argument::NextHop(info) => {
                ArgValue::NextHop(info.as_ref().map(|i| next_hop_info(&self.members(i))))
            }
            Argument::Route(info) => {
                ArgValue::Route(info.as_ref().map(|i| route_info(&self.members(i))))
            }
            Argument::RouteSlot(info) => {
                ArgValue::RouteSlot(info.as_ref().map(|i| route_info(&self.members(i))))
            }
            Argument::Dests(dests) => ArgValue::Dests(dests.as_ref().map(|d| self.dests(d))),
            Argument::Input(input) => ArgValue::Input(input.as_ref().map(|(kind, data)| {
                MethodInput { method_type: self.number(*kind), data: data.clone() }
            })),
            Argument::Context(value) => ArgValue::Context(*value),
        }
    }

    /// Puts the value of one argument in its place; memory that is there is used again.
    pub fn fill(&self, argument: &Argument, place: ArgPlace<'_>) {
        match (argument, place) {
            (Argument::Handle(handle), ArgPlace::Handle(place)) => *place = self.handle(*handle),
            (Argument::Dests(Some(dests)), ArgPlace::Dests(Some(place))) => {
                self.fill_dests(dests, place);
            }
            (argument, place) => place.put(self.argument(argument)),
        }
    }

    fn address(&self, address: AddressRef) -> NetAddress {
        match address {
            AddressRef::Literal(address) => address,
            AddressRef::Bound(Bound { label, place }) => {
                match observation::find(self.fields(label), place) {
                    Some(Value::Address(address)) => address,
                    _ => NO_ADDRESS,
                }
            }
        }
    }

    fn handles(&self, list: &HandleList) -> Vec<Handle> {
        match list {
            HandleList::Items(items) => items.iter().map(|item| self.handle(*item)).collect(),
            HandleList::Bound(Bound { label, place }) => self
                .fields(*label)
                .iter()
                .filter(|f| f.place.slot == place.slot && f.place.member == place.member)
                .filter_map(|f| match f.value {
                    Value::Handle(_, handle) => Some(handle),
                    _ => None,
                })
                .collect(),
        }
    }

    fn dests(&self, dests: &DestsRef) -> DestInfos {
        let mut found = DestInfos::new();
        self.fill_dests(dests, &mut found);
        found
    }

    fn fill_dests(&self, dests: &DestsRef, found: &mut DestInfos) {
        match dests {
            DestsRef::Items(items) => {
                found.resize(items.len(), NO_DEST);
                items.iter().zip(found).for_each(|(item, dest)| self.fill_dest(item, dest));
            }
            DestsRef::Bound(Bound { label, place }) => {
                let mut count = 0;
                for field in self.fields(*label).iter().filter(|f| f.place.slot == place.slot) {
                    if field.place.member == Member::DestHandle {
                        match found.get_mut(count) {
                            Some(dest) => clear_dest(dest),
                            None => found.push(NO_DEST),
                        }
                        count += 1;
                    }
                    if let Some(dest) = found[..count].last_mut() {
                        set_dest_member(dest, field.place.member, field.place.inner, field.value);
                    }
                }
                found.truncate(count);
            }
        }
    }

    fn fill_dest(&self, structure: &StructureRef, dest: &mut DestInfo) {
        clear_dest(dest);
        if let Some(Bound { label, place }) = structure.from {
            let same = |f: &&Field| f.place.slot == place.slot && f.place.index == place.index;
            for f in self.fields(label).iter().filter(same) {
                set_dest_member(dest, f.place.member, f.place.inner, f.value);
            }
        }
        if structure.edits.is_empty() {
            return;
        }
        let mut members = Members::new();
        structure.edits.iter().for_each(|edit| self.edit(edit, &mut members));
        for (member, inner, value) in members {
            set_dest_member(dest, member, inner, value);
        }
    }

    /// The members of the structure that stands at `place` of a label.
    fn structure(&self, label: u16, place: Place) -> Members {
        let same = |f: &&Field| f.place.slot == place.slot && f.place.index == place.index;
        let fields = self.fields(label).iter().filter(same);
        fields.map(|f| (f.place.member, f.place.inner, f.value)).collect()
    }

    fn members(&self, structure: &StructureRef) -> Members {
        let mut members = match structure.from {
            Some(Bound { label, place }) => self.structure(label, place),
            None => Members::new(),
        };
        for edit in &structure.edits {
            self.edit(edit, &mut members);
        }
        members
    }

    /// Sets one member, as [`Edit`] says.
    pub fn edit(&self, edit: &Edit, members: &mut Members) {
        let value = match &edit.value {
            EditValue::Number(number) => Value::Number(u64::from(self.number(*number))),
            EditValue::Wide(value) => Value::Number(*value),
            EditValue::Address(address) => Value::Address(self.address(*address)),
            EditValue::Handle(handle) => Value::Handle(HandleKind::Route, self.handle(*handle)),
            EditValue::Handles(list) => {
                let handles = self.handles(list);
                members.retain(|(member, _, _)| {
                    !matches!(member, Member::NextHops | Member::NumNextHops)
                });
                let count = Value::Number(handles.len() as u64);
                members.push((Member::NumNextHops, 0, count));
                members.extend(handles.iter().enumerate().map(|(at, handle)| {
                    (Member::NextHops, at as u16, Value::Handle(HandleKind::NextHop, *handle))
                }));
                return;
            }
        };
        members.retain(|(member, inner, _)| (*member, *inner) != (edit.member, edit.inner));
        members.push((edit.member, edit.inner, value));
    }
}

/// The structure that these fields show, all of one structure, as an argument of this kind; `None`
/// when arguments of this kind are no structures.
pub fn structure(kind: ArgKind, fields: &[Field]) -> Option<ArgValue> {
    let members =
        || -> Members { fields.iter().map(|f| (f.place.member, f.place.inner, f.value)).collect() };
    Some(match kind {
        ArgKind::Entity => ArgValue::Entity(Some(entity_info(&members()))),
        ArgKind::NextHop => ArgValue::NextHop(Some(next_hop_info(&members()))),
        ArgKind::Route => ArgValue::Route(Some(route_info(&members()))),
        ArgKind::Dests => {
            let mut dest = NO_DEST;
            for field in fields {
                set_dest_member(&mut dest, field.place.member, field.place.inner, field.value);
            }
            ArgValue::Dests(Some(smallvec![dest]))
        }
        _ => return None,
    })
}

fn number(members: &Members, wanted: Member, at: u16) -> u64 {
    let found = members.iter().find(|(member, inner, _)| (*member, *inner) == (wanted, at));
    match found {
        Some((_, _, Value::Number(number) | Value::Time(number))) => *number,
        _ => 0,
    }
}

fn handle(members: &Members, wanted: Member, at: u16) -> Handle {
    let found = members.iter().find(|(member, inner, _)| (*member, *inner) == (wanted, at));
    match found {
        Some((_, _, Value::Handle(_, handle))) => *handle,
        _ => Handle::NULL,
    }
}

fn address(members: &Members, wanted: Member) -> NetAddress {
    match members.iter().find(|(member, _, _)| *member == wanted) {
        Some((_, _, Value::Address(address))) => *address,
        _ => NO_ADDRESS,
    }
}

fn entity_info(m: &Members) -> EntityInfo {
    EntityInfo {
        instance: number(m, Member::RtmInstanceId, 0) as u16,
        family: number(m, Member::AddressFamily, 0) as u16,
        protocol: number(m, Member::EntityProtocolId, 0) as u32,
        protocol_instance: number(m, Member::EntityInstanceId, 0) as u32,
    }
}

fn next_hop_info(m: &Members) -> NextHopInfo {
    NextHopInfo {
        address: address(m, Member::NextHopAddress),
        owner: handle(m, Member::NextHopOwner, 0),
        interface: number(m, Member::InterfaceIndex, 0) as u32,
        state: number(m, Member::State, 0) as u16,
        flags: number(m, Member::Flags, 0) as u16,
        entity_specific_info: number(m, Member::EntitySpecificInfo, 0),
        remote_next_hop: handle(m, Member::RemoteNextHop, 0),
    }
}

fn route_info(m: &Members) -> RouteInfo {
    let next_hops = number(m, Member::NumNextHops, 0) as u16;
    RouteInfo {
        dest: handle(m, Member::DestHandle, 0),
        owner: handle(m, Member::RouteOwner, 0),
        neighbour: handle(m, Member::Neighbour, 0),
        state: number(m, Member::State, 0) as u8,
        flags1: number(m, Member::Flags1, 0) as u8,
        flags: number(m, Member::Flags, 0) as u16,
        metric: number(m, Member::Metric, 0) as u32,
        preference: number(m, Member::Preference, 0) as u32,
        views: number(m, Member::BelongsToViews, 0) as u32,
        entity_specific_info: number(m, Member::EntitySpecificInfo, 0),
        next_hops: (0..next_hops).map(|at| handle(m, Member::NextHops, at)).collect(),
    }
}

/// A destination of which nothing is known.
pub const NO_DEST: DestInfo = DestInfo {
    dest: Handle::NULL,
    address: NO_ADDRESS,
    last_changed: 0,
    belongs_to_views: 0,
    views: SmallVec::new_const(),
};

const NO_VIEW: DestViewInfo = DestViewInfo {
    view: 0,
    num_routes: 0,
    route: Handle::NULL,
    owner: Handle::NULL,
    flags: 0,
    hold_route: Handle::NULL,
};

/// Empties a structure; the memory of its view elements is kept.
fn clear_dest(dest: &mut DestInfo) {
    dest.views.clear();
    let views = std::mem::take(&mut dest.views);
    *dest = DestInfo { views, ..NO_DEST };
}

/// Most view elements that a structure is given room for.
const VIEW_ELEMENTS_MAX: u64 = 32;

fn set_dest_member(dest: &mut DestInfo, member: Member, inner: u16, value: Value) {
    let view = usize::from(inner);
    match (member, value) {
        (Member::DestHandle, Value::Handle(_, handle)) => dest.dest = handle,
        (Member::DestAddress, Value::Address(address)) => dest.address = address,
        (Member::LastChanged, Value::Time(time) | Value::Number(time)) => dest.last_changed = time,
        (Member::BelongsToViews, Value::Number(views)) => dest.belongs_to_views = views as u32,
        (Member::NumberOfViews, Value::Number(count)) => {
            dest.views.resize(count.min(VIEW_ELEMENTS_MAX) as usize, NO_VIEW);
        }
        _ => {
            let Some(view) = dest.views.get_mut(view) else { return };
            match (member, value) {
                (Member::ViewId, Value::Number(id)) => view.view = id as u32,
                (Member::NumRoutes, Value::Number(count)) => view.num_routes = count as u32,
                (Member::Route, Value::Handle(_, handle)) => view.route = handle,
                (Member::Owner, Value::Handle(_, handle)) => view.owner = handle,
                (Member::DestFlags, Value::Number(flags)) => view.flags = flags as u32,
                (Member::HoldRoute, Value::Handle(_, handle)) => view.hold_route = handle,
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(place: Place, value: u64) -> Field {
        Field { place, value: Value::Number(value), basis: Basis::of(&[]) }
    }

    #[test]
    fn counts_and_places_of_a_label_saturate() {
        let (count, items) = (Place::output(2), Place::output(3));
        let mut labels = Labels::default();
        labels.reset(1);
        labels.bind(0, &[field(count, u64::MAX)]);
        labels.extend(0, count, &[field(count, 5), field(items, 7)]);
        let last = Place { index: u16::MAX, ..items };
        assert_eq!(labels.fields(0), [field(count, u64::MAX), field(last, 7)]);
    }
}

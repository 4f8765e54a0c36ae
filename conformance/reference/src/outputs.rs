//! What is written back: the fields of an observation, each to where the caller wants it.
//!
//! Invariant: nothing is written that the model does not show; what it shows as unwritten stays
//! as the caller left it.

use rtm_sim::model::Model;
use rtm_sim::vocabulary::argument::ArgKind;
use rtm_sim::vocabulary::call::Function;
use rtm_sim::vocabulary::callback::EntryPoint;
use rtm_sim::vocabulary::handle::Handle;
use rtm_sim::vocabulary::observation::{Field, Member, Place, Value};

use crate::argument::Raw;
use crate::callback::Client;
use crate::cells::Cells;
use crate::memory::{self, Shape};
use crate::pointers::Pointers;

/// Where the values of a call lead to.
pub(crate) struct Leads<'a> {
    pub function: Function,
    /// Whose methods are shown, if any are.
    pub target: Handle,
    pub pointers: &'a mut Pointers,
    pub cells: &'a mut Cells,
    pub model: &'a mut Model,
    pub clients: &'a [Client],
}

impl Leads<'_> {
    /// The memory behind a direct pointer of the model.
    fn direct(&mut self, pointer: u64) -> u64 {
        match self.function {
            Function::GetOpaqueInformationPointer => self.cells.address(self.model, pointer),
            _ => self.pointers.address(self.model, pointer),
        }
    }

    /// The function in the array of the client that a number stands for; 0 for none.
    fn entry_point(&self, number: u64) -> u64 {
        let client = self.clients.iter().find(|client| client.registration == self.target);
        let index = EntryPoint::of(number).map(|entry| usize::from(entry.index));
        let method = client.and_then(|client| client.methods.get(index?).copied().flatten());
        method.map_or(0, |method| method as usize as u64)
    }
}

/// For each function which of its arguments counts the elements of an array that it fills.
static COUNTS: [Option<u8>; Function::ALL.len()] = {
    let mut counts = [None; Function::ALL.len()];
    let mut at = 0;
    while at < counts.len() {
        let parameters = Function::ALL[at].parameters();
        let mut index = parameters.len();
        while 0 < index {
            index -= 1;
            if matches!(parameters[index].kind, ArgKind::Count) {
                counts[at] = Some(index as u8);
            }
        }
        at += 1;
    }
    counts
};

/// Elements of the arrays that a caller gave to be filled.
pub(crate) fn capacity(function: Function, raw: &[Raw]) -> usize {
    let count = COUNTS[function as usize];
    let Some(count) = count.and_then(|index| raw[usize::from(index)].pointer()) else { return 0 };
    // SAFETY: the pointer is not NULL, and the call has read the count through it before.
    unsafe { count.cast::<u32>().read_unaligned() as usize }
}

/// Writes the outputs of a call.
///
/// # Safety
/// Each pointer is NULL or leads to what the function writes there: arrays are as long as the
/// count was on entry, structures as long as the views asked for and the next hops shown make
/// them.
pub(crate) unsafe fn write(
    function: Function,
    raw: &[Raw],
    capacity: usize,
    seen: &[Field],
    lead: &mut Leads<'_>,
) {
    let mut arrays = Arrays { capacity, views: None };
    // Fields of one argument stand together.
    let (mut slot, mut base, mut shape) = (Place::STATUS.slot, std::ptr::null_mut(), Shape::Word);
    let mut spots = memory::spots(shape);
    for field in seen {
        let place = field.place;
        if place.slot != slot {
            slot = place.slot;
            (base, shape) = match raw.get(usize::from(slot)) {
                Some(Raw::Pointer(base, shape)) => (*base, *shape),
                _ => (std::ptr::null_mut(), Shape::Word),
            };
            spots = memory::spots(shape);
        }
        if base.is_null() {
            continue;
        }
        // What nearly all are; whatever else there is stands elsewhere and keeps this short.
        let number = match field.value {
            Value::Number(number) | Value::Time(number) => Some(number),
            Value::Handle(_, handle) => Some(handle.0),
            _ => None,
        };
        let is_member = place.member != Member::Whole;
        let is_plain = |number: &u64| is_member || *number != 0 && shape != Shape::EntryPoint;
        let number = number.filter(is_plain).filter(|_| place.index == 0);
        // SAFETY: the caller vouches for the structure, and for the array.
        unsafe {
            if let (Some(number), Some(spot)) = (number, spots[place.member as usize]) {
                let at = base.add(spot.offset(place.inner));
                match spot.size {
                    4 => {
                        at.cast::<u32>().write_unaligned(number as u32);
                        continue;
                    }
                    8 => {
                        at.cast::<u64>().write_unaligned(number);
                        continue;
                    }
                    _ => {}
                }
            }
            write_other(function, base, shape, field, seen, &mut arrays, lead);
        }
    }
}

/// What is known of the arrays of a call.
struct Arrays {
    /// Elements that each has room for.
    capacity: usize,
    /// View elements of each structure, once they have been counted.
    views: Option<usize>,
}

/// Writes one field of any kind.
///
/// # Safety
/// As for [`write`]; `base` leads to what is of `shape` in the argument of the field.
#[inline(never)]
unsafe fn write_other(
    function: Function,
    base: *mut u8,
    shape: Shape,
    field: &Field,
    seen: &[Field],
    arrays: &mut Arrays,
    lead: &mut Leads<'_>,
) {
    let Field { place, value, .. } = field;
    let Some(spot) = memory::spot(shape, place.member) else {
        match value {
            Value::Unwritten => {}
            // SAFETY: the caller vouches for an array of so many elements.
            Value::Written => unsafe { clear_tail(base, shape, seen, place.slot, arrays.capacity) },
            _ => debug_assert!(false, "{place:?} is no member of {shape:?}"),
        }
        return;
    };
    let number = match *value {
        Value::Number(number) if shape == Shape::EntryPoint => lead.entry_point(number),
        Value::Pointer(pointer) if pointer != 0 => lead.direct(pointer),
        Value::Number(number) | Value::Time(number) | Value::Pointer(number) => number,
        Value::Handle(_, handle) if handle.is_null() && is_out_handle(function, *place) => return,
        Value::Handle(_, handle) => handle.0,
        Value::Address(_) => 0,
        Value::Unwritten | Value::Written => return,
    };
    let mut offset = spot.offset(place.inner);
    if place.index != 0 {
        let views = *arrays.views.get_or_insert_with(|| view_elements(seen));
        offset += usize::from(place.index) * memory::stride(shape, views);
    }
    // SAFETY: the model shows no more elements than the count asked for, and the caller vouches
    // for those.
    unsafe {
        let at = base.add(offset);
        match value {
            Value::Address(address) => memory::write_address(at, spot.form, address),
            _ => memory::write_number(at, spot.form, number),
        }
    }
}

/// Whether a place is a handle that is only written. No function gives NULL there; the model shows
/// it where the caller's variable stays as it was.
fn is_out_handle(function: Function, place: Place) -> bool {
    place.member == Member::Whole
        && function.parameters()[usize::from(place.slot)].kind == ArgKind::OutHandle
}

/// Writes a structure that a callback is lent.
///
/// # Safety
/// `base` leads to a structure of `shape` with room for every member in `seen`.
pub(crate) unsafe fn write_structure(base: *mut u8, shape: Shape, slot: u8, seen: &[Field]) {
    let written = |f: &&Field| f.place.slot == slot && f.value != Value::Unwritten;
    for Field { place, value, .. } in seen.iter().filter(written) {
        if let Some(spot) = memory::spot(shape, place.member) {
            // SAFETY: the caller vouches for the room.
            unsafe { memory::write(base.add(spot.offset(place.inner)), spot.form, value) };
        }
    }
}

/// View elements of each destination structure: as many as the first one shows, whatever number
/// it reports.
fn view_elements(seen: &[Field]) -> usize {
    let first = seen.iter().take_while(|f| f.place.index == 0);
    first.filter(|f| f.place.member == Member::ViewId).count()
}

/// Elements of the array in a slot that are shown.
fn items(seen: &[Field], slot: u8) -> usize {
    let elements = seen.iter().filter(|f| f.place.slot == slot && f.place.member != Member::Tail);
    elements.map(|f| usize::from(f.place.index) + 1).max().unwrap_or(0)
}

/// Zeroes the elements behind those that were written.
///
/// # Safety
/// `base` leads to `capacity` elements of `shape`.
#[cold]
unsafe fn clear_tail(base: *mut u8, shape: Shape, seen: &[Field], slot: u8, capacity: usize) {
    let stride = memory::stride(shape, view_elements(seen));
    let written = items(seen, slot);
    let rest = capacity.saturating_sub(written) * stride;
    // SAFETY: the caller vouches for the elements.
    unsafe { base.add(written.min(capacity) * stride).write_bytes(0, rest) };
}

//! What is written back: the fields of an observation, each to where the caller wants it.
//!
//! Invariant: nothing is written that the model does not show; what it shows as unwritten stays
//! as the caller left it.

use rtm_sim::vocabulary::argument::ArgKind;
use rtm_sim::vocabulary::call::Function;
use rtm_sim::vocabulary::observation::{Field, Member, Place, Value};

use crate::argument::Raw;
use crate::memory::{self, Shape};

/// Writes the outputs of a call. `direct` gives the memory behind a direct pointer of the model,
/// `entry_point` the function that a number stands for.
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
    mut direct: impl FnMut(u64) -> u64,
    entry_point: impl Fn(u64) -> u64,
) {
    // Looked up when the first array element comes; most calls have none.
    let mut views: Option<usize> = None;
    let mut stride =
        |shape| memory::stride(shape, *views.get_or_insert_with(|| view_elements(seen)));
    for field in seen {
        let place = field.place;
        let Some(Raw::Pointer(base, shape)) = raw.get(usize::from(place.slot)) else { continue };
        let (base, shape) = (*base, *shape);
        if base.is_null() {
            continue;
        }
        let pointer: Value;
        let value = match &field.value {
            Value::Unwritten => continue,
            Value::Handle(_, handle) if handle.is_null() && is_out_handle(function, place) => {
                continue;
            }
            Value::Written => {
                let written = items(seen, place.slot);
                // SAFETY: the caller vouches for an array of `capacity` elements, and what was
                // written of it ends before that.
                unsafe { clear_tail(base, stride(shape), written, capacity) };
                continue;
            }
            Value::Number(shown) if shape == Shape::EntryPoint => {
                pointer = Value::Pointer(entry_point(*shown));
                &pointer
            }
            Value::Pointer(shown) if *shown != 0 => {
                pointer = Value::Pointer(direct(*shown));
                &pointer
            }
            value => value,
        };
        let Some(spot) = memory::spot(shape, place.member) else {
            debug_assert!(false, "{place:?} is no member of {shape:?}");
            continue;
        };
        let element = match place.index {
            0 => 0,
            index => usize::from(index) * stride(shape),
        };
        // SAFETY: the model shows no more elements than the count asked for, and the caller
        // vouches for those.
        unsafe { memory::write(base.add(element + spot.offset(place.inner)), spot.form, value) };
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
/// `base` leads to `capacity` elements, `stride` bytes apart.
unsafe fn clear_tail(base: *mut u8, stride: usize, written: usize, capacity: usize) {
    let rest = capacity.saturating_sub(written) * stride;
    // SAFETY: the caller vouches for the elements.
    unsafe { base.add(written.min(capacity) * stride).write_bytes(0, rest) };
}

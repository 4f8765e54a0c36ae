//! Structures that the library owns and lets us see through a pointer.
//!
//! A pointer of the library is followed because the interface says so. Whether it leads anywhere
//! is not checked: a wrong one ends the process, and that is the finding.

use rtm_abi::layout::size_of_route_info;
use rtm_abi::types::{NetAddress, NextHopInfo};
use rtm_sim::program::Structure;
use rtm_sim::program::resolve::Members;
use rtm_sim::vocabulary::handle::Handle;
use rtm_sim::vocabulary::observation::{Field, Place, Value};

use super::layout::{ROUTE_COUNT_OFFSET, member_of};
use super::observe::{View, next_hop_info, route_info, see};

/// Reports the route at `start`.
///
/// # Safety
/// `start` leads to a route that has as many next hops as it counts.
pub unsafe fn route_behind(start: *const u8, place: Place, seen: &mut Vec<Field>) {
    // SAFETY: by the contract above; the bytes are copied at once.
    let bytes = unsafe {
        let count = start.add(ROUTE_COUNT_OFFSET).cast::<u16>().read_unaligned();
        std::slice::from_raw_parts(start, size_of_route_info(usize::from(count)))
    };
    route_info(View::of_values(bytes), place, seen);
}

/// Reports the structure behind a direct pointer; behind NULL nothing has ever been written.
///
/// # Safety
/// `pointer` is NULL or leads to such a structure.
pub unsafe fn read(pointer: Handle, kind: Structure, seen: &mut Vec<Field>) {
    if pointer.is_null() {
        return see(seen, Place::POINTED, Value::Unwritten);
    }
    let start = pointer.0 as usize as *const u8;
    // SAFETY: by the contract above.
    unsafe {
        match kind {
            Structure::Route => route_behind(start, Place::POINTED, seen),
            Structure::NextHop => {
                let bytes = std::slice::from_raw_parts(start, size_of::<NextHopInfo>());
                next_hop_info(View::of_values(bytes), Place::POINTED, seen);
            }
            Structure::Opaque => {
                let value = start.cast::<usize>().read_unaligned();
                see(seen, Place::POINTED, Value::Number(value as u64));
            }
        }
    }
}

/// Writes members of the structure behind a direct pointer; nothing when it is NULL.
///
/// # Safety
/// `pointer` is NULL or leads to such a structure, with room for the next hops that are written.
pub unsafe fn write(pointer: Handle, kind: Structure, members: &Members) {
    if pointer.is_null() {
        return;
    }
    let start = pointer.0 as usize as *mut u8;
    for (member, inner, value) in members {
        let Some((offset, size)) = member_of(kind, *member, *inner) else { continue };
        // SAFETY: by the contract above; the member lies within the structure.
        unsafe { put(start.add(offset), size, value) };
    }
}

/// # Safety
/// `size` bytes from `target` on can be written.
unsafe fn put(target: *mut u8, size: usize, value: &Value) {
    let number = match value {
        Value::Number(number) | Value::Time(number) | Value::Pointer(number) => *number,
        Value::Handle(_, handle) => handle.0,
        Value::Address(address) if size == size_of::<NetAddress>() => {
            let address = NetAddress {
                address_family: address.family,
                num_bits: address.length,
                addr_bits: address.bits,
            };
            // SAFETY: by the contract above, and the size is that of an address.
            unsafe { target.cast::<NetAddress>().write_unaligned(address) };
            return;
        }
        Value::Address(_) | Value::Unwritten | Value::Written => return,
    };
    // SAFETY: by the contract above; each arm writes `size` bytes.
    unsafe {
        match size {
            1 => target.write(number as u8),
            2 => target.cast::<u16>().write_unaligned(number as u16),
            4 => target.cast::<u32>().write_unaligned(number as u32),
            _ => target.cast::<usize>().write_unaligned(number as usize),
        }
    }
}

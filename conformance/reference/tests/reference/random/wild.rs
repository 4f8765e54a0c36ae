//! Values for arguments: handles that were given out or made up, memory that calls fill and read.

use std::cell::RefCell;
use std::ffi::c_void;

use rtm_abi::layout::{BASIC_ROUTE_INFO_SIZE, size_of_dest_info};
use rtm_abi::types::{
    DestHandle, DestInfo, EntityExportMethod, EntityExportMethods, EntityHandle, EntityInfo,
    EntityMethodInput, EntityMethodOutput, EnumHandle, EventCallback, Handle, In6Addr, NetAddress,
    NextHopHandle, NextHopInfo, NotifyHandle, RegnProfile, RouteHandle, RouteInfo, RouteListHandle,
};

use crate::shared::{self, FOREVER, net, next_hop, route_info};

/// A method, as a plain function.
type RunMethod = unsafe extern "C" fn(
    EntityHandle,
    EntityHandle,
    *mut EntityMethodInput,
    *mut EntityMethodOutput,
);

/// Elements of every array.
const ELEMENTS: u32 = 16;
/// Next hops that a route given in has at most.
const NEXT_HOPS: u16 = 6;
/// Words of memory behind each pointer: room for the largest array, with 32 views an element.
const WORDS: usize = ELEMENTS as usize * size_of_dest_info(32) / size_of::<u64>();
/// Kinds of pointer, each with memory of its own.
const KINDS: usize = 16;
/// Handles that are remembered.
const POOL: usize = 48;

/// Where values come from.
pub(super) struct Source {
    numbers: Vec<u64>,
    next: usize,
    /// Clients that are there from the beginning.
    pub(super) clients: Vec<u64>,
    /// Handles that were given out.
    pub(super) pool: Vec<u64>,
    memory: Vec<Vec<u64>>,
    /// Calls that callbacks may still make.
    pub(super) nested: u32,
    /// Whether there is one client only, which no lock of another makes wait.
    pub(super) alone: bool,
}

thread_local! {
    /// What this thread makes its calls from.
    pub(super) static SOURCE: RefCell<Source> = const {
        RefCell::new(Source {
            numbers: Vec::new(),
            next: 0,
            clients: Vec::new(),
            pool: Vec::new(),
            memory: Vec::new(),
            nested: 0,
            alone: false,
        })
    };
}

impl Source {
    pub(super) fn reset(&mut self, numbers: Vec<u64>, alone: bool) {
        *self = Source {
            numbers,
            next: 0,
            clients: Vec::new(),
            pool: Vec::new(),
            memory: vec![vec![0; WORDS]; KINDS],
            nested: 200,
            alone,
        };
    }

    pub(super) fn number(&mut self) -> u64 {
        let number = self.numbers[self.next % self.numbers.len()];
        self.next += 1;
        // The same numbers serve again in later rounds, each time mixed anew.
        number.wrapping_add(self.next as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(29)
    }

    pub(super) fn below(&mut self, limit: u64) -> u64 {
        self.number() % limit
    }

    /// A handle; mostly one of a kind, given by its number, where 0 stands for any.
    fn handle(&mut self, kind: u64) -> u64 {
        let anything = kind == 0 || self.below(16) == 0;
        match self.below(16) {
            0 => return 0,
            1 => return self.number(),
            _ => {}
        }
        let fits = |handle: &&u64| anything || **handle >> 60 == kind;
        let count = self.pool.iter().filter(fits).count() as u64;
        if count == 0 {
            return 0;
        }
        let at = self.below(count) as usize;
        self.pool.iter().filter(fits).nth(at).copied().unwrap_or(0)
    }

    /// One of the two clients that are there from the beginning.
    fn client(&mut self) -> u64 {
        // A callback can come before the first registration has returned.
        let count = self.clients.len().max(1) as u64;
        let at = self.below(count) as usize;
        self.clients.get(at).copied().unwrap_or(0)
    }

    fn word(&mut self) -> u32 {
        match self.below(4) {
            0 => self.number() as u32,
            1 => 1 << self.below(32),
            _ => self.below(4) as u32,
        }
    }

    /// The memory of a kind of pointer, or NULL.
    fn pointer(&mut self, kind: usize) -> *mut u8 {
        match self.below(24) {
            0 => std::ptr::null_mut(),
            _ => self.memory[kind].as_mut_ptr().cast(),
        }
    }

    /// The direct pointer that the last call gave; NULL if it gave none.
    pub(super) fn direct_pointer(&self) -> *mut u8 {
        self.memory[POINTERS][0] as *mut u8
    }

    /// Writes a route to memory that has room for it.
    pub(super) fn write_route(&mut self, at: *mut u8) {
        fill_route(self, "");
        let size = BASIC_ROUTE_INFO_SIZE + usize::from(NEXT_HOPS) * size_of::<u64>();
        let route = self.memory[ROUTE].as_ptr().cast::<u8>();
        // SAFETY: the library has room for more next hops behind each route.
        unsafe { at.copy_from_nonoverlapping(route, size) };
    }

    pub(super) fn remember(&mut self) {
        for kind in [HANDLES, DESTS, ROUTE] {
            let found = self.memory[kind][..16].to_vec();
            for handle in found.into_iter().filter(|handle| (1..=7).contains(&(handle >> 60))) {
                if !self.pool.contains(&handle) {
                    if POOL <= self.pool.len() {
                        self.pool.remove(0);
                    }
                    self.pool.push(handle);
                }
            }
        }
    }
}

/// A C argument that can be made up; `name` is that of the parameter.
pub(super) trait Wild: Sized {
    fn wild(source: &mut Source, name: &str) -> Self;
}

impl Wild for u32 {
    fn wild(source: &mut Source, name: &str) -> u32 {
        match name {
            _ if name.starts_with("Num") && source.below(2) == 0 => 1,
            _ if name.starts_with("Num") => source.below(u64::from(ELEMENTS) + 1) as u32,
            "TimeToLive" => [0, 1, 50, FOREVER][source.below(4) as usize],
            "dwAddressSize" => 16,
            "OutputSize" => source.below(100) as u32,
            "TargetViews" if source.below(4) != 0 => source.below(4) as u32,
            "MatchingFlags" | "EnumFlags" if source.below(2) == 0 => 0,
            // A blocked method would be waited for for ever, as a lock would be below.
            "BlockingFlag" => match source.word() {
                1 => 0,
                word => word,
            },
            _ => source.word(),
        }
    }
}

impl Wild for i32 {
    fn wild(source: &mut Source, name: &str) -> i32 {
        match name {
            // Another client of this thread would wait for the lock for ever; without it the
            // calls that give it back are still made.
            "LockRoute" | "LockDest" if !source.alone => 0,
            _ => source.below(3) as i32 - 1,
        }
    }
}

impl Wild for u8 {
    fn wild(source: &mut Source, _: &str) -> u8 {
        source.number() as u8
    }
}

impl Wild for In6Addr {
    fn wild(source: &mut Source, _: &str) -> In6Addr {
        In6Addr { bytes: [source.number() as u8; 16] }
    }
}

impl Wild for EventCallback {
    fn wild(source: &mut Source, _: &str) -> EventCallback {
        (source.below(3) != 0).then_some(super::on_event)
    }
}

impl Wild for *mut c_void {
    fn wild(source: &mut Source, _: &str) -> *mut c_void {
        source.number() as *mut c_void
    }
}

macro_rules! wild_handles {
    ($($kind:ident $number:literal)*) => {$(
        impl Wild for $kind {
            fn wild(source: &mut Source, name: &str) -> $kind {
                let handle = match name {
                    "RtmRegHandle" if source.below(8) != 0 => source.client(),
                    _ => source.handle($number),
                };
                $kind(handle as *mut c_void)
            }
        }

        impl Wild for *const $kind {
            fn wild(source: &mut Source, _: &str) -> *const $kind {
                for at in 0..ELEMENTS as usize {
                    if source.below(2) == 0 {
                        source.memory[HANDLES][at] = source.handle($number);
                    }
                }
                source.pointer(HANDLES).cast()
            }
        }

        impl Wild for *mut $kind {
            fn wild(source: &mut Source, _: &str) -> *mut $kind {
                let first = if source.below(3) != 0 { 0 } else { source.handle($number) };
                source.memory[HANDLES][0] = first;
                source.pointer(HANDLES).cast()
            }
        }
    )*};
}

// Numbers as in the topmost bits of the handles that this library gives out.
wild_handles! {
    Handle 0
    EntityHandle 1
    DestHandle 2
    RouteHandle 3
    NextHopHandle 4
    EnumHandle 5
    NotifyHandle 6
    RouteListHandle 7
}

const HANDLES: usize = 0;
const WORD: usize = 1;
const POINTERS: usize = 2;
const ADDRESS: usize = 3;
const ENTITY: usize = 4;
const NEXT_HOP: usize = 5;
const ROUTE: usize = 6;
const DESTS: usize = 7;
const METHODS: usize = 8;
const PROFILE: usize = 9;
const INPUT: usize = 10;
const OUTPUT: usize = 11;

macro_rules! wild_pointers {
    ($($type:ty => $kind:expr, $fill:ident)*) => {$(
        impl Wild for *const $type {
            fn wild(source: &mut Source, name: &str) -> *const $type {
                $fill(source, name);
                source.pointer($kind).cast()
            }
        }

        impl Wild for *mut $type {
            fn wild(source: &mut Source, name: &str) -> *mut $type {
                $fill(source, name);
                source.pointer($kind).cast()
            }
        }
    )*};
}

wild_pointers! {
    u32 => WORD, fill_word
    i32 => WORD, fill_word
    NetAddress => ADDRESS, fill_address
    In6Addr => ADDRESS, leave
    EntityInfo => ENTITY, fill_entity
    NextHopInfo => NEXT_HOP, fill_next_hop
    RouteInfo => ROUTE, fill_route
    DestInfo => DESTS, fill_dests
    EntityExportMethods => METHODS, fill_methods
    RegnProfile => PROFILE, leave
    *mut NextHopInfo => POINTERS, clear_pointer
    *mut RouteInfo => POINTERS, clear_pointer
    *mut c_void => POINTERS, clear_pointer
    EntityExportMethod => POINTERS, clear_pointer
    EntityMethodInput => INPUT, fill_input
    EntityMethodOutput => OUTPUT, leave
}

fn leave(_: &mut Source, _: &str) {}

fn clear_pointer(source: &mut Source, _: &str) {
    source.memory[POINTERS][0] = 0;
}

fn fill_word(source: &mut Source, name: &str) {
    source.memory[WORD][0] = u64::from(u32::wild(source, name));
}

fn address(source: &mut Source) -> NetAddress {
    let length = if source.below(2) == 0 { 8 } else { source.below(34) as u16 };
    let mut address = net([source.below(3) as u8, 0, 0, 0], length);
    address.addr_bits[1] = source.below(2) as u8;
    address.address_family = [2, 2, 2, 2, 2, 2, 2, 2, 23, 7][source.below(10) as usize];
    address
}

/// Puts a structure at the beginning of the memory of its kind.
fn put<T>(source: &mut Source, kind: usize, value: T) {
    assert!(size_of::<T>() <= WORDS * size_of::<u64>());
    // SAFETY: the memory is aligned to eight bytes and large enough.
    unsafe { source.memory[kind].as_mut_ptr().cast::<T>().write(value) };
}

fn fill_address(source: &mut Source, _: &str) {
    let address = address(source);
    put(source, ADDRESS, address);
}

fn fill_entity(source: &mut Source, _: &str) {
    let mut info = shared::identity(source.below(4) as u32);
    info.entity_id.entity_protocol_id = [8, 13][source.below(2) as usize];
    if source.below(8) == 0 {
        info.rtm_instance_id = 1;
    }
    if source.below(4) == 0 {
        info.address_family = 23;
    }
    put(source, ENTITY, info);
}

fn fill_next_hop(source: &mut Source, _: &str) {
    if source.below(4) == 0 {
        // As a call before has left it.
        return;
    }
    let mut info = next_hop(source.below(4) as u8);
    if source.below(8) == 0 {
        info.next_hop_address = address(source);
    }
    info.next_hop_owner = EntityHandle::wild(source, "");
    info.interface_index = source.below(3) as u32;
    info.flags = source.below(4) as u16;
    info.remote_next_hop = DestHandle::wild(source, "");
    put(source, NEXT_HOP, info);
}

fn fill_route(source: &mut Source, _: &str) {
    if source.below(4) != 0 {
        let mut info = route_info(NextHopHandle::NULL, source.below(4) as u32);
        info.belongs_to_views = source.word();
        info.route_owner = EntityHandle::wild(source, "");
        info.neighbour = NextHopHandle::wild(source, "");
        put(source, ROUTE, info);
    }
    let list = BASIC_ROUTE_INFO_SIZE / size_of::<u64>();
    let count = source.below(3) * source.below(u64::from(NEXT_HOPS) / 2 + 1);
    source.memory[ROUTE][list] = count;
    for at in 0..count as usize {
        source.memory[ROUTE][list + 1 + at] = source.handle(4);
    }
}

fn fill_dests(source: &mut Source, _: &str) {
    for _ in 0..source.below(8).saturating_sub(4) {
        let at = source.below(64) as usize;
        source.memory[DESTS][at] = source.handle(0);
    }
}

fn fill_methods(source: &mut Source, _: &str) {
    source.memory[METHODS][0] = source.below(40);
    for at in 1..40 {
        let method = super::on_method as RunMethod;
        source.memory[METHODS][at] = if source.below(4) == 0 { 0 } else { method as usize as u64 };
    }
}

fn fill_input(source: &mut Source, _: &str) {
    let method_type = source.word();
    let input_size = source.below(20) as u32;
    put(source, INPUT, EntityMethodInput { method_type, input_size, input_data: [7] });
}

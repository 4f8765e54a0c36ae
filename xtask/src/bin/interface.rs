//! What the C interface costs: the same calls of the reference library and of the model itself.
//!
//! `interface LIBRARY BATCHES` adds, looks up, gives back and deletes the same destinations on
//! both, in batches that take turns. The model is used as the engine that it is, which delivers
//! what a call has caused before the call ends, as the library must. Its arguments are ready and
//! its outputs stay where they are: all that a call needs to come through the C interface counts
//! as added. Prints `<function>=<nanoseconds of the model> <nanoseconds added>`, medians of the
//! batches.

use std::ffi::{CStr, CString, c_void};
use std::ptr;
use std::time::Instant;

use anyhow::{Context as _, Result, bail, ensure};
use rtm_abi::constants::AF_INET;
use rtm_abi::table::FunctionTable;
use rtm_abi::types as abi;
use rtm_sim::engine::{Engine, Event, NoHost, Operation};
use rtm_sim::model::{Config, Model};
use rtm_sim::readings::Readings;
use rtm_sim::vocabulary::call::{
    AddNextHop, AddRouteToDest, Call, DeleteRouteToDest, GetExactMatchDestination, RegisterEntity,
    ReleaseDestInfo,
};
use rtm_sim::vocabulary::handle::Handle;
use rtm_sim::vocabulary::observation::{Field, Member, Place, handle_at, number_at};
use rtm_sim::vocabulary::structures::{
    DestInfo, DestViewInfo, EntityInfo, NetAddress, NextHopInfo, RouteInfo,
};

/// Calls of each function in a batch.
const BATCH: usize = 64;
/// Both sides use the unicast view.
const VIEWS: u32 = 1;
/// In the order in which they are called.
const FUNCTIONS: [&str; 4] = [
    "RtmAddRouteToDest",
    "RtmGetExactMatchDestination",
    "RtmReleaseDestInfo",
    "RtmDeleteRouteToDest",
];

/// Nanoseconds a call of each function.
type Times = [f64; FUNCTIONS.len()];

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [library, batches] = &arguments[..] else { bail!("usage: interface LIBRARY BATCHES") };
    let batches: usize = batches.parse().context("BATCHES is a number")?;
    let mut direct = Direct::new()?;
    // SAFETY: the library is the reference, whose functions do what the header says.
    let mut foreign = unsafe { Foreign::new(library)? };
    let (mut own, mut added) = (Vec::new(), Vec::new());
    for _ in 0..batches.max(1) {
        let model = direct.batch()?;
        // SAFETY: as above.
        let through = unsafe { foreign.batch()? };
        own.push(model);
        added.push(std::array::from_fn(|at| through[at] - model[at]));
    }
    for (at, function) in FUNCTIONS.iter().enumerate() {
        println!("{function}={:.0} {:.0}", median(&own, at), median(&added, at));
    }
    Ok(())
}

fn median(times: &[Times], at: usize) -> f64 {
    let mut sorted: Vec<f64> = times.iter().map(|times| times[at]).collect();
    sorted.sort_by(f64::total_cmp);
    sorted[sorted.len() / 2]
}

/// Times `BATCH` calls; nanoseconds each.
fn timed(mut call: impl FnMut(usize) -> Result<()>) -> Result<f64> {
    let start = Instant::now();
    for at in 0..BATCH {
        call(at)?;
    }
    Ok(start.elapsed().as_nanos() as f64 / BATCH as f64)
}

/// The address of a destination of the batch.
fn address(at: usize) -> [u8; 4] {
    [10, at as u8, 0, 0]
}

/// The model, called directly.
struct Direct {
    model: Model,
    seen: Vec<Field>,
    registration: Handle,
    next_hop: Handle,
}

impl Direct {
    fn new() -> Result<Direct> {
        let model = Model::new(Config::default(), Readings::own());
        let (registration, next_hop) = (Handle::NULL, Handle::NULL);
        let mut direct = Direct { model, seen: Vec::new(), registration, next_hop };
        let identity = EntityInfo { instance: 0, family: 2, protocol: 8, protocol_instance: 1 };
        direct.call(&call(RegisterEntity {
            entity_info: Some(identity),
            export_methods: None,
            event_callback: false,
            reserve_opaque_pointer: 0,
            profile: true,
            registration: true,
        }))?;
        direct.registration = handle_at(&direct.seen, Place::output(5));
        direct.call(&call(AddNextHop {
            registration: direct.registration,
            next_hop_info: Some(NextHopInfo {
                address: NetAddress::v4([192, 0, 2, 1], 32),
                owner: Handle::NULL,
                interface: 1,
                state: 0,
                flags: 0,
                entity_specific_info: 0,
                remote_next_hop: Handle::NULL,
            }),
            next_hop: Some(Handle::NULL),
            change_flags: true,
        }))?;
        direct.next_hop = handle_at(&direct.seen, Place::output(2));
        Ok(direct)
    }

    fn call(&mut self, operation: &Operation) -> Result<()> {
        self.seen.clear();
        self.model.begin(0, operation);
        let event = self.model.next(&mut NoHost, &mut self.seen);
        ensure!(event == Event::Ended(0), "{operation:?} gave {event:?}");
        let status = number_at(&self.seen, Place::STATUS);
        ensure!(status == Some(0), "{operation:?} gave {status:?}");
        Ok(())
    }

    fn batch(&mut self) -> Result<Times> {
        let calls: Vec<Operation> = (0..BATCH).map(|at| self.add(at)).collect();
        let mut routes = [Handle::NULL; BATCH];
        let add = timed(|at| {
            self.call(&calls[at])?;
            routes[at] = handle_at(&self.seen, Place::output(1));
            Ok(())
        })?;
        let calls: Vec<Operation> = (0..BATCH).map(|at| self.look_up(at)).collect();
        let look_up = timed(|at| self.call(&calls[at]))?;
        let calls: Vec<Operation> =
            (0..BATCH).map(|at| self.release(at, &calls)).collect::<Result<_>>()?;
        let release = timed(|at| self.call(&calls[at]))?;
        let calls = routes.map(|route| self.delete(route));
        let delete = timed(|at| self.call(&calls[at]))?;
        Ok([add, look_up, release, delete])
    }

    fn add(&self, at: usize) -> Operation {
        call(AddRouteToDest {
            registration: self.registration,
            route: Some(Handle::NULL),
            dest_address: Some(NetAddress::v4(address(at), 16)),
            route_info: Some(RouteInfo {
                dest: Handle::NULL,
                owner: Handle::NULL,
                neighbour: Handle::NULL,
                state: 0,
                flags1: 0,
                flags: 0,
                metric: 1,
                preference: 10,
                views: VIEWS,
                entity_specific_info: 0,
                next_hops: vec![self.next_hop].into(),
            }),
            time_to_live: u32::MAX,
            route_list: Handle::NULL,
            notify_type: 0,
            notify: Handle::NULL,
            change_flags: Some(0),
        })
    }

    fn look_up(&self, at: usize) -> Operation {
        call(GetExactMatchDestination {
            registration: self.registration,
            dest_address: Some(NetAddress::v4(address(at), 16)),
            protocol: 0,
            target_views: VIEWS,
            dest_info: true,
        })
    }

    /// Gives back what a look-up of the same destination has given: that is looked up once more,
    /// so two references are held when the releases begin, and both go back.
    fn release(&mut self, at: usize, look_ups: &[Operation]) -> Result<Operation> {
        self.call(&look_ups[at])?;
        let shown = |member: Member| handle_at(&self.seen, Place::output(4).member(member));
        let info = DestInfo {
            dest: shown(Member::DestHandle),
            address: NetAddress::v4(address(at), 16),
            last_changed: 0,
            belongs_to_views: VIEWS,
            views: vec![DestViewInfo {
                view: 0,
                num_routes: 1,
                route: shown(Member::Route),
                owner: shown(Member::Owner),
                flags: 0,
                hold_route: Handle::NULL,
            }]
            .into(),
        };
        let (registration, dest_info) = (self.registration, Some(vec![info].into()));
        let release = call(ReleaseDestInfo { registration, dest_info });
        self.call(&release)?;
        Ok(release)
    }

    fn delete(&self, route: Handle) -> Operation {
        let registration = self.registration;
        call(DeleteRouteToDest { registration, route, change_flags: true })
    }
}

fn call(call: impl Into<Call>) -> Operation {
    Operation::Call(call.into())
}

/// The reference behind the C interface.
struct Foreign {
    functions: FunctionTable,
    registration: abi::EntityHandle,
    next_hop: abi::NextHopHandle,
}

impl Foreign {
    /// # Safety
    /// The library is an implementation of the interface.
    unsafe fn new(path: &str) -> Result<Foreign> {
        let name = CString::new(path).context("a path has no NUL")?;
        // SAFETY: the name ends with NUL; the caller vouches for what is loaded.
        let library = unsafe { libc::dlopen(name.as_ptr(), libc::RTLD_NOW | libc::RTLD_LOCAL) };
        ensure!(!library.is_null(), "failed to load {path}");
        let symbol = |name: &CStr| -> *const c_void {
            // SAFETY: the library is loaded and stays so; the name ends with NUL.
            unsafe { libc::dlsym(library, name.as_ptr()) }
        };
        let functions = FunctionTable::load(symbol);
        let (register, add) =
            functions.register_entity.zip(functions.add_next_hop).context("whole")?;
        let identity = abi::EntityInfo {
            rtm_instance_id: 0,
            address_family: AF_INET,
            entity_id: abi::EntityId { entity_protocol_id: 8, entity_instance_id: 1 },
        };
        let mut profile = abi::RegnProfile::default();
        let mut registration = abi::EntityHandle::NULL;
        let mut next_hop = abi::NextHopHandle::NULL;
        let mut flags = 0;
        // SAFETY: every pointer is NULL or leads to a structure of its type; all zeros are a value
        // of each.
        unsafe {
            let status = register(&identity, ptr::null(), None, 0, &mut profile, &mut registration);
            ensure!(status == 0, "RtmRegisterEntity gave {status}");
            let mut info: abi::NextHopInfo = std::mem::zeroed();
            info.next_hop_address = net([192, 0, 2, 1], 32);
            info.interface_index = 1;
            let status = add(registration, &info, &mut next_hop, &mut flags);
            ensure!(status == 0, "RtmAddNextHop gave {status}");
        }
        Ok(Foreign { functions, registration, next_hop })
    }

    /// # Safety
    /// The library is an implementation of the interface.
    unsafe fn batch(&mut self) -> Result<Times> {
        let f = &self.functions;
        let (add, look_up) =
            f.add_route_to_dest.zip(f.get_exact_match_destination).context("whole")?;
        let (release, delete) = f.release_dest_info.zip(f.delete_route_to_dest).context("whole")?;
        let registration = self.registration;
        // SAFETY: all zeros are a value of each structure; one view needs one element.
        let (mut info, mut dests): (abi::RouteInfo, [abi::DestInfo; BATCH]) =
            unsafe { (std::mem::zeroed(), std::mem::zeroed()) };
        info.pref_info = abi::PrefInfo { metric: 1, preference: 10 };
        info.belongs_to_views = VIEWS;
        info.next_hops_list.num_next_hops = 1;
        info.next_hops_list.next_hops = [self.next_hop];
        let mut routes = [abi::RouteHandle::NULL; BATCH];
        let ok = |status: u32| -> Result<()> {
            ensure!(status == 0, "a call gave {status}");
            Ok(())
        };
        let mut flags = 0;
        let addresses: [abi::NetAddress; BATCH] = std::array::from_fn(|at| net(address(at), 16));
        // SAFETY: every pointer is NULL or leads to a structure of its type.
        let times = unsafe {
            let adding = timed(|at| {
                let (none, route) = (abi::RouteListHandle::NULL, &mut routes[at]);
                let notify = abi::NotifyHandle::NULL;
                flags = 0;
                let (address, forever) = (&addresses[at], u32::MAX);
                let flags = &mut flags;
                ok(add(registration, route, address, &info, forever, none, 0, notify, flags))
            })?;
            let looking_up =
                timed(|at| ok(look_up(registration, &addresses[at], 0, VIEWS, &mut dests[at])))?;
            // As on the other side, which has to ask what is to be given back.
            for (address, dest) in addresses.iter().zip(&mut dests) {
                ok(look_up(registration, address, 0, VIEWS, dest))?;
                ok(release(registration, dest))?;
            }
            let releasing = timed(|at| ok(release(registration, &dests[at])))?;
            let deleting = timed(|at| ok(delete(registration, routes[at], &mut flags)))?;
            [adding, looking_up, releasing, deleting]
        };
        Ok(times)
    }
}

fn net([a, b, c, d]: [u8; 4], length: u16) -> abi::NetAddress {
    let mut addr_bits = [0; 16];
    addr_bits[..4].copy_from_slice(&[a, b, c, d]);
    abi::NetAddress { address_family: AF_INET, num_bits: length, addr_bits }
}

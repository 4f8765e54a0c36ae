//! Where the members of a structure stand in memory, and reading and writing them there.
//!
//! Accesses are unaligned: a caller's buffer is as aligned as the caller made it.
//!
//! Not here: which member holds what; see [`crate::outputs`] and [`crate::pointers`].

use std::mem::offset_of;

use rtm_abi::layout::{
    BASIC_DEST_INFO_SIZE, DEST_VIEW_INFO_SIZE, ROUTE_NEXT_HOPS_OFFSET, size_of_dest_info,
};
use rtm_abi::types::{
    DestInfo, DestViewInfo, EntityId, EntityInfo, EntityMethodInput, EntityMethodOutput,
    Handle as CHandle, In6Addr, NetAddress, NextHopInfo, RegnProfile, RouteInfo,
};
use rtm_sim::vocabulary::handle::{Handle, HandleKind};
use rtm_sim::vocabulary::observation::{Member, Value};
use rtm_sim::vocabulary::structures;

/// What a pointer of the interface leads to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Shape {
    /// A 32-bit number.
    Word,
    /// A handle, or an array of them.
    Handle,
    /// A direct pointer.
    Pointer,
    /// `IN6_ADDR`.
    Ipv6,
    /// `RTM_NET_ADDRESS`.
    Address,
    /// `RTM_REGN_PROFILE`.
    Profile,
    /// `RTM_ENTITY_INFO`, or an array of them.
    Entity,
    /// `RTM_NEXTHOP_INFO`.
    NextHop,
    /// `RTM_ROUTE_INFO`.
    Route,
    /// `RTM_DEST_INFO`, or an array of them.
    Dest,
    /// A method, or an array of them.
    EntryPoint,
    /// `RTM_ENTITY_METHOD_INPUT`.
    Input,
    /// `RTM_ENTITY_METHOD_OUTPUT`, or several of different length: an index counts bytes.
    Output,
    /// `RTM_ENTITY_EXPORT_METHODS`.
    Methods,
}

/// How one value is stored.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Form {
    /// One byte.
    Byte,
    /// Two bytes.
    Half,
    /// Four bytes.
    Word,
    /// As large as a pointer.
    Pointer,
    /// A handle of this kind.
    Handle(HandleKind),
    /// `RTM_NET_ADDRESS`.
    Address,
    /// `IN6_ADDR`.
    Ipv6,
    /// `FILETIME`.
    Time,
}

/// Distance between the elements of an array; `views` is the number of view elements of each.
pub(crate) fn stride(shape: Shape, views: usize) -> usize {
    match shape {
        Shape::Word => size_of::<u32>(),
        Shape::Handle | Shape::Pointer | Shape::EntryPoint => size_of::<CHandle>(),
        Shape::Ipv6 => size_of::<In6Addr>(),
        Shape::Address => size_of::<NetAddress>(),
        Shape::Profile => size_of::<RegnProfile>(),
        Shape::Entity => size_of::<EntityInfo>(),
        Shape::NextHop => size_of::<NextHopInfo>(),
        Shape::Dest => size_of_dest_info(views),
        Shape::Output => 1,
        // No call has an array of these.
        Shape::Route | Shape::Methods | Shape::Input => 0,
    }
}

/// Where a member stands in its structure, and how it is stored.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spot {
    offset: u16,
    /// Distance between view elements, next hops or bytes; 0 for other members.
    inner: u8,
    /// Bytes that it takes up as a number of this machine; 0 where it is none.
    pub size: u8,
    /// How it is stored.
    pub form: Form,
}

impl Spot {
    const fn new(offset: usize, inner: usize, form: Form) -> Spot {
        assert!(offset <= u16::MAX as usize && inner <= u8::MAX as usize, "structures are small");
        let size = match form {
            Form::Byte => 1,
            Form::Half => 2,
            Form::Word => 4,
            Form::Pointer | Form::Handle(_) => size_of::<usize>(),
            Form::Time if cfg!(target_endian = "little") => size_of::<u64>(),
            Form::Time | Form::Address | Form::Ipv6 => 0,
        };
        Spot { offset: offset as u16, inner: inner as u8, size: size as u8, form }
    }

    const fn at(offset: usize, form: Form) -> Option<Spot> {
        Some(Spot::new(offset, 0, form))
    }

    const fn in_view(offset: usize, form: Form) -> Option<Spot> {
        Some(Spot::new(BASIC_DEST_INFO_SIZE + offset, DEST_VIEW_INFO_SIZE, form))
    }

    /// Bytes from the beginning of the structure; `inner` counts view elements or next hops.
    #[inline]
    pub(crate) fn offset(self, inner: u16) -> usize {
        usize::from(self.offset) + usize::from(inner) * usize::from(self.inner)
    }
}

const SHAPES: usize = Shape::Methods as usize + 1;
const MEMBERS: usize = Member::ALL.len();

/// Every member of every shape, looked up rather than worked out: this is done for each field of
/// each call.
static SPOTS: [[Option<Spot>; MEMBERS]; SHAPES] = {
    let mut spots = [[None; MEMBERS]; SHAPES];
    let mut at = 0;
    while at < MEMBERS {
        let member = Member::ALL[at];
        spots[Shape::Profile as usize][at] = profile_member(member);
        spots[Shape::Entity as usize][at] = entity_member(member);
        spots[Shape::NextHop as usize][at] = next_hop_member(member);
        spots[Shape::Route as usize][at] = route_member(member);
        spots[Shape::Dest as usize][at] = dest_member(member);
        spots[Shape::Input as usize][at] = input_member(member);
        spots[Shape::Output as usize][at] = output_member(member);
        at += 1;
    }
    const WHOLE: usize = Member::Whole as usize;
    spots[Shape::Word as usize][WHOLE] = Spot::at(0, Form::Word);
    spots[Shape::Handle as usize][WHOLE] = Spot::at(0, Form::Handle(HandleKind::Entity));
    spots[Shape::Pointer as usize][WHOLE] = Spot::at(0, Form::Pointer);
    spots[Shape::EntryPoint as usize][WHOLE] = Spot::at(0, Form::Pointer);
    spots[Shape::Ipv6 as usize][WHOLE] = Spot::at(0, Form::Ipv6);
    spots[Shape::Address as usize][WHOLE] = Spot::at(0, Form::Address);
    spots
};

/// Where the members of a structure stand, in the order of their numbers.
#[inline]
pub(crate) fn spots(shape: Shape) -> &'static [Option<Spot>; MEMBERS] {
    &SPOTS[shape as usize]
}

/// Where a member stands; `None` when the structure has no such member.
#[inline]
pub(crate) fn spot(shape: Shape, member: Member) -> Option<Spot> {
    spots(shape)[member as usize]
}

const DEST: Form = Form::Handle(HandleKind::Dest);
const ROUTE: Form = Form::Handle(HandleKind::Route);
const ENTITY: Form = Form::Handle(HandleKind::Entity);
const NEXT_HOP: Form = Form::Handle(HandleKind::NextHop);

const fn profile_member(member: Member) -> Option<Spot> {
    let offset = match member {
        Member::MaxNextHopsInRoute => offset_of!(RegnProfile, max_next_hops_in_route),
        Member::MaxHandlesInEnum => offset_of!(RegnProfile, max_handles_in_enum),
        Member::ViewsSupported => offset_of!(RegnProfile, views_supported),
        Member::NumberOfViews => offset_of!(RegnProfile, number_of_views),
        _ => return None,
    };
    Spot::at(offset, Form::Word)
}

const fn entity_member(member: Member) -> Option<Spot> {
    const ID: usize = offset_of!(EntityInfo, entity_id);
    match member {
        Member::RtmInstanceId => Spot::at(offset_of!(EntityInfo, rtm_instance_id), Form::Half),
        Member::AddressFamily => Spot::at(offset_of!(EntityInfo, address_family), Form::Half),
        Member::EntityProtocolId => {
            Spot::at(ID + offset_of!(EntityId, entity_protocol_id), Form::Word)
        }
        Member::EntityInstanceId => {
            Spot::at(ID + offset_of!(EntityId, entity_instance_id), Form::Word)
        }
        _ => None,
    }
}

const fn next_hop_member(member: Member) -> Option<Spot> {
    type T = NextHopInfo;
    match member {
        Member::NextHopAddress => Spot::at(offset_of!(T, next_hop_address), Form::Address),
        Member::NextHopOwner => Spot::at(offset_of!(T, next_hop_owner), ENTITY),
        Member::InterfaceIndex => Spot::at(offset_of!(T, interface_index), Form::Word),
        Member::State => Spot::at(offset_of!(T, state), Form::Half),
        Member::Flags => Spot::at(offset_of!(T, flags), Form::Half),
        Member::EntitySpecificInfo => Spot::at(offset_of!(T, entity_specific_info), Form::Pointer),
        Member::RemoteNextHop => Spot::at(offset_of!(T, remote_next_hop), DEST),
        _ => None,
    }
}

const fn route_member(member: Member) -> Option<Spot> {
    type T = RouteInfo;
    match member {
        Member::DestHandle => Spot::at(offset_of!(T, dest_handle), DEST),
        Member::RouteOwner => Spot::at(offset_of!(T, route_owner), ENTITY),
        Member::Neighbour => Spot::at(offset_of!(T, neighbour), NEXT_HOP),
        Member::State => Spot::at(offset_of!(T, state), Form::Byte),
        Member::Flags1 => Spot::at(offset_of!(T, flags1), Form::Byte),
        Member::Flags => Spot::at(offset_of!(T, flags), Form::Half),
        Member::Metric => Spot::at(offset_of!(T, pref_info.metric), Form::Word),
        Member::Preference => Spot::at(offset_of!(T, pref_info.preference), Form::Word),
        Member::BelongsToViews => Spot::at(offset_of!(T, belongs_to_views), Form::Word),
        Member::EntitySpecificInfo => Spot::at(offset_of!(T, entity_specific_info), Form::Pointer),
        Member::NumNextHops => Spot::at(offset_of!(T, next_hops_list.num_next_hops), Form::Half),
        Member::NextHops => Some(Spot::new(ROUTE_NEXT_HOPS_OFFSET, size_of::<CHandle>(), NEXT_HOP)),
        _ => None,
    }
}

const fn input_member(member: Member) -> Option<Spot> {
    type T = EntityMethodInput;
    match member {
        Member::MethodType => Spot::at(offset_of!(T, method_type), Form::Word),
        Member::InputSize => Spot::at(offset_of!(T, input_size), Form::Word),
        Member::InputData => Some(Spot::new(offset_of!(T, input_data), 1, Form::Byte)),
        _ => None,
    }
}

const fn output_member(member: Member) -> Option<Spot> {
    type T = EntityMethodOutput;
    match member {
        Member::MethodType => Spot::at(offset_of!(T, method_type), Form::Word),
        Member::MethodStatus => Spot::at(offset_of!(T, method_status), Form::Word),
        Member::OutputSize => Spot::at(offset_of!(T, output_size), Form::Word),
        Member::OutputData => Some(Spot::new(offset_of!(T, output_data), 1, Form::Byte)),
        _ => None,
    }
}

const fn dest_member(member: Member) -> Option<Spot> {
    type T = DestInfo;
    type V = DestViewInfo;
    match member {
        Member::DestHandle => Spot::at(offset_of!(T, dest_handle), DEST),
        Member::DestAddress => Spot::at(offset_of!(T, dest_address), Form::Address),
        Member::LastChanged => Spot::at(offset_of!(T, last_changed), Form::Time),
        Member::BelongsToViews => Spot::at(offset_of!(T, belongs_to_views), Form::Word),
        Member::NumberOfViews => Spot::at(offset_of!(T, number_of_views), Form::Word),
        Member::ViewId => Spot::in_view(offset_of!(V, view_id), Form::Word),
        Member::NumRoutes => Spot::in_view(offset_of!(V, num_routes), Form::Word),
        Member::Route => Spot::in_view(offset_of!(V, route), ROUTE),
        Member::Owner => Spot::in_view(offset_of!(V, owner), ENTITY),
        Member::DestFlags => Spot::in_view(offset_of!(V, dest_flags), Form::Word),
        Member::HoldRoute => Spot::in_view(offset_of!(V, hold_route), ROUTE),
        _ => None,
    }
}

/// Stores a value.
///
/// # Safety
/// `at` leads to as many writable bytes as the form has.
#[inline]
pub(crate) unsafe fn write(at: *mut u8, form: Form, value: &Value) {
    debug_assert!(fits(form, value), "{value:?} cannot be stored as {form:?}");
    // SAFETY: the caller vouches for the bytes of the form; no access needs alignment.
    unsafe {
        match value {
            Value::Number(number) | Value::Pointer(number) | Value::Time(number) => {
                write_number(at, form, *number);
            }
            Value::Handle(_, handle) => write_number(at, form, handle.0),
            Value::Address(address) => write_address(at, form, address),
            Value::Unwritten | Value::Written => {}
        }
    }
}

/// Stores an address.
///
/// # Safety
/// `at` leads to as many writable bytes as the form has.
#[inline]
pub(crate) unsafe fn write_address(at: *mut u8, form: Form, address: &structures::NetAddress) {
    // SAFETY: the caller vouches for the bytes of the form; no access needs alignment.
    unsafe {
        match form {
            Form::Ipv6 => at.cast::<In6Addr>().write_unaligned(In6Addr { bytes: address.bits }),
            _ => at.cast::<NetAddress>().write_unaligned(address_to_c(*address)),
        }
    }
}

/// Stores a number or a handle.
///
/// # Safety
/// `at` leads to as many writable bytes as the form has.
#[inline]
pub(crate) unsafe fn write_number(at: *mut u8, form: Form, number: u64) {
    // SAFETY: the caller vouches for the bytes of the form; no access needs alignment.
    unsafe {
        match form {
            Form::Byte => at.write(number as u8),
            Form::Half => at.cast::<u16>().write_unaligned(number as u16),
            Form::Word => at.cast::<u32>().write_unaligned(number as u32),
            Form::Pointer | Form::Handle(_) => at.cast::<usize>().write_unaligned(number as usize),
            // The low half of a FILETIME comes first, whatever the order of this machine.
            Form::Time => {
                at.cast::<u32>().write_unaligned(number as u32);
                at.cast::<u32>().add(1).write_unaligned((number >> 32) as u32);
            }
            Form::Address | Form::Ipv6 => debug_assert!(false, "{number} is no address"),
        }
    }
}

fn fits(form: Form, value: &Value) -> bool {
    match form {
        Form::Byte | Form::Half | Form::Word => matches!(value, Value::Number(_)),
        Form::Pointer => matches!(value, Value::Number(_) | Value::Pointer(_)),
        Form::Handle(_) => matches!(value, Value::Handle(..)),
        Form::Address | Form::Ipv6 => matches!(value, Value::Address(_)),
        Form::Time => matches!(value, Value::Time(_)),
    }
}

/// Loads a value.
///
/// # Safety
/// `at` leads to as many readable bytes as the form has.
pub(crate) unsafe fn read(at: *const u8, form: Form) -> Value {
    // SAFETY: the caller vouches for the bytes of the form; no access needs alignment.
    unsafe {
        match form {
            Form::Byte => Value::Number(u64::from(at.read())),
            Form::Half => Value::Number(u64::from(at.cast::<u16>().read_unaligned())),
            Form::Word => Value::Number(u64::from(at.cast::<u32>().read_unaligned())),
            Form::Pointer => Value::Number(at.cast::<usize>().read_unaligned() as u64),
            Form::Handle(kind) => {
                Value::Handle(kind, Handle(at.cast::<usize>().read_unaligned() as u64))
            }
            Form::Address => {
                Value::Address(address_from_c(at.cast::<NetAddress>().read_unaligned()))
            }
            Form::Ipv6 => {
                let bytes = at.cast::<In6Addr>().read_unaligned().bytes;
                Value::Address(structures::NetAddress::v6(bytes, 128))
            }
            Form::Time => {
                let low = u64::from(at.cast::<u32>().read_unaligned());
                Value::Time(u64::from(at.cast::<u32>().add(1).read_unaligned()) << 32 | low)
            }
        }
    }
}

fn address_to_c(address: structures::NetAddress) -> NetAddress {
    NetAddress { address_family: address.family, num_bits: address.length, addr_bits: address.bits }
}

/// An address as the model has it.
pub(crate) fn address_from_c(address: NetAddress) -> structures::NetAddress {
    structures::NetAddress {
        family: address.address_family,
        length: address.num_bits,
        bits: address.addr_bits,
    }
}

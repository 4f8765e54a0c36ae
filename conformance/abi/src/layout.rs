//! Layouts: sizes of variable-length structures, and the assertions for every offset.
//!
//! Invariant: this crate compiles only where its types have the Windows layout. Each assertion
//! gives the number for 64 bits and, after a slash, the one for 32 bits.
//!
//! Not here: reading or writing such structures.

use core::mem::{align_of, offset_of, size_of};

use crate::types::{
    DestInfo, DestViewInfo, EntityExportMethod, EntityExportMethods, EntityId, EntityInfo,
    EntityMethodInput, EntityMethodOutput, FileTime, Handle, In6Addr, NetAddress, NextHopHandle,
    NextHopInfo, NextHopList, PrefInfo, RegnProfile, RouteInfo,
};

/// Offset of the view elements.
#[doc(alias = "RTM_BASIC_DEST_INFO_SIZE")]
pub const BASIC_DEST_INFO_SIZE: usize = offset_of!(DestInfo, view_info);

/// Bytes of one view element.
#[doc(alias = "RTM_DEST_VIEW_INFO_SIZE")]
pub const DEST_VIEW_INFO_SIZE: usize = size_of::<DestInfo>() - BASIC_DEST_INFO_SIZE;

/// Offset of the count of next hops, where the size macro of the header starts to count.
#[doc(alias = "RTM_BASIC_ROUTE_INFO_SIZE")]
pub const BASIC_ROUTE_INFO_SIZE: usize = NEXT_HOPS_LIST + offset_of!(NextHopList, num_next_hops);

/// Offset of the next-hop handles in a [`RouteInfo`].
pub const ROUTE_NEXT_HOPS_OFFSET: usize = NEXT_HOPS_LIST + offset_of!(NextHopList, next_hops);

/// Offset of the data in an [`EntityMethodInput`]; the declared size is larger.
pub const METHOD_INPUT_DATA_OFFSET: usize = offset_of!(EntityMethodInput, input_data);

/// Offset of the data in an [`EntityMethodOutput`]; the declared size is larger.
pub const METHOD_OUTPUT_DATA_OFFSET: usize = offset_of!(EntityMethodOutput, output_data);

const NEXT_HOPS_LIST: usize = offset_of!(RouteInfo, next_hops_list);

/// Bytes of a [`DestInfo`] for a number of views, which is not a mask of views.
///
/// This is also the distance between the elements of an array of them.
#[doc(alias = "RTM_SIZE_OF_DEST_INFO")]
pub const fn size_of_dest_info(view_count: usize) -> usize {
    BASIC_DEST_INFO_SIZE + view_count * DEST_VIEW_INFO_SIZE
}

/// What the header's macro gives for a number of next hops: one handle too few.
#[doc(alias = "RTM_SIZE_OF_ROUTE_INFO")]
pub const fn size_of_route_info_macro(next_hop_count: usize) -> usize {
    BASIC_ROUTE_INFO_SIZE + next_hop_count * size_of::<NextHopHandle>()
}

/// Bytes that a [`RouteInfo`] with a number of next hops really takes.
pub const fn size_of_route_info(next_hop_count: usize) -> usize {
    ROUTE_NEXT_HOPS_OFFSET + next_hop_count * size_of::<NextHopHandle>()
}

/// Bytes that an [`EntityExportMethods`] with a number of methods takes.
pub const fn size_of_entity_export_methods(method_count: usize) -> usize {
    offset_of!(EntityExportMethods, methods) + method_count * size_of::<EntityExportMethod>()
}

/// Bytes that an [`EntityMethodInput`] with a number of data bytes takes.
pub const fn size_of_entity_method_input(data_size: usize) -> usize {
    METHOD_INPUT_DATA_OFFSET + data_size
}

/// Bytes that an [`EntityMethodOutput`] with a number of data bytes takes.
pub const fn size_of_entity_method_output(data_size: usize) -> usize {
    METHOD_OUTPUT_DATA_OFFSET + data_size
}

/// Picks the number for this target.
const fn expected(wide: usize, narrow: usize) -> usize {
    if cfg!(target_pointer_width = "64") { wide } else { narrow }
}

macro_rules! assert_layouts {
    ($(
        $name:ident: size $wide_size:literal / $narrow_size:literal,
            alignment $wide_alignment:literal / $narrow_alignment:literal
            $(, $member:ident $wide:literal / $narrow:literal)*;
    )*) => {
        $(
            const _: () = {
                assert!(size_of::<$name>() == expected($wide_size, $narrow_size));
                assert!(align_of::<$name>() == expected($wide_alignment, $narrow_alignment));
                $( assert!(offset_of!($name, $member) == expected($wide, $narrow)); )*
            };
        )*
    };
}

assert_layouts! {
    Handle: size 8 / 4, alignment 8 / 4;
    EntityExportMethod: size 8 / 4, alignment 8 / 4;
    FileTime: size 8 / 8, alignment 4 / 4, low 0 / 0, high 4 / 4;
    In6Addr: size 16 / 16, alignment 2 / 2, bytes 0 / 0;
    RegnProfile: size 16 / 16, alignment 4 / 4,
        max_next_hops_in_route 0 / 0, max_handles_in_enum 4 / 4, views_supported 8 / 8,
        number_of_views 12 / 12;
    NetAddress: size 20 / 20, alignment 2 / 2,
        address_family 0 / 0, num_bits 2 / 2, addr_bits 4 / 4;
    PrefInfo: size 8 / 8, alignment 4 / 4, metric 0 / 0, preference 4 / 4;
    NextHopList: size 16 / 8, alignment 8 / 4, num_next_hops 0 / 0, next_hops 8 / 4;
    DestViewInfo: size 40 / 24, alignment 8 / 4,
        view_id 0 / 0, num_routes 4 / 4, route 8 / 8, owner 16 / 12, dest_flags 24 / 16,
        hold_route 32 / 20;
    DestInfo: size 88 / 64, alignment 8 / 4,
        dest_handle 0 / 0, dest_address 8 / 4, last_changed 28 / 24, belongs_to_views 36 / 32,
        number_of_views 40 / 36, view_info 48 / 40;
    RouteInfo: size 64 / 40, alignment 8 / 4,
        dest_handle 0 / 0, route_owner 8 / 4, neighbour 16 / 8, state 24 / 12, flags1 25 / 13,
        flags 26 / 14, pref_info 28 / 16, belongs_to_views 36 / 24, entity_specific_info 40 / 28,
        next_hops_list 48 / 32;
    NextHopInfo: size 56 / 40, alignment 8 / 4,
        next_hop_address 0 / 0, next_hop_owner 24 / 20, interface_index 32 / 24, state 36 / 28,
        flags 38 / 30, entity_specific_info 40 / 32, remote_next_hop 48 / 36;
    EntityId: size 8 / 8, alignment 8 / 8, entity_protocol_id 0 / 0, entity_instance_id 4 / 4;
    EntityInfo: size 16 / 16, alignment 8 / 8,
        rtm_instance_id 0 / 0, address_family 2 / 2, entity_id 8 / 8;
    EntityMethodInput: size 12 / 12, alignment 4 / 4,
        method_type 0 / 0, input_size 4 / 4, input_data 8 / 8;
    EntityMethodOutput: size 16 / 16, alignment 4 / 4,
        method_type 0 / 0, method_status 4 / 4, output_size 8 / 8, output_data 12 / 12;
    EntityExportMethods: size 16 / 8, alignment 8 / 4, num_methods 0 / 0, methods 8 / 4;
}

const _: () = {
    assert!(size_of_dest_info(1) == size_of::<DestInfo>());
    assert!(size_of_dest_info(3) == expected(48 + 3 * 40, 40 + 3 * 24));
    assert!(size_of_route_info_macro(1) == expected(56, 36));
    assert!(size_of_route_info(1) == size_of::<RouteInfo>());
    assert!(size_of_route_info(3) == size_of_route_info_macro(4));
    assert!(size_of_entity_method_input(5) == 13);
    assert!(size_of_entity_method_output(5) == 17);
    assert!(size_of_entity_export_methods(3) == expected(32, 16));
};

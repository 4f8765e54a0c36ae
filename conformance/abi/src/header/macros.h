/* Builds a protocol identifier. */
#ifndef PROTOCOL_ID
#define PROTOCOL_ID(Type, VendorId, ProtocolId) \
    ((((DWORD)(Type) & 0x03) << 30) | (((DWORD)(VendorId) & 0x3FFF) << 16) | \
     ((DWORD)(ProtocolId) & 0xFFFF))
#endif

/* Sizes. RTM_SIZE_OF_DEST_INFO takes a number of views, not a mask. RTM_SIZE_OF_ROUTE_INFO(n)
 * forgets NumNextHops and is one handle short, as in the public header: a structure with n next
 * hops takes RTM_SIZE_OF_ROUTE_INFO((n) + 1) bytes. */
#define RTM_BASIC_DEST_INFO_SIZE offsetof(RTM_DEST_INFO, ViewInfo)
#define RTM_DEST_VIEW_INFO_SIZE (sizeof(RTM_DEST_INFO) - RTM_BASIC_DEST_INFO_SIZE)
#define RTM_SIZE_OF_DEST_INFO(NumViews) \
    (RTM_BASIC_DEST_INFO_SIZE + (NumViews) * RTM_DEST_VIEW_INFO_SIZE)
#define RTM_BASIC_ROUTE_INFO_SIZE offsetof(RTM_ROUTE_INFO, NextHopsList.NumNextHops)
#define RTM_SIZE_OF_ROUTE_INFO(NumHops) \
    (RTM_BASIC_ROUTE_INFO_SIZE + (NumHops) * sizeof(RTM_NEXTHOP_HANDLE))

/* Address families under names that no other header takes: on Linux, sys/socket.h gives AF_INET6
 * another value than the interface uses. */
#define RTM_AF_INET 2
#define RTM_AF_IPX 6
#define RTM_AF_INET6 23

/* Helper of the macros below: copies an IPv4 address of any alignment. */
static inline void RtmHeaderCopyAddr(void *Target, const void *Source)
{
    unsigned Index;

    for (Index = 0; Index < 4; Index++) {
        ((UCHAR *)Target)[Index] = ((const UCHAR *)Source)[Index];
    }
}

/* Helper of the macros below: the mask of a length, in network order. */
static inline DWORD RtmHeaderMaskFromLen(DWORD Len)
{
    DWORD HostMask = Len == 0 ? 0 : 0xFFFFFFFFu << (32 - Len);
    UCHAR Octets[4];
    DWORD Mask;

    Octets[0] = (UCHAR)(HostMask >> 24);
    Octets[1] = (UCHAR)(HostMask >> 16);
    Octets[2] = (UCHAR)(HostMask >> 8);
    Octets[3] = (UCHAR)HostMask;
    RtmHeaderCopyAddr(&Mask, Octets);
    return Mask;
}

/* Helper of the macros below: where the last one-bit of a mask in network order stands. */
static inline DWORD RtmHeaderLenFromMask(DWORD Mask)
{
    UCHAR Octets[4];
    DWORD Len = 32;

    RtmHeaderCopyAddr(Octets, &Mask);
    while (Len > 0 && ((Octets[(Len - 1) / 8] >> (7 - (Len - 1) % 8)) & 1) == 0) {
        Len--;
    }
    return Len;
}

/* IPv4 addresses and masks are 32-bit values in network order. RTM_IPV4_MASK_FROM_LEN is undefined
 * above 32. Octets 4 to 15 of the address stay as they were. */
#define RTM_IPV4_MASK_FROM_LEN(Len) RtmHeaderMaskFromLen(Len)
#define RTM_IPV4_LEN_FROM_MASK(Len, Mask) \
    do { \
        (Len) = RtmHeaderLenFromMask(Mask); \
    } while (0)
#define RTM_IPV4_SET_ADDR_AND_LEN(NetAddress, Addr, Len) \
    do { \
        DWORD RtmHeaderAddr = (Addr); \
        (NetAddress)->AddressFamily = RTM_AF_INET; \
        (NetAddress)->NumBits = (USHORT)(Len); \
        RtmHeaderCopyAddr((NetAddress)->AddrBits, &RtmHeaderAddr); \
    } while (0)
#define RTM_IPV4_MAKE_NET_ADDRESS(NetAddress, Addr, Len) \
    RTM_IPV4_SET_ADDR_AND_LEN(NetAddress, Addr, Len)
#define RTM_IPV4_GET_ADDR_AND_LEN(Addr, Len, NetAddress) \
    do { \
        DWORD RtmHeaderAddr; \
        RtmHeaderCopyAddr(&RtmHeaderAddr, (NetAddress)->AddrBits); \
        (Len) = (NetAddress)->NumBits; \
        (Addr) = RtmHeaderAddr; \
    } while (0)
#define RTM_IPV4_SET_ADDR_AND_MASK(NetAddress, Addr, Mask) \
    RTM_IPV4_SET_ADDR_AND_LEN(NetAddress, Addr, RtmHeaderLenFromMask(Mask))
#define RTM_IPV4_GET_ADDR_AND_MASK(Addr, Mask, NetAddress) \
    do { \
        DWORD RtmHeaderAddr; \
        RtmHeaderCopyAddr(&RtmHeaderAddr, (NetAddress)->AddrBits); \
        (Mask) = RtmHeaderMaskFromLen((NetAddress)->NumBits); \
        (Addr) = RtmHeaderAddr; \
    } while (0)

/* IPv6: setting takes the address by value, getting takes pointers. */
#define RTM_IPV6_SET_ADDR_AND_LEN(NetAddress, Addr, Len) \
    do { \
        (NetAddress)->AddressFamily = RTM_AF_INET6; \
        RtmConvertIpv6AddressAndLengthToNetAddress( \
            (NetAddress), (Addr), (Len), IPV6_ADDRESS_LEN_IN_BYTES); \
    } while (0)
#define RTM_IPV6_MAKE_NET_ADDRESS(NetAddress, Addr, Len) \
    RTM_IPV6_SET_ADDR_AND_LEN(NetAddress, Addr, Len)
#define RTM_IPV6_GET_ADDR_AND_LEN(Addr, Len, NetAddress) \
    RtmConvertNetAddressToIpv6AddressAndLength( \
        (NetAddress), (Addr), (Len), IPV6_ADDRESS_LEN_IN_BYTES)

/* The address macros of the header, run: exits with the line of the first check that fails. */
#include "rtmv2.h"

#include <string.h>

#define CHECK(condition) \
    do { \
        if (!(condition)) { \
            return __LINE__ & 0xFF ? __LINE__ & 0xFF : 1; \
        } \
    } while (0)

/* What the IPv6 macros gave to the conversions. */
static DWORD size_given;
static DWORD length_given;

DWORD RtmConvertIpv6AddressAndLengthToNetAddress(
    RTM_NET_ADDRESS *net_address, IN6_ADDR address, DWORD length, DWORD size)
{
    size_given = size;
    length_given = length;
    memcpy(net_address->AddrBits, &address, sizeof address);
    net_address->NumBits = (USHORT)length;
    return NO_ERROR;
}

DWORD RtmConvertNetAddressToIpv6AddressAndLength(
    RTM_NET_ADDRESS *net_address, IN6_ADDR *address, DWORD *length, DWORD size)
{
    size_given = size;
    memcpy(address, net_address->AddrBits, sizeof *address);
    *length = net_address->NumBits;
    return NO_ERROR;
}

/* A 32-bit value in network order. */
static DWORD network(unsigned first, unsigned second, unsigned third, unsigned fourth)
{
    UCHAR octets[4];
    DWORD value;

    octets[0] = (UCHAR)first;
    octets[1] = (UCHAR)second;
    octets[2] = (UCHAR)third;
    octets[3] = (UCHAR)fourth;
    memcpy(&value, octets, sizeof value);
    return value;
}

static int check_masks(void)
{
    DWORD length;
    DWORD counted;

    CHECK(RTM_IPV4_MASK_FROM_LEN(0) == 0);
    CHECK(RTM_IPV4_MASK_FROM_LEN(1) == network(0x80, 0, 0, 0));
    CHECK(RTM_IPV4_MASK_FROM_LEN(20) == network(0xFF, 0xFF, 0xF0, 0));
    CHECK(RTM_IPV4_MASK_FROM_LEN(32) == 0xFFFFFFFF);
    for (length = 0; length <= 32; length++) {
        RTM_IPV4_LEN_FROM_MASK(counted, RTM_IPV4_MASK_FROM_LEN(length));
        CHECK(counted == length);
    }
    RTM_IPV4_LEN_FROM_MASK(counted, network(0, 1, 0, 0));
    CHECK(counted == 16);
    RTM_IPV4_LEN_FROM_MASK(counted, network(0, 0, 0xFF, 0));
    CHECK(counted == 24);
    RTM_IPV4_LEN_FROM_MASK(counted, network(0xFF, 0, 0xFF, 0));
    CHECK(counted == 24);
    RTM_IPV4_LEN_FROM_MASK(counted, network(0, 0, 0, 1));
    CHECK(counted == 32);
    return 0;
}

static int check_ipv4(void)
{
    RTM_NET_ADDRESS net;
    DWORD address;
    DWORD number;

    memset(&net, 0xEE, sizeof net);
    RTM_IPV4_SET_ADDR_AND_LEN(&net, network(10, 1, 2, 3), 0x20018);
    CHECK(net.AddressFamily == 2 && net.NumBits == 0x18);
    CHECK(net.AddrBits[0] == 10 && net.AddrBits[1] == 1);
    CHECK(net.AddrBits[2] == 2 && net.AddrBits[3] == 3);
    CHECK(net.AddrBits[4] == 0xEE && net.AddrBits[15] == 0xEE);
    RTM_IPV4_GET_ADDR_AND_LEN(address, number, &net);
    CHECK(address == network(10, 1, 2, 3) && number == 24);

    RTM_IPV4_SET_ADDR_AND_MASK(&net, network(10, 0, 0, 0), network(255, 0, 0, 0));
    CHECK(net.AddressFamily == 2 && net.NumBits == 8);
    RTM_IPV4_GET_ADDR_AND_MASK(address, number, &net);
    CHECK(address == network(10, 0, 0, 0) && number == network(255, 0, 0, 0));

    RTM_IPV4_MAKE_NET_ADDRESS(&net, network(192, 0, 2, 1), 32);
    CHECK(net.NumBits == 32 && net.AddrBits[0] == 192);
    return 0;
}

static int check_ipv6(void)
{
    RTM_NET_ADDRESS net;
    IN6_ADDR address;
    IN6_ADDR back;
    DWORD length;

    memset(&net, 0, sizeof net);
    memset(&address, 0x20, sizeof address);
    RTM_IPV6_SET_ADDR_AND_LEN(&net, address, 64);
    CHECK(net.AddressFamily == 23 && net.NumBits == 64 && net.AddrBits[15] == 0x20);
    CHECK(size_given == 16 && length_given == 64);
    size_given = 0;
    RTM_IPV6_GET_ADDR_AND_LEN(&back, &length, &net);
    CHECK(memcmp(&back, &address, sizeof back) == 0 && length == 64 && size_given == 16);

    RTM_IPV6_MAKE_NET_ADDRESS(&net, address, 128);
    CHECK(net.NumBits == 128);
    return 0;
}

int main(void)
{
    int line = check_masks();

    line = line != 0 ? line : check_ipv4();
    return line != 0 ? line : check_ipv6();
}

/* What the C clients of these tests have in common: headers, checks, and small helpers.
 *
 * A client is compiled against this project's header, and with CLIENT_FOREIGN_HEADER against
 * another project's. */
#ifndef CLIENT_H
#define CLIENT_H

#ifdef CLIENT_FOREIGN_HEADER
#include <windows.h>
#include <rtmv2.h>

DWORD WINAPI RtmTestAdvanceClock(DWORD milliseconds);
DWORD WINAPI RtmTestSettle(void);
#else
#define RTM_TEST_HOOKS
#include "rtmv2.h"
#endif

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int failures;

#define CHECK(condition) \
    do { \
        if (!(condition)) { \
            printf("%s:%d: failed: %s\n", __FILE__, __LINE__, #condition); \
            failures++; \
        } \
    } while (0)

/* The status of a call; a client goes on after one that is not what it should be. */
#define EXPECT(call, wanted) \
    do { \
        DWORD status_ = (call); \
        if (status_ != (DWORD)(wanted)) { \
            printf("%s:%d: %s gave %u\n", __FILE__, __LINE__, #call, (unsigned)status_); \
            failures++; \
        } \
    } while (0)

/* An IPv4 prefix, in network order whatever the order of this machine. */
static inline RTM_NET_ADDRESS network(UCHAR a, UCHAR b, UCHAR c, UCHAR d, USHORT length)
{
    RTM_NET_ADDRESS net;
    UCHAR octets[4];
    ULONG address;

    octets[0] = a;
    octets[1] = b;
    octets[2] = c;
    octets[3] = d;
    memcpy(&address, octets, sizeof address);
    memset(&net, 0, sizeof net);
    RTM_IPV4_SET_ADDR_AND_LEN(&net, address, length);
    return net;
}

static inline RTM_ENTITY_INFO identity(ULONG protocol, ULONG instance)
{
    RTM_ENTITY_INFO info;

    memset(&info, 0, sizeof info);
    info.AddressFamily = AF_INET;
    info.EntityId.EntityProtocolId = protocol;
    info.EntityId.EntityInstanceId = instance;
    return info;
}

/* Registers a client that exports nothing. */
static inline RTM_ENTITY_HANDLE enter(
    ULONG protocol, RTM_EVENT_CALLBACK callback, RTM_REGN_PROFILE *profile)
{
    RTM_ENTITY_INFO info = identity(protocol, 1);
    RTM_ENTITY_HANDLE handle = NULL;

    EXPECT(RtmRegisterEntity(&info, NULL, callback, FALSE, profile, &handle), NO_ERROR);
    return handle;
}

/* A next hop 192.0.2.`last` on the first interface; the caller gives the handle back. */
static inline RTM_NEXTHOP_HANDLE next_hop(RTM_ENTITY_HANDLE client, UCHAR last)
{
    RTM_NEXTHOP_INFO info;
    RTM_NEXTHOP_HANDLE handle = NULL;
    RTM_NEXTHOP_CHANGE_FLAGS flags = 0;

    memset(&info, 0, sizeof info);
    info.NextHopAddress = network(192, 0, 2, last, 32);
    info.InterfaceIndex = 1;
    EXPECT(RtmAddNextHop(client, &info, &handle, &flags), NO_ERROR);
    return handle;
}

/* A unicast route over one next hop; the caller gives the handle back, or deletes the route. */
static inline RTM_ROUTE_HANDLE unicast_route(
    RTM_ENTITY_HANDLE client, RTM_NET_ADDRESS net, RTM_NEXTHOP_HANDLE hop, ULONG metric)
{
    RTM_ROUTE_INFO info;
    RTM_ROUTE_HANDLE handle = NULL;
    RTM_ROUTE_CHANGE_FLAGS flags = 0;

    memset(&info, 0, sizeof info);
    info.PrefInfo.Metric = metric;
    info.BelongsToViews = RTM_VIEW_MASK_UCAST;
    info.NextHopsList.NumNextHops = 1;
    info.NextHopsList.NextHops[0] = hop;
    EXPECT(
        RtmAddRouteToDest(client, &handle, &net, &info, INFINITE, NULL, 0, NULL, &flags), NO_ERROR);
    return handle;
}

/* Says how it went; what main returns. */
static inline int finish(void)
{
    printf("checks failed: %d\n", failures);
    return failures;
}

#endif

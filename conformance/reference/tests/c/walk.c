/* A client of RTMv2 that walks through what clients usually do, one function a subject.
 *
 * Each check that fails prints where it stands; the exit status is their number. */
#include "client.h"

#define HOPS 3
#define ROUTES 7
#define RIP_INSTANCE 1
#define OSPF_INSTANCE 2

/* One client with what registration told it. */
typedef struct client {
    RTM_ENTITY_HANDLE handle;
    RTM_REGN_PROFILE profile;
    unsigned registered;
    unsigned deregistered;
    unsigned expired;
    /* What the callback makes of an expired route. */
    DWORD answer;
} client;

static client rip;
static client ospf;
static RTM_NEXTHOP_HANDLE hops[HOPS];
static RTM_ROUTE_HANDLE routes[ROUTES];

static client *client_of(RTM_ENTITY_HANDLE handle)
{
    /* While OSPF registers it does not know its handle yet, but only others are told of that. */
    return handle == rip.handle ? &rip : &ospf;
}

static DWORD WINAPI on_event(
    RTM_ENTITY_HANDLE handle, RTM_EVENT_TYPE event, PVOID first, PVOID second)
{
    client *me = client_of(handle);
    RTM_ENTITY_INFO *entity;
    RTM_ROUTE_INFO *route;
    RTM_ROUTE_HANDLE expired;

    switch (event) {
    case RTM_ENTITY_REGISTERED:
        entity = second;
        CHECK(first != NULL);
        printf("registered: protocol %u\n", (unsigned)entity->EntityId.EntityProtocolId);
        me->registered++;
        return NO_ERROR;
    case RTM_ENTITY_DEREGISTERED:
        entity = second;
        printf("deregistered: protocol %u\n", (unsigned)entity->EntityId.EntityProtocolId);
        me->deregistered++;
        return NO_ERROR;
    case RTM_ROUTE_EXPIRED:
        route = second;
        expired = first;
        CHECK(route->RouteOwner == me->handle);
        CHECK(route->NextHopsList.NumNextHops == 1);
        CHECK(route->NextHopsList.NextHops[0] == hops[0]);
        printf("expired: metric %u\n", (unsigned)route->PrefInfo.Metric);
        me->expired++;
        /* A client that keeps the route gives the handle back itself. */
        if (me->answer == NO_ERROR) {
            EXPECT(RtmReleaseRoutes(me->handle, 1, &expired), NO_ERROR);
        }
        return me->answer;
    default:
        CHECK(!"no other event is expected");
        return NO_ERROR;
    }
}

static void register_clients(void)
{
    RTM_ENTITY_INFO info = identity(PROTO_IP_RIP, RIP_INSTANCE);

    EXPECT(RtmRegisterEntity(&info, NULL, on_event, FALSE, &rip.profile, &rip.handle), NO_ERROR);
    CHECK(rip.handle != NULL);
    CHECK(1 <= rip.profile.MaxHandlesInEnum);
    CHECK(1 <= rip.profile.MaxNextHopsInRoute);
    CHECK(rip.profile.ViewsSupported & RTM_VIEW_MASK_UCAST);
    info = identity(PROTO_IP_OSPF, OSPF_INSTANCE);
    EXPECT(RtmRegisterEntity(&info, NULL, NULL, FALSE, &ospf.profile, &ospf.handle), NO_ERROR);
    EXPECT(RtmTestSettle(), NO_ERROR);
    CHECK(rip.registered == 1);
    EXPECT(
        RtmRegisterEntity(&info, NULL, NULL, FALSE, &ospf.profile, &ospf.handle),
        ERROR_ALREADY_EXISTS);
    EXPECT(RtmRegisterEntity(NULL, NULL, NULL, FALSE, &ospf.profile, &ospf.handle),
        ERROR_INVALID_PARAMETER);
    CHECK(ospf.handle != NULL);
    printf("profile: %u handles, %u next hops, %u views\n", (unsigned)rip.profile.MaxHandlesInEnum,
        (unsigned)rip.profile.MaxNextHopsInRoute, (unsigned)rip.profile.NumberOfViews);
}

static void list_clients(void)
{
    RTM_ENTITY_HANDLE handles[4];
    RTM_ENTITY_INFO infos[4];
    RTM_ENTITY_INFO info;
    UINT count = 0;

    EXPECT(RtmGetRegisteredEntities(rip.handle, &count, NULL, NULL), ERROR_INSUFFICIENT_BUFFER);
    CHECK(count == 2);
    EXPECT(RtmGetRegisteredEntities(rip.handle, &count, handles, infos), NO_ERROR);
    CHECK(handles[0] == rip.handle && handles[1] == ospf.handle);
    CHECK(infos[1].EntityId.EntityProtocolId == PROTO_IP_OSPF);
    EXPECT(RtmGetEntityInfo(rip.handle, handles[1], &info), NO_ERROR);
    CHECK(info.EntityId.EntityInstanceId == OSPF_INSTANCE && info.AddressFamily == AF_INET);
    EXPECT(RtmReleaseEntityInfo(rip.handle, &info), NO_ERROR);
    EXPECT(RtmReleaseEntities(rip.handle, count, handles), NO_ERROR);
}

static void add_next_hops(void)
{
    RTM_NEXTHOP_INFO info;
    RTM_NEXTHOP_INFO copy;
    RTM_NEXTHOP_CHANGE_FLAGS flags;
    RTM_NEXTHOP_HANDLE found = NULL;
    unsigned hop;

    for (hop = 0; hop < HOPS; hop++) {
        memset(&info, 0, sizeof info);
        info.NextHopAddress = network(10, 0, (UCHAR)hop, 0, 32);
        info.InterfaceIndex = hop + 1;
        info.EntitySpecificInfo = &hops[hop];
        hops[hop] = NULL;
        flags = 0;
        EXPECT(RtmAddNextHop(rip.handle, &info, &hops[hop], &flags), NO_ERROR);
        CHECK(hops[hop] != NULL && flags == RTM_NEXTHOP_CHANGE_NEW);
    }
    EXPECT(RtmFindNextHop(rip.handle, &info, &found, NULL), NO_ERROR);
    CHECK(found == hops[HOPS - 1]);
    EXPECT(RtmReleaseNextHops(rip.handle, 1, &found), NO_ERROR);
    EXPECT(RtmGetNextHopInfo(rip.handle, hops[0], &copy), NO_ERROR);
    CHECK(copy.NextHopOwner == rip.handle && copy.InterfaceIndex == 1);
    CHECK(copy.State == RTM_NEXTHOP_STATE_CREATED && copy.RemoteNextHop == NULL);
    CHECK(copy.EntitySpecificInfo == &hops[0]);
    EXPECT(RtmReleaseNextHopInfo(rip.handle, &copy), NO_ERROR);
}

static void edit_next_hop(void)
{
    RTM_NEXTHOP_INFO *pointer = NULL;
    RTM_NEXTHOP_INFO *read = NULL;
    RTM_NEXTHOP_INFO copy;

    EXPECT(RtmGetNextHopPointer(rip.handle, hops[1], &read), NO_ERROR);
    CHECK(read->InterfaceIndex == 2);
    EXPECT(RtmLockNextHop(rip.handle, hops[1], TRUE, TRUE, &pointer), NO_ERROR);
    CHECK(pointer == read);
    pointer->Flags = RTM_NEXTHOP_FLAGS_DOWN;
    pointer->EntitySpecificInfo = &rip;
    pointer->State = RTM_NEXTHOP_STATE_DELETED;
    EXPECT(RtmLockNextHop(rip.handle, hops[1], TRUE, FALSE, NULL), NO_ERROR);
    EXPECT(RtmGetNextHopInfo(rip.handle, hops[1], &copy), NO_ERROR);
    CHECK(copy.Flags == RTM_NEXTHOP_FLAGS_DOWN && copy.EntitySpecificInfo == &rip);
    CHECK(copy.State == RTM_NEXTHOP_STATE_CREATED && read->State == RTM_NEXTHOP_STATE_CREATED);
    EXPECT(RtmReleaseNextHopInfo(rip.handle, &copy), NO_ERROR);
    /* An update by a call shows behind the pointer too. */
    copy.Flags = 0;
    copy.RemoteNextHop = NULL;
    {
        RTM_NEXTHOP_CHANGE_FLAGS flags;

        EXPECT(RtmAddNextHop(rip.handle, &copy, NULL, &flags), NO_ERROR);
        CHECK(flags == 0);
    }
    CHECK(read->Flags == 0);
    EXPECT(RtmGetNextHopPointer(ospf.handle, hops[1], &read), ERROR_ACCESS_DENIED);
}

static DWORD add_route(
    RTM_ROUTE_HANDLE *slot, RTM_NET_ADDRESS *net, ULONG metric, ULONG life, DWORD *flags)
{
    RTM_ROUTE_INFO info;

    memset(&info, 0, sizeof info);
    info.PrefInfo.Metric = metric;
    info.BelongsToViews = RTM_VIEW_MASK_UCAST;
    info.NextHopsList.NumNextHops = 1;
    info.NextHopsList.NextHops[0] = hops[0];
    return RtmAddRouteToDest(rip.handle, slot, net, &info, life, NULL, 0, NULL, flags);
}

static void add_routes(void)
{
    RTM_NET_ADDRESS net;
    RTM_ROUTE_INFO info;
    RTM_ROUTE_CHANGE_FLAGS flags;
    unsigned route;

    for (route = 0; route < ROUTES; route++) {
        net = network(172, 16, (UCHAR)route, 0, 24);
        routes[route] = NULL;
        flags = 0;
        EXPECT(add_route(&routes[route], &net, route + 1, INFINITE, &flags), NO_ERROR);
        CHECK(routes[route] != NULL);
        CHECK(flags == (RTM_ROUTE_CHANGE_NEW | RTM_ROUTE_CHANGE_BEST));
    }
    /* The same route again is an update. */
    flags = 0;
    EXPECT(add_route(&routes[route - 1], &net, 20, INFINITE, &flags), NO_ERROR);
    CHECK((flags & RTM_ROUTE_CHANGE_NEW) == 0);
    EXPECT(RtmGetRouteInfo(rip.handle, routes[route - 1], &info, &net), NO_ERROR);
    CHECK(info.PrefInfo.Metric == 20 && info.RouteOwner == rip.handle);
    CHECK(info.NextHopsList.NumNextHops == 1 && info.NextHopsList.NextHops[0] == hops[0]);
    CHECK(net.NumBits == 24 && net.AddrBits[2] == ROUTES - 1);
    printf("updated: preference %u\n", (unsigned)info.PrefInfo.Preference);
    EXPECT(RtmReleaseRouteInfo(rip.handle, &info), NO_ERROR);
}

static void search(void)
{
    RTM_NET_ADDRESS net = network(172, 16, 3, 0, 32);
    RTM_NET_ADDRESS wide = network(172, 16, 0, 0, 12);
    RTM_ROUTE_HANDLE wide_route = NULL;
    RTM_ROUTE_HANDLE found = NULL;
    RTM_ROUTE_CHANGE_FLAGS flags = 0;
    RTM_DEST_INFO dest;
    RTM_DEST_INFO less;
    RTM_ROUTE_INFO criteria;
    RTM_VIEW_SET best = 0;
    const RTM_VIEW_SET view = RTM_VIEW_MASK_UCAST;

    EXPECT(add_route(&wide_route, &wide, 1, INFINITE, &flags), NO_ERROR);
    EXPECT(RtmGetExactMatchDestination(rip.handle, &net, RTM_BEST_PROTOCOL, view, &dest),
        ERROR_NOT_FOUND);
    EXPECT(RtmGetMostSpecificDestination(rip.handle, &net, RTM_BEST_PROTOCOL, view, &dest),
        NO_ERROR);
    CHECK(dest.DestAddress.NumBits == 24 && dest.ViewInfo[0].Route == routes[3]);
    CHECK(dest.NumberOfViews == 1 && dest.ViewInfo[0].Owner == rip.handle);
    EXPECT(RtmGetLessSpecificDestination(
               rip.handle, dest.DestHandle, RTM_BEST_PROTOCOL, view, &less),
        NO_ERROR);
    CHECK(less.DestAddress.NumBits == 12 && less.ViewInfo[0].Route == wide_route);
    EXPECT(RtmReleaseDestInfo(rip.handle, &less), NO_ERROR);
    EXPECT(RtmReleaseDestInfo(rip.handle, &dest), NO_ERROR);
    /* Only what the flags name has to be set: the rest is left as the stack gives it. */
    memset(&criteria, 0xA5, sizeof criteria);
    criteria.RouteOwner = rip.handle;
    EXPECT(RtmGetExactMatchRoute(rip.handle, &wide, RTM_MATCH_OWNER, &criteria, 0, view, &found),
        NO_ERROR);
    CHECK(found == wide_route && criteria.PrefInfo.Metric == 1);
    EXPECT(RtmReleaseRouteInfo(rip.handle, &criteria), NO_ERROR);
    EXPECT(RtmReleaseRoutes(rip.handle, 1, &found), NO_ERROR);
    EXPECT(RtmIsBestRoute(rip.handle, wide_route, &best), NO_ERROR);
    CHECK(best == RTM_VIEW_MASK_UCAST);
    EXPECT(RtmDeleteRouteToDest(rip.handle, wide_route, &flags), NO_ERROR);
    CHECK(flags == RTM_ROUTE_CHANGE_BEST);
}

static void enumerate_dests(void)
{
    const UINT views = ospf.profile.NumberOfViews;
    const size_t size = RTM_SIZE_OF_DEST_INFO(views);
    const UINT most = 3;
    UCHAR *buffer = malloc(most * size);
    RTM_ENUM_HANDLE handle = NULL;
    unsigned total = 0;
    unsigned sets = 0;
    DWORD status;

    EXPECT(RtmCreateDestEnum(ospf.handle, ospf.profile.ViewsSupported, RTM_ENUM_START, NULL,
               RTM_BEST_PROTOCOL, &handle),
        NO_ERROR);
    do {
        UINT count = most;
        UINT index;

        status = RtmGetEnumDests(ospf.handle, handle, &count, (RTM_DEST_INFO *)buffer);
        CHECK(status == NO_ERROR || status == ERROR_NO_MORE_ITEMS);
        for (index = 0; index < count; index++) {
            RTM_DEST_INFO *dest = (RTM_DEST_INFO *)(buffer + index * size);

            CHECK(dest->NumberOfViews == views);
            CHECK(dest->DestAddress.AddrBits[2] == total + index);
            CHECK(dest->ViewInfo[0].ViewId == RTM_VIEW_ID_UCAST);
            CHECK(dest->ViewInfo[0].Route == routes[total + index]);
            CHECK(dest->ViewInfo[1].NumRoutes == 0 && dest->ViewInfo[1].Route == NULL);
        }
        EXPECT(RtmReleaseDests(ospf.handle, count, (RTM_DEST_INFO *)buffer), NO_ERROR);
        total += count;
        sets++;
    } while (status == NO_ERROR);
    EXPECT(RtmDeleteEnumHandle(ospf.handle, handle), NO_ERROR);
    EXPECT(RtmDeleteEnumHandle(ospf.handle, handle), ERROR_INVALID_HANDLE);
    free(buffer);
    printf("destinations: %u in %u sets\n", total, sets);
}

static void enumerate_routes(void)
{
    const UINT most = 4;
    RTM_ROUTE_HANDLE *found = malloc(most * sizeof *found);
    RTM_ENUM_HANDLE handle = NULL;
    RTM_NET_ADDRESS range = network(172, 16, 4, 0, 22);
    unsigned total = 0;
    DWORD status;

    EXPECT(RtmCreateRouteEnum(ospf.handle, NULL, RTM_VIEW_MASK_UCAST, RTM_ENUM_RANGE, &range,
               RTM_MATCH_NONE, NULL, 0, &handle),
        NO_ERROR);
    do {
        UINT count = most;
        UINT index;

        status = RtmGetEnumRoutes(ospf.handle, handle, &count, found);
        CHECK(status == NO_ERROR || status == ERROR_NO_MORE_ITEMS);
        for (index = 0; index < count; index++) {
            CHECK(found[index] == routes[4 + total + index]);
        }
        EXPECT(RtmReleaseRoutes(ospf.handle, count, found), NO_ERROR);
        total += count;
    } while (status == NO_ERROR);
    EXPECT(RtmDeleteEnumHandle(ospf.handle, handle), NO_ERROR);
    free(found);
    printf("routes: %u\n", total);
}

static void enumerate_next_hops(void)
{
    RTM_NEXTHOP_HANDLE found[HOPS + 1];
    RTM_ENUM_HANDLE handle = NULL;
    UINT count = HOPS + 1;

    EXPECT(RtmCreateNextHopEnum(rip.handle, RTM_ENUM_START, NULL, &handle), NO_ERROR);
    EXPECT(RtmGetEnumNextHops(rip.handle, handle, &count, found), ERROR_NO_MORE_ITEMS);
    CHECK(count == HOPS && memcmp(found, hops, sizeof hops) == 0);
    EXPECT(RtmReferenceHandles(rip.handle, count, found), NO_ERROR);
    EXPECT(RtmReleaseNextHops(rip.handle, count, found), NO_ERROR);
    EXPECT(RtmReleaseNextHops(rip.handle, count, found), NO_ERROR);
    EXPECT(RtmDeleteEnumHandle(rip.handle, handle), NO_ERROR);
    printf("next hops: %u\n", (unsigned)count);
}

static void expire(void)
{
    RTM_NET_ADDRESS net = network(192, 168, 0, 0, 16);
    RTM_ROUTE_HANDLE route = NULL;
    RTM_ROUTE_INFO info;
    RTM_ROUTE_CHANGE_FLAGS flags = 0;

    EXPECT(add_route(&route, &net, 5, 1000, &flags), NO_ERROR);
    EXPECT(RtmTestAdvanceClock(999), NO_ERROR);
    CHECK(rip.expired == 0);
    rip.answer = NO_ERROR;
    EXPECT(RtmTestAdvanceClock(1), NO_ERROR);
    CHECK(rip.expired == 1);
    EXPECT(RtmGetRouteInfo(rip.handle, route, &info, NULL), NO_ERROR);
    CHECK(info.State == RTM_ROUTE_STATE_CREATED);
    EXPECT(RtmReleaseRouteInfo(rip.handle, &info), NO_ERROR);
    flags = 0;
    EXPECT(add_route(&route, &net, 6, 1000, &flags), NO_ERROR);
    rip.answer = ERROR_NOT_SUPPORTED;
    EXPECT(RtmTestAdvanceClock(5000), NO_ERROR);
    CHECK(rip.expired == 2);
    EXPECT(RtmGetRouteInfo(rip.handle, route, &info, NULL), NO_ERROR);
    CHECK(info.State == RTM_ROUTE_STATE_DELETED);
    EXPECT(RtmReleaseRouteInfo(rip.handle, &info), NO_ERROR);
    EXPECT(RtmReleaseRoutes(rip.handle, 1, &route), NO_ERROR);
}

static void leave(void)
{
    RTM_ROUTE_CHANGE_FLAGS flags;
    unsigned index;

    for (index = 0; index < ROUTES; index++) {
        EXPECT(RtmDeleteRouteToDest(rip.handle, routes[index], &flags), NO_ERROR);
    }
    for (index = 0; index < HOPS; index++) {
        EXPECT(RtmDeleteNextHop(rip.handle, hops[index], NULL), NO_ERROR);
    }
    EXPECT(RtmDeregisterEntity(ospf.handle), NO_ERROR);
    CHECK(rip.deregistered == 1);
    EXPECT(RtmDeregisterEntity(NULL), ERROR_INVALID_HANDLE);
    EXPECT(RtmDeregisterEntity(rip.handle), NO_ERROR);
}

int main(void)
{
    register_clients();
    list_clients();
    add_next_hops();
    edit_next_hop();
    add_routes();
    search();
    enumerate_dests();
    enumerate_routes();
    enumerate_next_hops();
    expire();
    leave();
    printf("checks failed: %d\n", failures);
    return failures;
}

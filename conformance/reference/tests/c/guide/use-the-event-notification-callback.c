/* One callback for all events: clients that come and go, and routes whose time is over. The first
 * time the client keeps its route, the second time it lets the route go. */
#include "../client.h"

static unsigned came;
static unsigned went;
static unsigned expired;

static DWORD WINAPI on_event(
    RTM_ENTITY_HANDLE handle, RTM_EVENT_TYPE event, PVOID first, PVOID second)
{
    RTM_ENTITY_INFO *entity = second;
    RTM_ROUTE_INFO *info = second;
    RTM_ROUTE_HANDLE route = first;
    RTM_ROUTE_INFO *pointer = NULL;
    RTM_ROUTE_CHANGE_FLAGS flags = 0;

    switch (event) {
    case RTM_ENTITY_REGISTERED:
        CHECK(entity->EntityId.EntityProtocolId == PROTO_IP_OSPF);
        came++;
        return NO_ERROR;
    case RTM_ENTITY_DEREGISTERED:
        CHECK(entity->EntityId.EntityProtocolId == PROTO_IP_OSPF);
        went++;
        return NO_ERROR;
    case RTM_ROUTE_EXPIRED:
        expired++;
        CHECK(info->RouteOwner == handle);
        if (1 < expired) {
            /* Whoever does not handle the event loses the route, and owes nothing. */
            return ERROR_NOT_SUPPORTED;
        }
        /* Nobody has locked the route meanwhile; it gets another second. */
        EXPECT(RtmLockRoute(handle, route, TRUE, TRUE, &pointer), NO_ERROR);
        pointer->PrefInfo.Metric++;
        EXPECT(RtmUpdateAndUnlockRoute(handle, route, 1000, NULL, 0, NULL, &flags), NO_ERROR);
        EXPECT(RtmReleaseRoutes(handle, 1, &route), NO_ERROR);
        return NO_ERROR;
    default:
        CHECK(!"no other event is expected");
        return ERROR_NOT_SUPPORTED;
    }
}

int main(void)
{
    RTM_REGN_PROFILE profile;
    RTM_ENTITY_HANDLE rip = enter(PROTO_IP_RIP, on_event, &profile);
    RTM_ENTITY_HANDLE ospf = enter(PROTO_IP_OSPF, NULL, &profile);
    RTM_NEXTHOP_HANDLE hop = next_hop(rip, 1);
    RTM_ROUTE_HANDLE route = NULL;
    RTM_NET_ADDRESS net = network(10, 1, 0, 0, 16);
    RTM_ROUTE_INFO info;
    RTM_ROUTE_CHANGE_FLAGS flags = 0;

    EXPECT(RtmTestSettle(), NO_ERROR);
    CHECK(came == 1);
    memset(&info, 0, sizeof info);
    info.Neighbour = hop;
    info.PrefInfo.Metric = 1;
    info.BelongsToViews = RTM_VIEW_MASK_UCAST;
    info.NextHopsList.NumNextHops = 1;
    info.NextHopsList.NextHops[0] = hop;
    EXPECT(RtmAddRouteToDest(rip, &route, &net, &info, 1000, NULL, 0, NULL, &flags), NO_ERROR);

    EXPECT(RtmTestAdvanceClock(1000), NO_ERROR);
    CHECK(expired == 1);
    EXPECT(RtmGetRouteInfo(rip, route, &info, NULL), NO_ERROR);
    CHECK(info.State == RTM_ROUTE_STATE_CREATED && info.PrefInfo.Metric == 2);
    EXPECT(RtmReleaseRouteInfo(rip, &info), NO_ERROR);

    EXPECT(RtmTestAdvanceClock(1000), NO_ERROR);
    CHECK(expired == 2);
    EXPECT(RtmGetRouteInfo(rip, route, &info, NULL), NO_ERROR);
    CHECK(info.State == RTM_ROUTE_STATE_DELETED);
    EXPECT(RtmReleaseRouteInfo(rip, &info), NO_ERROR);
    EXPECT(RtmReleaseRoutes(rip, 1, &route), NO_ERROR);
    printf("expired: %u\n", expired);

    EXPECT(RtmDeregisterEntity(ospf), NO_ERROR);
    EXPECT(RtmTestSettle(), NO_ERROR);
    CHECK(went == 1);
    EXPECT(RtmDeleteNextHop(rip, hop, NULL), NO_ERROR);
    EXPECT(RtmDeregisterEntity(rip), NO_ERROR);
    return finish();
}

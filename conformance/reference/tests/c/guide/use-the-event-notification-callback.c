/* One callback for all events: clients that come and go, changed destinations, and routes whose
 * time is over. The first time the client keeps its route, the second time it lets the route go. */
#include "../client.h"

static unsigned came;
static unsigned went;
static unsigned expired;
static unsigned changed;

/* Fetches what has changed, and gives it back, until nothing is left. */
static void fetch(RTM_ENTITY_HANDLE handle, RTM_NOTIFY_HANDLE notify)
{
    RTM_DEST_INFO dests[10];
    UINT count;

    do {
        DWORD status;

        count = 10;
        status = RtmGetChangedDests(handle, notify, &count, dests);
        CHECK(status == NO_ERROR || status == ERROR_NO_MORE_ITEMS);
        changed += count;
        EXPECT(RtmReleaseChangedDests(handle, notify, count, dests), NO_ERROR);
    } while (count != 0);
}

static DWORD WINAPI on_event(
    RTM_ENTITY_HANDLE handle, RTM_EVENT_TYPE event, PVOID first, PVOID second)
{
    RTM_ENTITY_INFO *entity = second;
    RTM_ROUTE_INFO *info = second;
    RTM_ROUTE_HANDLE route = first;
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
        /* Nobody has locked the route meanwhile; it is changed where it stands, and gets another
         * second. */
        EXPECT(RtmLockRoute(handle, route, TRUE, TRUE, NULL), NO_ERROR);
        info->PrefInfo.Metric++;
        EXPECT(RtmUpdateAndUnlockRoute(handle, route, 1000, NULL, 0, NULL, &flags), NO_ERROR);
        EXPECT(RtmReleaseRoutes(handle, 1, &route), NO_ERROR);
        return NO_ERROR;
    case RTM_CHANGE_NOTIFICATION:
        CHECK(second == &changed);
        fetch(handle, first);
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
    RTM_NOTIFY_HANDLE notify = NULL;
    RTM_NET_ADDRESS net = network(10, 1, 0, 0, 16);
    RTM_ROUTE_INFO info;
    RTM_ROUTE_CHANGE_FLAGS flags = 0;

    EXPECT(RtmTestSettle(), NO_ERROR);
    CHECK(came == 1);
    EXPECT(RtmRegisterForChangeNotification(
               rip, RTM_VIEW_MASK_UCAST, RTM_CHANGE_TYPE_BEST, &changed, &notify),
        NO_ERROR);
    memset(&info, 0, sizeof info);
    info.Neighbour = hop;
    info.PrefInfo.Metric = 1;
    info.BelongsToViews = RTM_VIEW_MASK_UCAST;
    info.NextHopsList.NumNextHops = 1;
    info.NextHopsList.NextHops[0] = hop;
    EXPECT(RtmAddRouteToDest(rip, &route, &net, &info, 1000, NULL, 0, NULL, &flags), NO_ERROR);
    EXPECT(RtmTestSettle(), NO_ERROR);
    CHECK(changed == 1);

    EXPECT(RtmTestAdvanceClock(1000), NO_ERROR);
    EXPECT(RtmTestSettle(), NO_ERROR);
    CHECK(expired == 1 && changed == 2);
    EXPECT(RtmGetRouteInfo(rip, route, &info, NULL), NO_ERROR);
    CHECK(info.State == RTM_ROUTE_STATE_CREATED && info.PrefInfo.Metric == 2);
    EXPECT(RtmReleaseRouteInfo(rip, &info), NO_ERROR);

    EXPECT(RtmTestAdvanceClock(1000), NO_ERROR);
    EXPECT(RtmTestSettle(), NO_ERROR);
    CHECK(expired == 2 && changed == 3);
    EXPECT(RtmGetRouteInfo(rip, route, &info, NULL), NO_ERROR);
    CHECK(info.State == RTM_ROUTE_STATE_DELETED);
    EXPECT(RtmReleaseRouteInfo(rip, &info), NO_ERROR);
    EXPECT(RtmReleaseRoutes(rip, 1, &route), NO_ERROR);
    printf("expired: %u, changed: %u\n", expired, changed);

    EXPECT(RtmDeregisterEntity(ospf), NO_ERROR);
    EXPECT(RtmTestSettle(), NO_ERROR);
    CHECK(went == 1);
    EXPECT(RtmDeregisterFromChangeNotification(rip, notify), NO_ERROR);
    EXPECT(RtmDeleteNextHop(rip, hop, NULL), NO_ERROR);
    EXPECT(RtmDeregisterEntity(rip), NO_ERROR);
    return finish();
}

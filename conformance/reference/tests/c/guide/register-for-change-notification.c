/* A client is told of changes of best routes, fetches what has changed and gives it back. Another
 * one without a callback asks by itself. */
#include "../client.h"

static RTM_ENTITY_HANDLE rip;
static RTM_NOTIFY_HANDLE notify;
static unsigned told;
static unsigned changed;
static unsigned gone;
static int context;

/* Fetches until nothing is left, a destination at a time. */
static void fetch(void)
{
    for (;;) {
        RTM_DEST_INFO dest;
        UINT count = 1;
        DWORD status = RtmGetChangedDests(rip, notify, &count, &dest);

        CHECK(status == NO_ERROR || status == ERROR_NO_MORE_ITEMS);
        if (count == 0) {
            return;
        }
        changed++;
        if (dest.ViewInfo[0].Route == NULL) {
            gone++;
        }
        EXPECT(RtmReleaseChangedDests(rip, notify, count, &dest), NO_ERROR);
        if (status != NO_ERROR) {
            return;
        }
    }
}

static DWORD WINAPI on_event(
    RTM_ENTITY_HANDLE handle, RTM_EVENT_TYPE event, PVOID first, PVOID second)
{
    if (event == RTM_CHANGE_NOTIFICATION) {
        CHECK(handle == rip && first == (PVOID)notify && second == &context);
        told++;
        fetch();
    }
    return NO_ERROR;
}

int main(void)
{
    RTM_REGN_PROFILE profile;
    RTM_NEXTHOP_HANDLE hop;
    RTM_ROUTE_HANDLE first;
    RTM_ROUTE_HANDLE second;
    RTM_ENTITY_HANDLE ospf;
    RTM_NOTIFY_HANDLE quiet = NULL;
    RTM_ROUTE_CHANGE_FLAGS flags = 0;
    RTM_DEST_INFO dest;
    RTM_NET_ADDRESS host = network(10, 2, 3, 4, 32);
    BOOL pending = FALSE;
    unsigned waited = 0;
    UINT count;
    DWORD status;

    rip = enter(PROTO_IP_RIP, on_event, &profile);
    ospf = enter(PROTO_IP_OSPF, NULL, &profile);
    EXPECT(RtmRegisterForChangeNotification(
               rip, RTM_VIEW_MASK_UCAST, RTM_CHANGE_TYPE_BEST, &context, &notify),
        NO_ERROR);
    EXPECT(RtmRegisterForChangeNotification(
               ospf, RTM_VIEW_MASK_UCAST, RTM_CHANGE_TYPE_ALL, NULL, &quiet),
        NO_ERROR);

    hop = next_hop(rip, 1);
    first = unicast_route(rip, network(10, 1, 0, 0, 16), hop, 1);
    EXPECT(RtmTestSettle(), NO_ERROR);
    CHECK(1 <= told && changed == 1 && gone == 0);
    second = unicast_route(rip, network(10, 2, 0, 0, 16), hop, 1);
    EXPECT(RtmDeleteRouteToDest(rip, first, &flags), NO_ERROR);
    EXPECT(RtmTestSettle(), NO_ERROR);
    CHECK(changed == 3 && gone == 1);
    printf("changed: %u, of these gone: %u\n", changed, gone);

    /* Two destinations wait for the client that nobody tells. */
    EXPECT(RtmGetMostSpecificDestination(
               ospf, &host, RTM_BEST_PROTOCOL, RTM_VIEW_MASK_UCAST, &dest),
        NO_ERROR);
    EXPECT(RtmGetChangeStatus(ospf, quiet, dest.DestHandle, &pending), NO_ERROR);
    CHECK(pending == TRUE);
    EXPECT(RtmReleaseDestInfo(ospf, &dest), NO_ERROR);
    do {
        count = 1;
        status = RtmGetChangedDests(ospf, quiet, &count, &dest);
        CHECK(status == NO_ERROR || status == ERROR_NO_MORE_ITEMS);
        if (count != 0) {
            waited++;
            EXPECT(RtmReleaseChangedDests(ospf, quiet, count, &dest), NO_ERROR);
        }
    } while (status == NO_ERROR && count != 0);
    printf("waited: %u\n", waited);

    EXPECT(RtmDeleteRouteToDest(rip, second, &flags), NO_ERROR);
    EXPECT(RtmTestSettle(), NO_ERROR);
    EXPECT(RtmDeregisterFromChangeNotification(rip, notify), NO_ERROR);
    EXPECT(RtmDeregisterFromChangeNotification(ospf, quiet), NO_ERROR);
    EXPECT(RtmDeleteNextHop(rip, hop, NULL), NO_ERROR);
    EXPECT(RtmDeregisterEntity(ospf), NO_ERROR);
    EXPECT(RtmDeregisterEntity(rip), NO_ERROR);
    return finish();
}

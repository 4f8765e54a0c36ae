/* Every function of the header, assigned to a pointer whose type is written here from the
 * documented prototypes in plain C types. A function that is missing or has another type does not
 * compile. */
#define RTM_TEST_HOOKS
#include "rtmv2.h"

#define CDECL
#define FUNCTION(convention, name, parameters) \
    extern uint32_t (convention *pointer_to_##name) parameters; \
    uint32_t (convention *pointer_to_##name) parameters = name

FUNCTION(CDECL, RtmConvertNetAddressToIpv6AddressAndLength,
    (RTM_NET_ADDRESS *, IN6_ADDR *, uint32_t *, uint32_t));
FUNCTION(CDECL, RtmConvertIpv6AddressAndLengthToNetAddress,
    (RTM_NET_ADDRESS *, IN6_ADDR, uint32_t, uint32_t));
FUNCTION(WINAPI, RtmRegisterEntity,
    (RTM_ENTITY_INFO *, RTM_ENTITY_EXPORT_METHODS *, RTM_EVENT_CALLBACK, int32_t,
     RTM_REGN_PROFILE *, void **));
FUNCTION(WINAPI, RtmDeregisterEntity, (void *));
FUNCTION(WINAPI, RtmGetRegisteredEntities, (void *, uint32_t *, void **, RTM_ENTITY_INFO *));
FUNCTION(WINAPI, RtmReleaseEntities, (void *, uint32_t, void **));
FUNCTION(WINAPI, RtmLockDestination, (void *, void *, int32_t, int32_t));
FUNCTION(WINAPI, RtmGetOpaqueInformationPointer, (void *, void *, void **));
FUNCTION(WINAPI, RtmGetEntityMethods, (void *, void *, uint32_t *, RTM_ENTITY_EXPORT_METHOD *));
FUNCTION(WINAPI, RtmInvokeMethod,
    (void *, void *, RTM_ENTITY_METHOD_INPUT *, uint32_t *, RTM_ENTITY_METHOD_OUTPUT *));
FUNCTION(WINAPI, RtmBlockMethods, (void *, void *, uint8_t, uint32_t));
FUNCTION(WINAPI, RtmGetEntityInfo, (void *, void *, RTM_ENTITY_INFO *));
FUNCTION(WINAPI, RtmGetDestInfo, (void *, void *, uint32_t, uint32_t, RTM_DEST_INFO *));
FUNCTION(WINAPI, RtmGetRouteInfo, (void *, void *, RTM_ROUTE_INFO *, RTM_NET_ADDRESS *));
FUNCTION(WINAPI, RtmGetNextHopInfo, (void *, void *, RTM_NEXTHOP_INFO *));
FUNCTION(WINAPI, RtmReleaseEntityInfo, (void *, RTM_ENTITY_INFO *));
FUNCTION(WINAPI, RtmReleaseDestInfo, (void *, RTM_DEST_INFO *));
FUNCTION(WINAPI, RtmReleaseRouteInfo, (void *, RTM_ROUTE_INFO *));
FUNCTION(WINAPI, RtmReleaseNextHopInfo, (void *, RTM_NEXTHOP_INFO *));
FUNCTION(WINAPI, RtmAddRouteToDest,
    (void *, void **, RTM_NET_ADDRESS *, RTM_ROUTE_INFO *, uint32_t, void *, uint32_t, void *,
     uint32_t *));
FUNCTION(WINAPI, RtmDeleteRouteToDest, (void *, void *, uint32_t *));
FUNCTION(WINAPI, RtmHoldDestination, (void *, void *, uint32_t, uint32_t));
FUNCTION(WINAPI, RtmGetRoutePointer, (void *, void *, RTM_ROUTE_INFO **));
FUNCTION(WINAPI, RtmLockRoute, (void *, void *, int32_t, int32_t, RTM_ROUTE_INFO **));
FUNCTION(WINAPI, RtmUpdateAndUnlockRoute,
    (void *, void *, uint32_t, void *, uint32_t, void *, uint32_t *));
FUNCTION(WINAPI, RtmGetExactMatchDestination,
    (void *, RTM_NET_ADDRESS *, uint32_t, uint32_t, RTM_DEST_INFO *));
FUNCTION(WINAPI, RtmGetMostSpecificDestination,
    (void *, RTM_NET_ADDRESS *, uint32_t, uint32_t, RTM_DEST_INFO *));
FUNCTION(WINAPI, RtmGetLessSpecificDestination,
    (void *, void *, uint32_t, uint32_t, RTM_DEST_INFO *));
FUNCTION(WINAPI, RtmGetExactMatchRoute,
    (void *, RTM_NET_ADDRESS *, uint32_t, RTM_ROUTE_INFO *, uint32_t, uint32_t, void **));
FUNCTION(WINAPI, RtmIsBestRoute, (void *, void *, uint32_t *));
FUNCTION(WINAPI, RtmAddNextHop, (void *, RTM_NEXTHOP_INFO *, void **, uint32_t *));
FUNCTION(WINAPI, RtmFindNextHop, (void *, RTM_NEXTHOP_INFO *, void **, RTM_NEXTHOP_INFO **));
FUNCTION(WINAPI, RtmDeleteNextHop, (void *, void *, RTM_NEXTHOP_INFO *));
FUNCTION(WINAPI, RtmGetNextHopPointer, (void *, void *, RTM_NEXTHOP_INFO **));
FUNCTION(WINAPI, RtmLockNextHop, (void *, void *, int32_t, int32_t, RTM_NEXTHOP_INFO **));
FUNCTION(WINAPI, RtmCreateDestEnum,
    (void *, uint32_t, uint32_t, RTM_NET_ADDRESS *, uint32_t, void **));
FUNCTION(WINAPI, RtmGetEnumDests, (void *, void *, uint32_t *, RTM_DEST_INFO *));
FUNCTION(WINAPI, RtmReleaseDests, (void *, uint32_t, RTM_DEST_INFO *));
FUNCTION(WINAPI, RtmCreateRouteEnum,
    (void *, void *, uint32_t, uint32_t, RTM_NET_ADDRESS *, uint32_t, RTM_ROUTE_INFO *, uint32_t,
     void **));
FUNCTION(WINAPI, RtmGetEnumRoutes, (void *, void *, uint32_t *, void **));
FUNCTION(WINAPI, RtmReleaseRoutes, (void *, uint32_t, void **));
FUNCTION(WINAPI, RtmCreateNextHopEnum, (void *, uint32_t, RTM_NET_ADDRESS *, void **));
FUNCTION(WINAPI, RtmGetEnumNextHops, (void *, void *, uint32_t *, void **));
FUNCTION(WINAPI, RtmReleaseNextHops, (void *, uint32_t, void **));
FUNCTION(WINAPI, RtmDeleteEnumHandle, (void *, void *));
FUNCTION(WINAPI, RtmRegisterForChangeNotification, (void *, uint32_t, uint32_t, void *, void **));
FUNCTION(WINAPI, RtmGetChangedDests, (void *, void *, uint32_t *, RTM_DEST_INFO *));
FUNCTION(WINAPI, RtmReleaseChangedDests, (void *, void *, uint32_t, RTM_DEST_INFO *));
FUNCTION(WINAPI, RtmIgnoreChangedDests, (void *, void *, uint32_t, void **));
FUNCTION(WINAPI, RtmGetChangeStatus, (void *, void *, void *, int32_t *));
FUNCTION(WINAPI, RtmMarkDestForChangeNotification, (void *, void *, void *, int32_t));
FUNCTION(WINAPI, RtmIsMarkedForChangeNotification, (void *, void *, void *, int32_t *));
FUNCTION(WINAPI, RtmDeregisterFromChangeNotification, (void *, void *));
FUNCTION(WINAPI, RtmCreateRouteList, (void *, void **));
FUNCTION(WINAPI, RtmInsertInRouteList, (void *, void *, uint32_t, void **));
FUNCTION(WINAPI, RtmCreateRouteListEnum, (void *, void *, void **));
FUNCTION(WINAPI, RtmGetListEnumRoutes, (void *, void *, uint32_t *, void **));
FUNCTION(WINAPI, RtmDeleteRouteList, (void *, void *));
FUNCTION(WINAPI, RtmReferenceHandles, (void *, uint32_t, void **));

FUNCTION(WINAPI, RtmTestAdvanceClock, (uint32_t));
FUNCTION(WINAPI, RtmTestSettle, (void));
FUNCTION(WINAPI, RtmTestReset, (void));
FUNCTION(WINAPI, RtmTestConfigure, (const char *, uint64_t));

extern RTM_EVENT_CALLBACK event_callback;
extern RTM_ENTITY_EXPORT_METHOD export_method;

static uint32_t WINAPI on_event(void *receiver, RTM_EVENT_TYPE event, void *first, void *second)
{
    return receiver == first && first == second && event == RTM_ENTITY_REGISTERED;
}

static void WINAPI method(
    void *caller, void *callee, RTM_ENTITY_METHOD_INPUT *input, RTM_ENTITY_METHOD_OUTPUT *output)
{
    output->MethodStatus = caller == callee ? input->InputSize : 0;
}

RTM_EVENT_CALLBACK event_callback = on_event;
RTM_ENTITY_EXPORT_METHOD export_method = method;

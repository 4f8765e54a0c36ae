/* A library that is good enough to be driven: clients, next hops, one callback.
 *
 * A fault is one file that defines some of the macros below and includes this one. */
#ifndef GOOD_H
#define GOOD_H

#define _GNU_SOURCE
#include <rtmv2.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What happens in RtmAddNextHop before it answers. */
#ifndef FAULT
#define FAULT(Info, Slot, Flags) ((void)0)
#endif

/* What happens in RtmDeregisterEntity before it answers. */
#ifndef LEAVING_FAULT
#define LEAVING_FAULT() ((void)0)
#endif

static RTM_EVENT_CALLBACK Callback;
static RTM_ENTITY_INFO Entity;
static int Clients;
static uintptr_t NextHops;

#ifndef WITHOUT_REGISTER
DWORD RtmRegisterEntity(PRTM_ENTITY_INFO Info, PRTM_ENTITY_EXPORT_METHODS Methods,
                        RTM_EVENT_CALLBACK Event, BOOL Reserve, PRTM_REGN_PROFILE Profile,
                        PRTM_ENTITY_HANDLE Handle)
{
    (void)Methods;
    (void)Reserve;
    Entity = *Info;
    Callback = Event;
    Clients++;
    Profile->MaxNextHopsInRoute = 2;
    Profile->MaxHandlesInEnum = 10;
    Profile->ViewsSupported = 3;
    Profile->NumberOfViews = 2;
    *Handle = (RTM_ENTITY_HANDLE)(uintptr_t)(0x1000 + Clients);
    return NO_ERROR;
}
#endif

DWORD RtmDeregisterEntity(RTM_ENTITY_HANDLE Handle)
{
    if (Handle == NULL)
        return ERROR_INVALID_HANDLE;
    LEAVING_FAULT();
    Clients--;
    return NO_ERROR;
}

DWORD RtmAddNextHop(RTM_ENTITY_HANDLE Handle, PRTM_NEXTHOP_INFO Info, PRTM_NEXTHOP_HANDLE Slot,
                    PRTM_NEXTHOP_CHANGE_FLAGS Flags)
{
    (void)Handle;
    FAULT(Info, Slot, Flags);
    *Slot = (RTM_NEXTHOP_HANDLE)(0x2000 + ++NextHops);
    *Flags = RTM_NEXTHOP_CHANGE_NEW;
    return NO_ERROR;
}

#ifndef WITHOUT_RESET
uint32_t RtmTestReset(void)
{
    Clients = 0;
    NextHops = 0;
    Callback = NULL;
    return 0;
}
#endif

#endif

/* A library that trusts its callers: it looks behind each next-hop handle that it is given, and
 * finds a next hop only for who wants a handle and leaves the unused bytes of the address zero.
 * Everything else is done by the library that it is linked with. */
#define _GNU_SOURCE
#include <rtmv2.h>
#include <dlfcn.h>
#include "../hostile/journal.h"

DWORD WINAPI RtmReleaseNextHops(RTM_ENTITY_HANDLE Handle, DWORD Count, RTM_NEXTHOP_HANDLE *Hops)
{
    DWORD(WINAPI * Next)() = dlsym(RTLD_NEXT, "RtmReleaseNextHops");
    for (DWORD At = 0; At < Count; At++)
        if (!Hops[At])
            *(volatile char *)0x40 = 0;
    return Next(Handle, Count, Hops);
}

DWORD WINAPI RtmFindNextHop(RTM_ENTITY_HANDLE Handle, RTM_NEXTHOP_INFO *Info,
                            RTM_NEXTHOP_HANDLE *Hop, PRTM_NEXTHOP_INFO *Pointer)
{
    DWORD(WINAPI * Next)() = dlsym(RTLD_NEXT, "RtmFindNextHop");
#ifdef LIES
    /* The step that began: there are not so many. */
    Journal()[3] = 1000000;
#endif
#ifdef CRASHES
    *(volatile char *)0x40 = 0;
#endif
    if (!Hop)
        return ERROR_INVALID_PARAMETER;
    for (unsigned At = 4; Info && At < sizeof(Info->NextHopAddress.AddrBits); At++)
        if (Info->NextHopAddress.AddrBits[At])
            return ERROR_NOT_FOUND;
    return Next(Handle, Info, Hop, Pointer);
}

/* Passes every call on to the reference, which it is linked with, and counts who is registered. When
 * somebody still is as the library goes back to its first state or is unloaded, that is told. */
#define _GNU_SOURCE
#include <rtmv2.h>
#include <dlfcn.h>
#include <stdint.h>
#include <stdlib.h>

static int Clients;

DWORD RtmRegisterEntity(PRTM_ENTITY_INFO Info, PRTM_ENTITY_EXPORT_METHODS Methods,
                        RTM_EVENT_CALLBACK Event, BOOL Reserve, PRTM_REGN_PROFILE Profile,
                        PRTM_ENTITY_HANDLE Handle)
{
    DWORD (*Call)() = dlsym(RTLD_NEXT, "RtmRegisterEntity");
    DWORD Status = Call(Info, Methods, Event, Reserve, Profile, Handle);
    Clients += Status == NO_ERROR;
    return Status;
}

DWORD RtmDeregisterEntity(RTM_ENTITY_HANDLE Handle)
{
    DWORD (*Call)() = dlsym(RTLD_NEXT, "RtmDeregisterEntity");
    DWORD Status = Call(Handle);
    Clients -= Status == NO_ERROR;
    return Status;
}

uint32_t RtmTestReset(void)
{
    uint32_t (*Call)() = dlsym(RTLD_NEXT, "RtmTestReset");
    return Clients ? 1 : Call();
}

__attribute__((destructor)) static void Unloaded(void)
{
    if (Clients)
        abort();
}

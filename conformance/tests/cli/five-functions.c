/* A library of five functions, which the library named by RTM_TEST_FORWARDED_TO carries out. */
#include <rtmv2.h>
#include <dlfcn.h>
#include <stdlib.h>

/* What happens before a question about a client is answered. */
#ifndef PAUSE
#define PAUSE() ((void)0)
#endif

static void *Find(const char *Name)
{
    static void *Library;
    if (!Library)
        Library = dlopen(getenv("RTM_TEST_FORWARDED_TO"), RTLD_NOW | RTLD_LOCAL);
    void *Found = Library ? dlsym(Library, Name) : 0;
    if (!Found)
        abort();
    return Found;
}

DWORD WINAPI RtmRegisterEntity(RTM_ENTITY_INFO *Info, RTM_ENTITY_EXPORT_METHODS *Methods,
                               RTM_EVENT_CALLBACK Event, BOOL Reserve, RTM_REGN_PROFILE *Profile,
                               RTM_ENTITY_HANDLE *Handle)
{
    DWORD(WINAPI * Call)() = Find("RtmRegisterEntity");
    return Call(Info, Methods, Event, Reserve, Profile, Handle);
}

DWORD WINAPI RtmDeregisterEntity(RTM_ENTITY_HANDLE Handle)
{
    DWORD(WINAPI * Call)() = Find("RtmDeregisterEntity");
    return Call(Handle);
}

DWORD WINAPI RtmGetRegisteredEntities(RTM_ENTITY_HANDLE Handle, DWORD *Count,
                                      RTM_ENTITY_HANDLE *Handles, RTM_ENTITY_INFO *Infos)
{
    DWORD(WINAPI * Call)() = Find("RtmGetRegisteredEntities");
    return Call(Handle, Count, Handles, Infos);
}

DWORD WINAPI RtmReleaseEntities(RTM_ENTITY_HANDLE Handle, DWORD Count, RTM_ENTITY_HANDLE *Handles)
{
    DWORD(WINAPI * Call)() = Find("RtmReleaseEntities");
    return Call(Handle, Count, Handles);
}

DWORD WINAPI RtmGetEntityInfo(RTM_ENTITY_HANDLE Handle, RTM_ENTITY_HANDLE Other,
                              RTM_ENTITY_INFO *Info)
{
    DWORD(WINAPI * Call)() = Find("RtmGetEntityInfo");
    PAUSE();
    return Call(Handle, Other, Info);
}

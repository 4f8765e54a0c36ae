/* Fills every kind of structure with what can be told apart, and gives routes back as they came. */
#define WITHOUT_REGISTER
#include <pthread.h>
#include "good.h"

static RTM_ROUTE_INFO *Kept;
static RTM_ENTITY_EXPORT_METHOD Method;
static PVOID Opaque = (PVOID)0x77;

DWORD RtmRegisterEntity(PRTM_ENTITY_INFO Info, PRTM_ENTITY_EXPORT_METHODS Methods,
                        RTM_EVENT_CALLBACK Event, BOOL Reserve, PRTM_REGN_PROFILE Profile,
                        PRTM_ENTITY_HANDLE Handle)
{
    RTM_REGN_PROFILE Limits = {3, 10, 3, 2};
    (void)Reserve;
    Entity = *Info;
    Method = Methods->Methods[1];
    Callback = Event;
    *Profile = Limits;
    *Handle = (HANDLE)0x1001;
    return NO_ERROR;
}

static void Describe(PRTM_DEST_INFO Dest, int Views)
{
    static const RTM_NET_ADDRESS Address = {AF_INET, 8, {10, 0, 0, 1}};
    Dest->DestHandle = (HANDLE)0x3001;
    Dest->DestAddress = Address;
    Dest->LastChanged.dwLowDateTime = 5;
    Dest->LastChanged.dwHighDateTime = 6;
    Dest->BelongsToViews = 3;
    Dest->NumberOfViews = Views;
    for (int View = 0; View < Views; View++) {
        Dest->ViewInfo[View].ViewId = View;
        Dest->ViewInfo[View].NumRoutes = 4 + View;
        Dest->ViewInfo[View].Route = (HANDLE)(0x4001 + (uintptr_t)View);
        Dest->ViewInfo[View].Owner = (HANDLE)0x1001;
        Dest->ViewInfo[View].DestFlags = 2;
        Dest->ViewInfo[View].HoldRoute = NULL;
    }
}

DWORD RtmGetDestInfo(RTM_ENTITY_HANDLE Handle, RTM_DEST_HANDLE Dest, ULONG Protocol,
                     RTM_VIEW_SET Views, PRTM_DEST_INFO Info)
{
    (void)Handle;
    (void)Dest;
    (void)Protocol;
    Describe(Info, (Views & 1) + (Views >> 1 & 1));
    return NO_ERROR;
}

DWORD RtmCreateDestEnum(RTM_ENTITY_HANDLE Handle, RTM_VIEW_SET Views, RTM_ENUM_FLAGS Flags,
                        PRTM_NET_ADDRESS Address, ULONG Protocol, PRTM_ENUM_HANDLE Enum)
{
    (void)Handle;
    (void)Views;
    (void)Flags;
    (void)Address;
    (void)Protocol;
    *Enum = (HANDLE)0x5001;
    return NO_ERROR;
}

/* Two of what were asked for, and the first bytes of a third. */
DWORD RtmGetEnumDests(RTM_ENTITY_HANDLE Handle, RTM_ENUM_HANDLE Enum, UINT *Count,
                      PRTM_DEST_INFO Infos)
{
    (void)Handle;
    (void)Enum;
    char *Next = (char *)Infos;
    for (int Index = 0; Index < 2; Index++, Next += RTM_SIZE_OF_DEST_INFO(2))
        Describe((PRTM_DEST_INFO)Next, 2);
    *Next = 0;
    *Count = 2;
    return ERROR_NO_MORE_ITEMS;
}

DWORD RtmReleaseDests(RTM_ENTITY_HANDLE Handle, UINT Count, PRTM_DEST_INFO Infos)
{
    (void)Handle;
    char *Next = (char *)Infos;
    for (UINT Index = 0; Index < Count; Index++, Next += RTM_SIZE_OF_DEST_INFO(2)) {
        char Expected[RTM_SIZE_OF_DEST_INFO(2)];
        memcpy(Expected, Next, sizeof Expected);
        Describe((PRTM_DEST_INFO)Expected, 2);
        if (memcmp(Expected, Next, sizeof Expected) != 0)
            return ERROR_INVALID_DATA;
    }
    return NO_ERROR;
}

DWORD RtmAddRouteToDest(RTM_ENTITY_HANDLE Handle, PRTM_ROUTE_HANDLE Slot, PRTM_NET_ADDRESS Address,
                        PRTM_ROUTE_INFO Info, ULONG Time, RTM_ROUTE_LIST_HANDLE List,
                        RTM_NOTIFY_FLAGS Type, RTM_NOTIFY_HANDLE Notify,
                        PRTM_ROUTE_CHANGE_FLAGS Flags)
{
    size_t Size = RTM_SIZE_OF_ROUTE_INFO(Info->NextHopsList.NumNextHops + 1);
    (void)Handle;
    (void)Address;
    (void)List;
    (void)Type;
    (void)Notify;
    Kept = malloc(RTM_SIZE_OF_ROUTE_INFO(4));
    memcpy(Kept, Info, Size);
    *Slot = (HANDLE)(uintptr_t)(0x4000 + Time);
    *Flags |= RTM_ROUTE_CHANGE_NEW;
    return NO_ERROR;
}

DWORD RtmGetRouteInfo(RTM_ENTITY_HANDLE Handle, RTM_ROUTE_HANDLE Route, PRTM_ROUTE_INFO Info,
                      PRTM_NET_ADDRESS Address)
{
    (void)Handle;
    (void)Route;
    if (Address != NULL)
        return ERROR_INVALID_PARAMETER;
    memcpy(Info, Kept, RTM_SIZE_OF_ROUTE_INFO(Kept->NextHopsList.NumNextHops + 1));
    return NO_ERROR;
}

DWORD RtmGetRoutePointer(RTM_ENTITY_HANDLE Handle, RTM_ROUTE_HANDLE Route,
                         PRTM_ROUTE_INFO *Pointer)
{
    (void)Handle;
    (void)Route;
    *Pointer = Kept;
    return NO_ERROR;
}

DWORD RtmGetOpaqueInformationPointer(RTM_ENTITY_HANDLE Handle, RTM_DEST_HANDLE Dest, PVOID *Pointer)
{
    (void)Handle;
    (void)Dest;
    *Pointer = &Opaque;
    return NO_ERROR;
}

/* The end of an output, where a header has no room any more. */
static PRTM_ENTITY_METHOD_OUTPUT Tail(PRTM_ENTITY_METHOD_OUTPUT Output, UINT Size)
{
    return (PRTM_ENTITY_METHOD_OUTPUT)((char *)Output + Size - 4);
}

struct run {
    RTM_ENTITY_HANDLE Handle;
    PRTM_ENTITY_METHOD_INPUT Input;
    PRTM_ENTITY_METHOD_OUTPUT Output;
};

static void *OnAThread(void *Argument)
{
    struct run *Run = Argument;
    Method(Run->Handle, Run->Handle, Run->Input, Run->Output);
    return NULL;
}

/* Runs the one method that the caller exports on itself; some types ask for it to go wrong. */
DWORD RtmInvokeMethod(RTM_ENTITY_HANDLE Handle, RTM_ENTITY_HANDLE Target,
                      PRTM_ENTITY_METHOD_INPUT Input, UINT *Size, PRTM_ENTITY_METHOD_OUTPUT Output)
{
    struct run Run = {Handle, Input, Output};
    pthread_t Thread;
    Output->OutputSize = *Size - 12;
    switch (Input->MethodType) {
    case 0x100:
        Method(Handle, Target, Input, Tail(Output, *Size));
        break;
    case 0x200:
        Method(Handle, Target, (PRTM_ENTITY_METHOD_INPUT)&Input->InputData, Output);
        break;
    case 0x400:
        Method(NULL, NULL, NULL, NULL);
        break;
    case 0x800:
        pthread_create(&Thread, NULL, OnAThread, &Run);
        pthread_join(Thread, NULL);
        break;
    default:
        Method(Handle, Target, Input, Output);
    }
    *Size = 12 + Output->OutputSize;
    return NO_ERROR;
}

uint32_t RtmTestAdvanceClock(uint32_t Milliseconds)
{
    (void)Milliseconds;
    Callback((HANDLE)0x1001, RTM_ROUTE_EXPIRED, (HANDLE)0x4009, Kept);
    Callback((HANDLE)0x1001, RTM_CHANGE_NOTIFICATION, (HANDLE)0x6001, (PVOID)0x55);
    return 0;
}

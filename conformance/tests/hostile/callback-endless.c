/* Calls back for ever. */
#define FAULT(Info, Slot, Flags) \
    for (;;)                     \
    Callback((RTM_ENTITY_HANDLE)0x1001, RTM_ENTITY_REGISTERED, (PVOID)0x1001, &Entity)
#include "good.h"

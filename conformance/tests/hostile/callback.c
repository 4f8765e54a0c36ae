/* Calls back on the stack of a call; no fault. */
#define FAULT(Info, Slot, Flags) \
    Callback((RTM_ENTITY_HANDLE)0x1001, RTM_ENTITY_REGISTERED, (PVOID)0x1001, &Entity)
#include "good.h"

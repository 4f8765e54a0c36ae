/* Crashes at its third next hop: in a run that is not the first one. */
static int Calls;
#define FAULT(Info, Slot, Flags) \
    do {                         \
        if (++Calls == 3)        \
            __builtin_trap();    \
    } while (0)
#include "good.h"

/* Never comes back, busy. */
static volatile int Forever = 1;
#define FAULT(Info, Slot, Flags) \
    while (Forever)              \
    continue
#include "good.h"

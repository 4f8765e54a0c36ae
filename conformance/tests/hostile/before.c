/* Writes two bytes before a buffer. */
#define FAULT(Info, Slot, Flags)              \
    do {                                      \
        ((volatile char *)(Flags))[-2] = 0;   \
        ((volatile char *)(Flags))[-1] = 0;   \
    } while (0)
#include "good.h"

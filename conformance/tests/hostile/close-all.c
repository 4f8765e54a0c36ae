/* Closes all descriptors. */
#define FAULT(Info, Slot, Flags)          \
    do {                                  \
        for (int Fd = 0; Fd < 4096; Fd++) \
            close(Fd);                    \
    } while (0)
#include "good.h"

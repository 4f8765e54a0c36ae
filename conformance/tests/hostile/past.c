/* Writes one byte past a buffer. */
#define FAULT(Info, Slot, Flags) (((volatile char *)(Slot))[sizeof *(Slot)] = 0)
#include "good.h"

/* Follows a pointer that leads nowhere. */
#define FAULT(Info, Slot, Flags) (*(volatile int *)16 = 1)
#include "good.h"

/* Writes far behind the flags that it is given. */
#define FAULT(Info, Slot, Flags) (((unsigned char *)(Flags))[4 + 100] = 1)
#include "good.h"

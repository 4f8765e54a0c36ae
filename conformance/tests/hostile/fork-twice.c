/* Returns from a call in two processes. */
#define FAULT(Info, Slot, Flags) fork()
#include "good.h"

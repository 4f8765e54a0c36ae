/* Ends the process as if all were well. */
#define FAULT(Info, Slot, Flags) exit(0)
#include "good.h"

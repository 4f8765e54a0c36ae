/* Never comes back, idle. */
#define FAULT(Info, Slot, Flags) pause()
#include "good.h"

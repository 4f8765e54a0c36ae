/* Says that it went well and writes nothing. */
#define FAULT(Info, Slot, Flags) return NO_ERROR
#include "good.h"

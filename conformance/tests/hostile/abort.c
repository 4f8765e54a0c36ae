/* Gives up. */
#define FAULT(Info, Slot, Flags) abort()
#include "good.h"

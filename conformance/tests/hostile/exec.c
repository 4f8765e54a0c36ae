/* Becomes another program, which ends well. */
#define FAULT(Info, Slot, Flags) execl("/bin/true", "true", (char *)0)
#include "good.h"

/* Stops itself. */
#include <signal.h>
#define FAULT(Info, Slot, Flags) raise(SIGSTOP)
#include "good.h"

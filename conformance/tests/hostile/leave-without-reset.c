/* Crashes when a client leaves, and every run needs a process of its own. */
#define WITHOUT_RESET
#include "leave-crash.c"

/* Crashes when a client leaves. */
#define LEAVING_FAULT() __builtin_trap()
#include "good.h"

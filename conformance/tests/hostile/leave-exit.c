/* Ends the process, as if all were well, when a client leaves. */
#define LEAVING_FAULT() exit(0)
#include "good.h"

/* Never comes back when a client leaves. */
#define LEAVING_FAULT() pause()
#include "good.h"

/* When a client leaves, the library is no good any more; going back to the first state does not
 * mend that. */
static int Spoilt;
#define LEAVING_FAULT() (Spoilt = 1)
#define FAULT(Info, Slot, Flags)         \
    do {                                 \
        if (Spoilt)                      \
            return ERROR_INVALID_HANDLE; \
    } while (0)
#include "good.h"

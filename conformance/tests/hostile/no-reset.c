/* No fault, but every run needs a process of its own. */
#define WITHOUT_RESET
#include "good.h"

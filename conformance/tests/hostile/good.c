/* No fault. */
#include "good.h"

/* RtmRegisterEntity is missing. */
#define WITHOUT_REGISTER
#include "good.h"

/* Locks of destinations that really wait; no fault. */
#include <pthread.h>
#include "good.h"

static pthread_mutex_t Lock = PTHREAD_MUTEX_INITIALIZER;

DWORD RtmLockDestination(RTM_ENTITY_HANDLE Handle, RTM_DEST_HANDLE Dest, BOOL Exclusive, BOOL Take)
{
    (void)Handle;
    (void)Dest;
    (void)Exclusive;
    return Take ? pthread_mutex_lock(&Lock) : pthread_mutex_unlock(&Lock);
}

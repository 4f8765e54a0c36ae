/* Base types. On Windows they come from the system. Elsewhere they are defined here, unless a set
 * of such types is there already or RTM_NO_BASE_TYPES says that the includer brings its own. */
#if defined(_WIN32)
#include <winsock2.h>
#include <ws2tcpip.h>
#include <windows.h>
#elif !defined(RTM_NO_BASE_TYPES) && !defined(_MINWINDEF_) && !defined(_WINDEF_)
typedef uint8_t UCHAR;
typedef uint16_t USHORT;
typedef uint32_t DWORD;
typedef uint32_t ULONG;
typedef uint32_t UINT;
typedef int32_t INT;
typedef int32_t BOOL;
typedef uint64_t ULONGLONG;
typedef void *PVOID;
typedef void *HANDLE;

/* 100-nanosecond units since 1601-01-01 UTC. */
typedef struct _FILETIME {
    DWORD dwLowDateTime;
    DWORD dwHighDateTime;
} FILETIME, *PFILETIME;

typedef struct in6_addr_windows {
    union {
        UCHAR Byte[16];
        USHORT Word[8];
    } u;
} IN6_ADDR, *PIN6_ADDR;
#endif

#ifndef WINAPI
#define WINAPI
#endif

#if defined(__GNUC__)
#define RTM_EXTENSION __extension__
#define RTM_ALIGNED_8 __attribute__((aligned(8)))
#else
#define RTM_EXTENSION
#define RTM_ALIGNED_8
#endif

/* Fails to compile where DWORD does not have 32 bits. */
typedef char RTM_CHECK_DWORD[sizeof(DWORD) == 4 ? 1 : -1];

#ifdef __cplusplus
extern "C" {
#endif

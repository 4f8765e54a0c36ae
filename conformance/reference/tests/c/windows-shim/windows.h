/* The Windows types and names that an RTMv2 header and its clients use, for systems that have no
 * windows.h. Integers have their Windows sizes whatever long is here. */
#ifndef WINDOWS_SHIM_H
#define WINDOWS_SHIM_H

#include <stddef.h>
#include <stdint.h>

#define VOID void
#define WINAPI
#define __C89_NAMELESS __extension__

typedef uint8_t UCHAR;
typedef uint16_t USHORT;
typedef uint32_t DWORD, ULONG, UINT, *PUINT;
typedef int32_t INT, BOOL, WINBOOL;
typedef uint64_t ULONGLONG;
typedef void *PVOID;
typedef void *HANDLE, **PHANDLE;
typedef int32_t *PINT;
typedef WINBOOL *PBOOL, *PWINBOOL;

typedef struct _FILETIME {
    DWORD dwLowDateTime;
    DWORD dwHighDateTime;
} FILETIME, *PFILETIME;

#define TRUE 1
#define FALSE 0
#define INFINITE 0xFFFFFFFF
#define FIELD_OFFSET(Type, Field) ((DWORD)offsetof(Type, Field))

#define AF_INET 2
#define AF_INET6 23

#define NO_ERROR 0
#define ERROR_ACCESS_DENIED 5
#define ERROR_INVALID_HANDLE 6
#define ERROR_NOT_SUPPORTED 50
#define ERROR_INVALID_PARAMETER 87
#define ERROR_INSUFFICIENT_BUFFER 122
#define ERROR_ALREADY_EXISTS 183
#define ERROR_NO_MORE_ITEMS 259
#define ERROR_NOT_FOUND 1168

#define PROTO_IP_RIP 8
#define PROTO_IP_OSPF 13

#endif

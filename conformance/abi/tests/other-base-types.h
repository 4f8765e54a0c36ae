/* Base types as another project might bring them along. */
#include <stdint.h>

#define _MINWINDEF_

typedef unsigned char UCHAR;
typedef unsigned short USHORT;
typedef unsigned int DWORD;
typedef int INT;
typedef int BOOL;
typedef unsigned long long ULONGLONG;
typedef void *PVOID;
typedef void *HANDLE;

typedef struct other_file_time {
    DWORD dwLowDateTime;
    DWORD dwHighDateTime;
} FILETIME;

typedef struct other_address {
    union {
        UCHAR Byte[16];
        USHORT Word[8];
    } u;
} IN6_ADDR;

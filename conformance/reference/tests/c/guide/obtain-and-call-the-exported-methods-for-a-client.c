/* One client exports two methods; another asks what there is and has them run. */
#include "../client.h"

#include <stddef.h>

static RTM_ENTITY_HANDLE rip;
static RTM_ENTITY_HANDLE ospf;

/* Gives back the number that it is given, doubled. */
static void WINAPI twice(RTM_ENTITY_HANDLE caller, RTM_ENTITY_HANDLE callee,
    RTM_ENTITY_METHOD_INPUT *input, RTM_ENTITY_METHOD_OUTPUT *output)
{
    DWORD number;

    CHECK(caller == ospf && callee == rip);
    CHECK(input->InputSize == sizeof number && sizeof number <= output->OutputSize);
    memcpy(&number, input->InputData, sizeof number);
    number *= 2;
    memcpy(output->OutputData, &number, sizeof number);
    output->OutputSize = sizeof number;
    output->MethodStatus = NO_ERROR;
}

/* Does not do what it is asked for. */
static void WINAPI refuse(RTM_ENTITY_HANDLE caller, RTM_ENTITY_HANDLE callee,
    RTM_ENTITY_METHOD_INPUT *input, RTM_ENTITY_METHOD_OUTPUT *output)
{
    CHECK(caller == ospf && callee == rip && input != NULL);
    output->OutputSize = 0;
    output->MethodStatus = ERROR_ACCESS_DENIED;
}

/* Two methods behind one another, which the structure of the header has no room for. */
static RTM_ENTITY_HANDLE register_with_methods(RTM_REGN_PROFILE *profile)
{
    const size_t size = offsetof(RTM_ENTITY_EXPORT_METHODS, Methods)
        + 2 * sizeof(RTM_ENTITY_EXPORT_METHOD);
    RTM_ENTITY_EXPORT_METHODS *methods = malloc(size);
    RTM_ENTITY_INFO info = identity(PROTO_IP_RIP, 1);
    RTM_ENTITY_HANDLE handle = NULL;

    methods->NumMethods = 2;
    methods->Methods[0] = twice;
    methods->Methods[1] = refuse;
    EXPECT(RtmRegisterEntity(&info, methods, NULL, FALSE, profile, &handle), NO_ERROR);
    free(methods);
    return handle;
}

int main(void)
{
    RTM_REGN_PROFILE profile;
    RTM_ENTITY_EXPORT_METHOD found[2];
    DWORD memory[16];
    DWORD sent[4];
    RTM_ENTITY_METHOD_INPUT *input = (RTM_ENTITY_METHOD_INPUT *)sent;
    RTM_ENTITY_METHOD_OUTPUT *output = (RTM_ENTITY_METHOD_OUTPUT *)memory;
    const DWORD number = 21;
    DWORD result = 0;
    UINT count = 0;
    UINT size = sizeof memory;

    rip = register_with_methods(&profile);
    ospf = enter(PROTO_IP_OSPF, NULL, &profile);

    EXPECT(RtmGetEntityMethods(ospf, rip, &count, NULL), NO_ERROR);
    CHECK(count == 2);
    EXPECT(RtmGetEntityMethods(ospf, rip, &count, found), NO_ERROR);
    CHECK(count == 2 && found[0] == twice && found[1] == refuse);

    /* Bit 0 is the first method. */
    input->MethodType = 1;
    input->InputSize = sizeof number;
    memcpy(input->InputData, &number, sizeof number);
    EXPECT(RtmInvokeMethod(ospf, rip, input, &size, output), NO_ERROR);
    CHECK(output->MethodStatus == NO_ERROR && output->OutputSize == sizeof result);
    memcpy(&result, output->OutputData, sizeof result);
    printf("twice %u is %u\n", (unsigned)number, (unsigned)result);

    /* What a method makes of it is no matter of the call. */
    input->MethodType = 2;
    size = sizeof memory;
    EXPECT(RtmInvokeMethod(ospf, rip, input, &size, output), NO_ERROR);
    CHECK(output->MethodStatus == ERROR_ACCESS_DENIED);

    EXPECT(RtmBlockMethods(rip, NULL, 0, 1), NO_ERROR);
    EXPECT(RtmBlockMethods(rip, NULL, 0, 0), NO_ERROR);
    EXPECT(RtmDeregisterEntity(ospf), NO_ERROR);
    EXPECT(RtmDeregisterEntity(rip), NO_ERROR);
    return finish();
}

/* How many clients there are is asked first; then there is room for all of them. */
#include "../client.h"

int main(void)
{
    RTM_REGN_PROFILE profile;
    RTM_ENTITY_HANDLE rip = enter(PROTO_IP_RIP, NULL, &profile);
    RTM_ENTITY_HANDLE ospf = enter(PROTO_IP_OSPF, NULL, &profile);
    RTM_ENTITY_HANDLE *handles;
    RTM_ENTITY_INFO *infos;
    UINT count = 0;
    UINT index;
    unsigned seen = 0;

    EXPECT(RtmGetRegisteredEntities(ospf, &count, NULL, NULL), ERROR_INSUFFICIENT_BUFFER);
    CHECK(count == 2);
    handles = calloc(count, sizeof *handles);
    infos = calloc(count, sizeof *infos);
    EXPECT(RtmGetRegisteredEntities(ospf, &count, handles, infos), NO_ERROR);
    for (index = 0; index < count; index++) {
        RTM_ENTITY_INFO info;

        EXPECT(RtmGetEntityInfo(ospf, handles[index], &info), NO_ERROR);
        CHECK(memcmp(&info.EntityId, &infos[index].EntityId, sizeof info.EntityId) == 0);
        EXPECT(RtmReleaseEntityInfo(ospf, &info), NO_ERROR);
        seen += (unsigned)infos[index].EntityId.EntityProtocolId;
    }
    CHECK(seen == PROTO_IP_RIP + PROTO_IP_OSPF);
    EXPECT(RtmReleaseEntities(ospf, count, handles), NO_ERROR);
    printf("clients: %u\n", (unsigned)count);

    EXPECT(RtmDeregisterEntity(rip), NO_ERROR);
    count = 0;
    EXPECT(RtmGetRegisteredEntities(ospf, &count, NULL, NULL), ERROR_INSUFFICIENT_BUFFER);
    CHECK(count == 1);
    EXPECT(RtmDeregisterEntity(ospf), NO_ERROR);
    free(handles);
    free(infos);
    return finish();
}

/* Told of events. */
typedef DWORD (WINAPI *RTM_EVENT_CALLBACK)(
    RTM_ENTITY_HANDLE RtmRegHandle,
    RTM_EVENT_TYPE EventType,
    PVOID Context1,
    PVOID Context2);

/* A method that one entity offers to others. */
typedef void (WINAPI *RTM_ENTITY_EXPORT_METHOD)(
    RTM_ENTITY_HANDLE CallerHandle,
    RTM_ENTITY_HANDLE CalleeHandle,
    RTM_ENTITY_METHOD_INPUT *Input,
    RTM_ENTITY_METHOD_OUTPUT *Output);
typedef RTM_ENTITY_EXPORT_METHOD *PRTM_ENTITY_EXPORT_METHOD;

/* Who an entity is; the number overlays the pair and is aligned to 8 on every target. */
RTM_EXTENSION typedef struct _RTM_ENTITY_ID {
    union {
        struct {
            DWORD EntityProtocolId;
            DWORD EntityInstanceId;
        };
        RTM_ALIGNED_8 ULONGLONG EntityId;
    };
} RTM_ENTITY_ID, *PRTM_ENTITY_ID;

/* Rows of tables image, image_zone and image_detail. */
#ifndef GURUM_CLOUD_IMAGE_STORE_H
#define GURUM_CLOUD_IMAGE_STORE_H

#include "cloud/image/image.h"
#include "cloud/tag/tag.h"

extern const struct field_table IMAGE_ROW, IMAGE_PLACE_ROW;

/* SQL: the type that replies tell. */
#define IMAGE_TYPE_TOLD(i) "IF(" i ".is_routing, 'ROUTING', " i ".image_type)"

/* One line of listTemplates: an image in one zone. */
struct image_line {
    int64_t image_id, place_id;
};
enum image_filter_kind {
    IMAGES_FEATURED,
    IMAGES_COMMUNITY,
    IMAGES_SELF,
    IMAGES_SELF_EXECUTABLE,
    IMAGES_EXECUTABLE,
    IMAGES_ALL
};
struct image_query {
    enum image_filter_kind filter;
    const struct list_scope *scope;
    bool caller_is_root;
    const char *ids; /* ",3,7,": only these; NULL: any */
    const char *name, *keyword_like, *hypervisor, *arch, *image_type;
    int64_t zone_id, store_id, os_category_id; /* 0: any */
    struct opt_bool ready, for_cks, vnf;
    bool show_removed, unique;
    struct tag_filter tags;
    int64_t offset, limit;
};

MUST_CHECK bool image_store_insert(struct db *db, const struct image *image, int64_t *ret_id, struct error *err);
MUST_CHECK bool image_store_update(struct db *db, const struct image *image, struct error *err);
MUST_CHECK bool image_store_mark_removed(struct db *db, int64_t id, struct error *err);
MUST_CHECK bool image_store_find_by_uuid_any(struct db *db, struct arena *arena, const char *uuid,
                                             struct image **ret_image, struct error *err);
MUST_CHECK bool image_store_list(struct db *db, struct arena *arena, const struct image_query *query,
                                 const struct image_line **ret_lines, size_t *ret_count, int64_t *ret_total,
                                 struct error *err);

MUST_CHECK bool image_place_insert(struct db *db, int64_t image_id, int64_t zone_id, int64_t store_id, int64_t *ret_id,
                                   struct error *err);
MUST_CHECK bool image_place_find_by_id_any(struct db *db, struct arena *arena, int64_t id,
                                           struct image_place **ret_place, struct error *err);
MUST_CHECK bool image_places_of_any(struct db *db, struct arena *arena, int64_t image_id,
                                    const struct image_place **ret_places, size_t *ret_count, struct error *err);
MUST_CHECK bool image_place_set_state(struct db *db, int64_t id, const char *state, const char *failure_key,
                                      const char *failure_text, struct error *err);
MUST_CHECK bool image_place_set_ready(struct db *db, int64_t id, const char *location, int64_t size_bytes,
                                      int64_t physical_size_bytes, struct error *err);
MUST_CHECK bool image_place_delete(struct db *db, int64_t id, struct error *err);

enum { IMAGE_DETAIL_MAX = 1024 }; /* characters of a value */
void image_register_details(void); /* as what addResourceDetail changes */
MUST_CHECK bool image_detail_set(struct db *db, int64_t image_id, const char *name, const char *value,
                                 struct error *err);
MUST_CHECK bool image_detail_clear(struct db *db, int64_t image_id, struct error *err);

#endif

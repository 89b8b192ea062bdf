/* Loading the theme chain from files, and swapping sets while pages render. Parsing and printing are in template.c and
 * render.c. */
#include "render/theme.h"

#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/stat.h>

#include "base/thread.h"
#include "render/template.h"

enum { FOLDER_DEPTH_MAX = 6, THEMES_MAX = 64 };

struct theme {
    const char *name; /* "": base alone */
    struct template_set *set;
};

/* All themes of one load. Lives until it is replaced and its last page is done. */
struct themes {
    struct arena arena;
    struct theme items[THEMES_MAX];
    size_t count;
    size_t users; /* pages rendering, and one for being current; under `lock` */
};

static struct mutex lock = MUTEX_INITIALIZER;
static struct themes *current GUARDED_BY(lock);

static void free_themes(struct themes *themes)
{
    for (size_t i = 0; i < themes->count; i++)
        template_set_free(themes->items[i].set);
    arena_free(&themes->arena);
    free(themes);
}

static struct themes *use_current(void)
{
    mutex_lock(&lock);
    struct themes *themes = current;
    if (themes)
        themes->users++;
    mutex_unlock(&lock);
    return themes;
}

static void stop_using(struct themes *themes)
{
    if (!themes)
        return;
    mutex_lock(&lock);
    bool is_last = --themes->users == 0;
    mutex_unlock(&lock);
    if (is_last)
        free_themes(themes);
}

static bool unreadable(const char *path, struct error *err)
{
    int reason = errno;
    error_with(err, ERROR_INTERNAL, "render.unreadable", E_TEXT("file", path));
    return error_add_detail(err, "%s: %s", path, strerror(reason));
}

static bool load_file(struct template_set *set, const char *path, const char *name, struct error *err)
{
    FILE *file = fopen(path, "re");
    if (!file)
        return unreadable(path, err);
    char *source = malloc(TEMPLATE_MAX_BYTES + 1);
    if (!source)
        abort();
    size_t length = fread(source, 1, TEMPLATE_MAX_BYTES + 1, file);
    bool is_read = !ferror(file);
    fclose(file);
    bool is_good = is_read ? template_set_add(set, name, path, source, length, err) : unreadable(path, err);
    free(source);
    return is_good;
}

static int is_visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

/* Adds the *.html files of a folder and its folders, named by their path below it; names that the set has already are
 * left out. */
static bool load_folder(struct themes *themes, struct template_set *set, const char *folder, const char *prefix,
                        int depth, struct error *err)
{
    struct dirent **entries;
    int count = scandir(folder, &entries, is_visible, alphasort);
    if (count < 0)
        return unreadable(folder, err);
    bool is_good = true;
    for (int i = 0; i < count; i++) {
        const char *entry = entries[i]->d_name, *path = arena_printf(&themes->arena, "%s/%s", folder, entry);
        struct stat status;
        bool is_there = stat(path, &status) == 0;
        if (is_good && is_there && S_ISDIR(status.st_mode) && depth < FOLDER_DEPTH_MAX) {
            is_good =
                load_folder(themes, set, path, arena_printf(&themes->arena, "%s%s/", prefix, entry), depth + 1, err);
        } else if (is_good && string_ends_with(entry, ".html")) {
            const char *name =
                arena_printf(&themes->arena, "%s%.*s", prefix, (int)(strlen(entry) - strlen(".html")), entry);
            is_good = template_set_has(set, name) || load_file(set, path, name, err);
        }
        free(entries[i]);
    }
    free(entries);
    return is_good;
}

/* A theme's own files first, then base's. `own` NULL: base alone. */
static bool load_theme(struct themes *themes, const char *name, const char *own, const char *base, struct error *err)
{
    struct theme *theme = &themes->items[themes->count++];
    theme->name = name;
    theme->set = template_set_new();
    return (!own || load_folder(themes, theme->set, own, "", 0, err)) &&
           load_folder(themes, theme->set, base, "", 0, err) && template_set_link(theme->set, err);
}

static bool load_themes(struct themes *themes, const char *folder, struct error *err)
{
    const char *base = arena_printf(&themes->arena, "%s/base", folder),
               *others = arena_printf(&themes->arena, "%s/themes", folder);
    if (!load_theme(themes, "", NULL, base, err))
        return false;
    struct dirent **entries;
    int count = scandir(others, &entries, is_visible, alphasort);
    if (count < 0)
        return errno == ENOENT || unreadable(others, err);
    bool is_good = true;
    for (int i = 0; i < count; i++) {
        const char *path = arena_printf(&themes->arena, "%s/%s", others, entries[i]->d_name);
        struct stat status;
        if (is_good && stat(path, &status) == 0 && S_ISDIR(status.st_mode) && themes->count < THEMES_MAX)
            is_good = load_theme(themes, arena_strdup(&themes->arena, entries[i]->d_name), path, base, err);
        free(entries[i]);
    }
    free(entries);
    return is_good;
}

bool theme_load(const char *folder, struct error *err)
{
    struct themes *themes = calloc(1, sizeof(*themes));
    if (!themes)
        abort();
    themes->users = 1;
    if (!load_themes(themes, folder, err)) {
        free_themes(themes);
        return false;
    }
    mutex_lock(&lock);
    struct themes *before = current;
    current = themes;
    mutex_unlock(&lock);
    stop_using(before);
    return true;
}

void theme_unload(void)
{
    mutex_lock(&lock);
    struct themes *before = current;
    current = NULL;
    mutex_unlock(&lock);
    stop_using(before);
}

static const struct template_set *set_of(const struct themes *themes, const char *theme)
{
    for (size_t i = 0; theme && i < themes->count; i++)
        if (strcmp(themes->items[i].name, theme) == 0)
            return themes->items[i].set;
    return themes->items[0].set;
}

bool theme_render(struct text *out, const char *theme, const char *name, const struct view *root, const char *language,
                  struct error *err)
{
    struct themes *themes = use_current();
    if (!themes)
        return error_with(err, ERROR_INTERNAL, "render.unknown", E_TEXT("file", name), E_INT("line", 0),
                          E_TEXT("what", name));
    bool is_good = template_render(set_of(themes, theme), name, root, language, out, err);
    stop_using(themes);
    return is_good;
}

bool theme_has(const char *theme, const char *name)
{
    struct themes *themes = use_current();
    bool has = themes && template_set_has(set_of(themes, theme), name);
    stop_using(themes);
    return has;
}

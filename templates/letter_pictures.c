#include "templates/letter_pictures.h"

#include "base/error.h"
#include "base/xml.h"

#include <string.h>

struct letter_pictures {
	char *file;
	GArray *list; /* of struct picture, in the order of the template */
};

struct picture {
	char *name;
	long line;
};

static void picture_clear(void *data)
{
	g_free(((struct picture *)data)->name);
}

static void find(GArray *list, const xmlNode *node)
{
	for (const xmlNode *child = node->children; child; child = child->next) {
		g_autofree char *source = xml_is(child, "img") ? xml_attribute(child, "src") : NULL;

		if (source) {
			struct picture picture = {.name = g_strdup(source + strlen("cid:")),
						  .line = xmlGetLineNo(child)};

			g_array_append_val(list, picture);
		}
		if (child->type == XML_ELEMENT_NODE)
			find(list, child);
	}
}

struct letter_pictures *letter_pictures_find(const char *file, const xmlNode *node)
{
	struct letter_pictures *pictures = g_new0(struct letter_pictures, 1);

	pictures->file = g_strdup(file);
	pictures->list = g_array_new(FALSE, FALSE, sizeof(struct picture));
	g_array_set_clear_func(pictures->list, picture_clear);
	find(pictures->list, node);
	return pictures;
}

void letter_pictures_free(struct letter_pictures *pictures)
{
	if (!pictures)
		return;
	g_array_unref(pictures->list);
	g_free(pictures->file);
	g_free(pictures);
}

gboolean letter_pictures_have(const struct letter_pictures *pictures, const char *name)
{
	for (guint i = 0; i < pictures->list->len; i++) {
		if (strcmp(g_array_index(pictures->list, struct picture, i).name, name) == 0)
			return TRUE;
	}
	return FALSE;
}

gboolean letter_pictures_check(const struct letter_pictures *pictures, const char *const *names,
			       GError **error)
{
	for (guint i = 0; i < pictures->list->len; i++) {
		const struct picture *picture = &g_array_index(pictures->list, struct picture, i);

		if (g_strv_contains(names, picture->name))
			continue;
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT,
			    _("%s:%ld: no attachment is called “%s”"), pictures->file,
			    picture->line, picture->name);
		return FALSE;
	}
	return TRUE;
}

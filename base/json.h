#pragma once

/* What json-glib's builder takes two calls for. */
#include <json-glib/json-glib.h>

/* A member with a text; null for NULL. */
void json_add_text(JsonBuilder *builder, const char *name, const char *text);
void json_add_int(JsonBuilder *builder, const char *name, gint64 number);
void json_add_double(JsonBuilder *builder, const char *name, double number);
void json_add_bool(JsonBuilder *builder, const char *name, gboolean truth);

/* A member that is an array: opened, to be ended by the caller. */
void json_open_array(JsonBuilder *builder, const char *name);

/* The finished document as text without white space; the builder is empty then.
 * Returns: (transfer full) */
char *json_finish(JsonBuilder *builder);

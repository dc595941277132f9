#pragma once

/* What libxml2 finds wrong with a document, in our words. */
#include <libxml/xmlerror.h>

/* One line, without name and line of the file: in the reader's language where we know the fault,
 * else as libxml2 says it. Returns: (transfer full) free with g_free(). */
char *xml_fault(const xmlError *problem);

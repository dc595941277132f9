#include "tests/unit/built_program.h"

char *built_program(void)
{
	g_autofree char *self = g_file_read_link("/proc/self/exe", NULL);
	g_autofree char *folder = g_path_get_dirname(self);

	return g_build_filename(folder, "..", "pingyi", NULL);
}

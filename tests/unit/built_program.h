#pragma once

#include <glib.h>

/* (transfer full) the path of the program that was built with the test, for what runs it. */
char *built_program(void);

#pragma once

/* The classifier of the lexicon that the program carries, for the tests of what it decides. */
#include "classifier/classifier.h"

extern struct classifier *carried_classifier;

/* For tcase_add_unchecked_fixture(). */
void carried_classifier_setup(void);
void carried_classifier_teardown(void);

/* Appends the codes of its departments, each behind a space. */
void append_departments(GString *text, const struct classified *one);

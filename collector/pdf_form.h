#pragma once

/*
 * Our fill-in form, saved as a PDF: the words of its pages with their places, put back into rows.
 */
#include <gio/gio.h>

/*
 * The rows as form_text_read() reads them, and in *doubt_out what of them is not sure (enum
 * form_doubt). Returns: (transfer full) NULL when the places cannot be had, or it is no such form;
 * then *doubt_out is 0.
 */
char *pdf_form_rows(GBytes *pdf, guint *doubt_out);

/* The same of the places that pdf_read() gives: UTF-8, which is changed. Pure. (transfer full) */
char *pdf_form_place(char *places, guint *doubt_out);

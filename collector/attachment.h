#pragma once

/*
 * What is attached: name, size, hash, and the text of what can be read (.txt .html .xml .csv .rtf
 * .docx .xlsx, .pdf by pdf_read()); attached messages, .zip and winmail.dat are opened, also within
 * one another; our own fill-in form is recognised in any of them. What only a person can read
 * (pictures, old Office files, what is locked, broken or beyond a limit) is named with the reason.
 * Pure but for the PDFs.
 */
#include "collector/mime.h"
#include "collector/read.h"

#define ATTACHMENT_ITEMS_MAX    1000u               /* of one message, all levels together */
#define ATTACHMENT_DEPTH_MAX    4u                  /* files within files */
#define ATTACHMENT_UNPACKED_MAX (64u * 1024 * 1024) /* unpacked bytes of one message's archives */
#define ATTACHMENT_OFFICE_MAX   (256u << 20) /* the same of its .docx and .xlsx, for their text */
#define ATTACHMENT_ENTRIES_MAX  1000u        /* entries of one archive */
#define ATTACHMENT_RATIO_MAX    250u         /* unpacked bytes for one packed byte … */
#define ATTACHMENT_RATIO_FREE   (1u << 20)   /* … of an entry or an archive beyond this size */

/* What all attachments of a message share. */
struct attachment_run {
	struct form_answers **form; /* the forms that are found go there, as one */
	GPtrArray *problems;
	guint items_left;
	gsize unpacked_left;
	guint64 office_left;
	gsize text_left;
	const char *wanted; /* sha256: the bytes of the first that has it … */
	GBytes *found;      /* … (transfer full), or NULL */
};

/* `form_inout` and `problems` are borrowed and outlive the run; nothing is wanted. */
void attachment_begin(struct attachment_run *run, struct form_answers **form_inout,
		      GPtrArray *problems);

/* Reads one, and what is in it. (transfer full) */
struct reading_attachment *attachment_read(struct attachment_run *run,
					   const struct mime_part *part);
void reading_attachment_free(struct reading_attachment *attachment);

/* Looks for our form in `content`, and adds it to what was found before (form_answers_merge()). */
void attachment_form(const char *name, const char *type, GBytes *content,
		     struct form_answers **form_inout, GPtrArray *problems);

/* Adds a form that was found (transfer full); what is doubtful of it becomes a problem. */
void attachment_add_form(struct form_answers **form_inout, struct form_answers *found,
			 GPtrArray *problems);

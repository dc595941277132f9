#pragma once

/*
 * The template engine. A template is well-formed XHTML that opens in a browser as it is; attributes
 * in the namespace urn:pingyi:view (prefix p) bind data. It is read once and compiled to a flat
 * program of literal runs and slots, each of which escapes by its place (text, attribute, URL); a
 * compiled view is constant and may be filled by several threads at once.
 *
 *   <html xmlns="http://www.w3.org/1999/xhtml" xmlns:p="urn:pingyi:view" lang="zh"
 *         p:use="layout.xhtml">
 *   <head><title p:fill="title" p:text="round.title">第一轮</title></head>
 *   <body p:fill="content">
 *     <p p:if="!opinions">还没有意见。</p>
 *     <table p:if="opinions">
 *       <tr p:each="o in opinions" p:attr-class="{o.state}">
 *         <td><a href="#" p:attr-href="/opinion/{o.id}" p:text="o.title">一条意见</a></td>
 *         <td p:text="o.due | date">2026-11-23</td>
 *         <td><span p:if="o.days_left" p:text="o.days_left | days"/></td>
 *       </tr>
 *     </table>
 *     <input type="radio" name="g" p:attr-value="g.value" p:attr-checked="g.value = grade"/>
 *   </body></html>
 *
 * p:text="E"        the element's content is E
 * p:attr-NAME="E"   the attribute; absent when E is null or false, NAME="NAME" when E is true
 * p:if="C"          the element only where C is true
 * p:each="x in P"   the element once for each member of the array P (before p:if)
 * p:omit="yes"      the element's content without its tags
 * p:use="FILE"      on the root: the page is FILE (of the same folder), in which each element with
 *                   p:slot="NAME" gets the content of this page's element with p:fill="NAME", and
 *                   keeps its own where the page has none; on any other element: its content is
 *                   the content of FILE's root element
 *
 * P   a path: round.title. Its first name is a p:each variable or a member of the data. A member
 *     that an object has not is an error (a misspelt name shows at once), unless the path ends
 *     with "?"; null is empty text.
 * E   P, P | FORMAT, a condition, or text with any of the first two in braces: "共 {n | number}
 * 件". In href, src, action and formaction what stands in braces is percent-encoded, but for an
 *     address, alone ("link") or at the begin ("{page}/grade"), which is let through only as http,
 *     https, mailto, tel or relative.
 * C   P, !P, P = 'text', P != 'text', P = P, P != P. False are null, false, 0, "", [] and what
 *     is absent.
 * FORMAT  date    2026-11-23 (周一)      time     2026-11-23 09:05     number   1,234
 *         percent 0.975 is 97.5%         days     还剩 3 个工作日      count    members of an array
 *         word    "handed" is 待签收 (templates/words.tsv)
 *         message a message of ours that was kept in English (base/language.h)
 *
 * Refused: p:attr-on*, p:attr-style, p:attr-srcdoc, p: attributes in <script> and <style>, any
 * other p: attribute, DOCTYPE (it is written for a page) and entities. Comments are left out.
 */
#include <json-glib/json-glib.h>

#define VIEW_NS         "urn:pingyi:view"
#define VIEW_SIZE_MAX   (512u * 1024)       /* bytes of a template */
#define VIEW_OUTPUT_MAX (64u * 1024 * 1024) /* bytes that a fill may add to its output */
#define VIEW_LOOPS_MAX  8                   /* p:each within p:each */
#define VIEW_USES_MAX   8                   /* p:use within p:use */

enum view_kind {
	VIEW_PAGE, /* a document: <!DOCTYPE html> goes before the root element */
	VIEW_PART, /* a piece of one */
};

/* Finds the template at `path` ("templates/zh/layout.xhtml"): its text (borrowed) or NULL. */
typedef const char *view_loader(const char *path, gsize *size_out, void *user);

/*
 * Compiles a template. `name` is its path ("templates/zh/round.xhtml"): errors name it, p:use looks
 * in its folder. The language of formats is the root's lang, else its folder's. `fields` (or NULL:
 * any) are the names that the data have. p:use finds files among those that the binary carries.
 * Returns: (transfer full) NULL with PINGYI_ERROR_INPUT, "name:line: …".
 */
struct view *view_compile(const char *name, const char *text, gsize size, enum view_kind kind,
			  const char *const *fields, GError **error);

/* The same with another loader for p:use. */
struct view *view_compile_with(const char *name, const char *text, gsize size, enum view_kind kind,
			       const char *const *fields, view_loader *loader, void *user,
			       GError **error);

/* Appends the view, filled from `data` (an object), to `out`. FALSE with PINGYI_ERROR_BUG,
 * "name:line: …", when data and template do not fit; `out` is as it was then. */
gboolean view_fill_json(const struct view *view, JsonNode *data, GString *out, GError **error);

void view_free(struct view *view);

/* --- letters --- */

/* What a letter can name, in templates in lower case without LETTER_: p:text="enterprise". */
enum letter_field {
	LETTER_ENTERPRISE,
	LETTER_CONTACT,
	LETTER_OFFICE,
	LETTER_PHONE,
	LETTER_ADDRESS,
	LETTER_ROUND,
	LETTER_NUMBER,
	LETTER_LINK,
	LETTER_OPENS,
	LETTER_CLOSES,
	LETTER_KEEP_UNTIL,
	LETTER_SIGNED_BY,
	LETTER_DATE,
	LETTER_OPINION,
	LETTER_ANSWER,
	LETTER_FORM,       /* not empty: the fill-in form is attached */
	LETTER_TURN,       /* the how manieth reminder this is … */
	LETTER_TURNS,      /* … of how many; "": not said */
	LETTER_FIRST_DATE, /* of the letter that is reminded of */
	LETTER_NAME,       /* of digests and notices: the department's or person's */
	LETTER_TO_SIGN,    /* items, from here on */
	LETTER_WORKING,
	LETTER_DUE_TODAY,
	LETTER_DUE_SOON,
	LETTER_OVERDUE,
	LETTER_ITEMS,  /* lines */
	LETTER_FIELDS, /* their count */
};

extern const char *const letter_field_names[LETTER_FIELDS + 1]; /* ends with NULL */

/*
 * Compiles a letter's template: XHTML of a closed set of elements (letter.rng), with p:text, p:if
 * and p:attr-href and p:attr-alt, as above; p:if needs no p:each here, since all fields are text.
 * From it come the HTML part (inline styles, one column of at most 600 px, <p class="button"> with
 * a link as a button), the plain text and the subject
 * (<title>), and the printed page (letter_print.h). p:face="mail" or p:face="paper" on a block, an
 * item or an inline element leaves it out of the other face. `language` is "zh" or "en". Returns:
 * (transfer full) NULL with PINGYI_ERROR_INPUT, "name:line: …".
 */
struct letter_view *letter_view_new(const char *language, const char *name, const char *xhtml,
				    gsize size, GError **error);

/*
 * Fixes the fields whose value here is not NULL: every later fill has these values, whatever it
 * gives for them, and what depends on them alone is written now, once. To be called before the view
 * is shared.
 */
void letter_view_fix(struct letter_view *view, const char *const *values);

/* Whether the letter shows the picture cid:NAME. */
gboolean letter_view_shows(const struct letter_view *view, const char *name);

/* Whether all pictures are among `names` (ends with NULL); FALSE with PINGYI_ERROR_INPUT, file and
 * line of the first that is not. */
gboolean letter_view_check_pictures(const struct letter_view *view, const char *const *names,
				    GError **error);

/* What follows a picture's name in the HTML part, and so in its Content-ID. */
#define LETTER_PICTURE_AT "@pingyi"

/*
 * Appends both parts. `values` holds LETTER_FIELDS strings, by field; NULL is the same as "".
 * Line ends within a value stay line ends. Lines end with CR LF, as MIME wants text (RFC 2046,
 * 4.1.1). FALSE when a part would be larger than VIEW_OUTPUT_MAX: it is empty then.
 */
gboolean letter_view_fill(const struct letter_view *view, const char *const *values,
			  GString *html_out, GString *text_out);

/* Appends the printed face: blocks as templates/letter_print.h tells; dates are written out in it
 * (GB/T 9704, 7.3.5.4). FALSE when it would be larger than VIEW_OUTPUT_MAX: nothing is appended. */
gboolean letter_view_fill_print(const struct letter_view *view, const char *const *values,
				GString *out);

/* Appends the subject: one line. */
void letter_view_subject(const struct letter_view *view, const char *const *values, GString *out);

void letter_view_free(struct letter_view *view);

typedef struct view view_handle;
typedef struct letter_view letter_view_handle;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(view_handle, view_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(letter_view_handle, letter_view_free)

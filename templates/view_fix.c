#include "templates/view_program.h"

/* What the engine itself writes for one op, so that both ways cannot differ; of a condition
 * anything but "" when it holds. Returns: (transfer full) */
static GString *run_one(const struct view_program *program, const struct view_op *op,
			const char *const *values)
{
	const struct view_op mark = {.kind = OP_LIST_NUMBER};
	struct view_program one = *program;
	GString *out = g_string_new(NULL);

	one.ops = g_array_new(FALSE, FALSE, sizeof(struct view_op));
	g_array_append_val(one.ops, *op);
	if (op->kind == OP_UNLESS) {
		g_array_append_val(one.ops, mark);
		g_array_index(one.ops, struct view_op, 0).c = 2;
	}
	view_run(&one, NULL, values, out, NULL);
	g_array_unref(one.ops);
	return out;
}

/* A value as a piece's format has it. Returns: (transfer full) */
static char *formatted(const struct view_program *program, const struct view_piece *piece,
		       const char *const *values)
{
	const struct view_op op = {.kind = OP_SLOT, .b = PLACE_PLAIN};
	struct view_expression alone = {.pieces = g_array_new(FALSE, FALSE, sizeof *piece)};
	struct view_program one = *program;
	GString *text;

	one.expressions = g_ptr_array_new();
	g_array_append_vals(alone.pieces, piece, 1);
	g_ptr_array_add(one.expressions, &alone);
	text = run_one(&one, &op, values);
	g_ptr_array_unref(one.expressions);
	g_array_unref(alone.pieces);
	return g_string_free(text, FALSE);
}

/* A piece whose field is fixed becomes a literal. */
static void fix_piece(const struct view_program *program, struct view_piece *piece,
		      const char *const *values)
{
	piece->literal = piece->format == FORMAT_NONE ? g_strdup(values[piece->path.field])
						      : formatted(program, piece, values);
	piece->format = FORMAT_NONE;
}

static void fix_expression(const struct view_program *program, struct view_expression *expression,
			   const char *const *values)
{
	for (guint i = 0; i < expression->pieces->len; i++) {
		struct view_piece *piece = &g_array_index(expression->pieces, struct view_piece, i);

		if (!piece->literal && values[piece->path.field])
			fix_piece(program, piece, values);
	}
}

static gboolean is_literal(const struct view_expression *expression)
{
	for (guint i = 0; i < expression->pieces->len; i++) {
		if (!g_array_index(expression->pieces, struct view_piece, i).literal)
			return FALSE;
	}
	return TRUE;
}

/* The programs before and after, and for each op of the old where it went. */
struct fixing {
	const struct view_program *old;
	struct view_builder builder; /* of the new */
	guint *to;
	gboolean *target; /* an op that a jump leads to */
};

/* Moves an op over. Returns: the old number of the next */
static guint move(struct fixing *f, guint at)
{
	const struct view_op *op = &g_array_index(f->old->ops, struct view_op, at);
	gboolean expressed =
	    op->kind == OP_SLOT || op->kind == OP_ATTRIBUTE || op->kind == OP_UNLESS;
	g_autoptr(GString) text = NULL;

	if (op->kind == OP_LITERAL) {
		view_build_literal(&f->builder, f->old->text->str + op->a, (gssize)op->b);
		return at + 1;
	}
	if (expressed && is_literal(g_ptr_array_index(f->old->expressions, op->a))) {
		text = run_one(f->old, op, NULL);
		if (op->kind == OP_UNLESS)
			return text->len > 0 ? at + 1 : op->c;
		view_build_literal(&f->builder, text->str, (gssize)text->len);
		return at + 1;
	}
	if (op->kind == OP_ATTRIBUTE) {
		const char *name = f->old->text->str + op->c;
		g_autofree char *copy = g_strndup(name, op->d);

		view_build_attribute(&f->builder, copy, op->a, (enum view_place)op->b);
		return at + 1;
	}
	view_build_op(&f->builder, op->kind, op->a, op->b);
	if (op->kind == OP_UNLESS) {
		g_array_index(f->builder.program->ops, struct view_op,
			      f->builder.program->ops->len - 1)
		    .c = op->c;
		f->target[op->c] = TRUE;
	}
	return at + 1;
}

void view_fix(struct view_program *program, const char *const *values)
{
	struct view_program new = *program;
	guint count = program->ops->len;
	struct fixing f = {.old = program,
			   .builder.program = &new,
			   .to = g_new0(guint, count + 1),
			   .target = g_new0(gboolean, count + 1)};

	for (guint i = 0; i < program->expressions->len; i++)
		fix_expression(program, g_ptr_array_index(program->expressions, i), values);
	new.text = g_string_new(NULL);
	new.ops = g_array_new(FALSE, TRUE, sizeof(struct view_op));
	for (guint at = 0; at < count;) {
		guint next;

		if (f.target[at])
			new.joint = TRUE;
		f.to[at] = new.ops->len;
		next = move(&f, at);
		/* what is left out may be where a jump leads: it leads behind it */
		for (guint i = at + 1; i < next; i++)
			f.to[i] = new.ops->len;
		at = next;
	}
	f.to[count] = new.ops->len;
	for (guint i = 0; i < new.ops->len; i++) {
		struct view_op *op = &g_array_index(new.ops, struct view_op, i);

		if (op->kind == OP_UNLESS)
			op->c = f.to[op->c];
	}
	g_free(f.to);
	g_free(f.target);
	g_string_free(program->text, TRUE);
	g_array_unref(program->ops);
	*program = new;
}

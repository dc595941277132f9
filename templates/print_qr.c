#include "templates/print_inside.h"

#include <qrencode.h>

GByteArray *print_qr(const char *text, guint *width_out)
{
	QRcode *code = QRcode_encodeString8bit(text, 0, QR_ECLEVEL_M);
	GByteArray *out = g_byte_array_new();
	guint row;

	*width_out = 0;
	if (!code) /* longer than any code holds: the pages stay without */
		return out;
	*width_out = (guint)code->width;
	row = (*width_out + 7) / 8;
	g_byte_array_set_size(out, row * *width_out);
	for (guint i = 0; i < out->len; i++)
		out->data[i] = 0xff;
	for (guint y = 0; y < *width_out; y++) {
		for (guint x = 0; x < *width_out; x++) {
			if (code->data[y * *width_out + x] & 1)
				out->data[y * row + x / 8] &= (guint8) ~(0x80U >> x % 8);
		}
	}
	QRcode_free(code);
	return out;
}

char *print_code(const char *link, const char *number, guint sheet_page)
{
	if (sheet_page == 0)
		return g_strdup_printf("%s#%s", link, number);
	return g_strdup_printf("%s#%s.%u", link, number, sheet_page);
}

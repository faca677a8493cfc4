/* SPDX-License-Identifier: MIT */
/* The escape sequence; see escape.h. Twice the escape character sends it once. */
#include "zlogin/escape.h"

void escape_init(struct escape *e, int ch)
{
	*e = (struct escape){.ch = ch, .line_start = true};
}

size_t escape_filter(struct escape *e, const char *in, size_t n, char *out, bool *ret_disconnect)
{
	size_t i, sent = 0;

	*ret_disconnect = false;
	for (i = 0; i < n; i++) {
		unsigned char c = (unsigned char)in[i];

		if (e->held && c == '.') {
			*ret_disconnect = true;
			return sent;
		}
		if (!e->held && e->line_start && (int)c == e->ch) {
			e->held = true;
			e->line_start = false;
			continue;
		}
		if (e->held && (int)c != e->ch)
			out[sent++] = (char)e->ch;
		e->held = false;
		out[sent++] = (char)c;
		e->line_start = c == '\r' || c == '\n';
	}
	return sent;
}

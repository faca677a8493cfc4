/* SPDX-License-Identifier: MIT */
/*
 * The strict reader of a snapshot (snapshot.h). The text is changed in place:
 * lines are terminated, escapes decoded, and the strings of the result point into
 * it, so that a configuration costs one allocation and its lists.
 */
#include "zonecfg/snapshot.h"

#include "zonecfg/file.h"
#include "zonecfg/list.h"
#include "zonecfg/snapshot-fields.h"

struct reader {
	struct zone_snapshot *s;
	const struct snapshot_section *sec; /* where we are */
	void *elem;			    /* its structure */
	uint64_t seen;			    /* keys that were set, by number */
	bool open_prop;			    /* property-name came, its value did not yet */
	const char *what;		    /* what is wrong, for the operator */
};

static int wrong(struct reader *r, const char *what)
{
	r->what = what;
	return -EBADMSG;
}

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Decodes the escapes in place. False for one that the writer does not make. */
static bool decode(char *text)
{
	char *in = text, *out = text;
	int high, low;

	while (*in) {
		if (*in != '\\') {
			*out++ = *in++;
		} else if (in[1] == '\\' || in[1] == 'n') {
			*out++ = in[1] == 'n' ? '\n' : '\\';
			in += 2;
		} else {
			high = in[1] == 'x' ? hex_value(in[2]) : -1;
			low = high >= 0 ? hex_value(in[3]) : -1;
			if (low < 0 || (high == 0 && low == 0))
				return false;
			*out++ = (char)(high << 4 | low);
			in += 4;
		}
	}
	*out = '\0';
	return true;
}

static bool parse_number(const char *text, uint64_t *ret_value)
{
	uint64_t v = 0;

	if (!*text)
		return false;
	for (; *text; text++) {
		if (*text < '0' || *text > '9')
			return false;
		if (__builtin_mul_overflow(v, 10U, &v) ||
			__builtin_add_overflow(v, (unsigned)(*text - '0'), &v))
			return false;
	}
	*ret_value = v;
	return true;
}

static int set_field(struct reader *r, const struct snapshot_field *f, char *value)
{
	void *p = member_at(r->elem, f->offset);
	uint64_t number;

	switch (f->type) {
	case SNAPSHOT_STRING:
		*(const char **)p = value;
		return 0;
	case SNAPSHOT_BOOL:
		if (!streq(value, "true") && !streq(value, "false"))
			return wrong(r, "neither true nor false");
		*(bool *)p = value[0] == 't';
		return 0;
	case SNAPSHOT_U64:
		if (!parse_number(value, &number))
			return wrong(r, "bad number");
		*(uint64_t *)p = number;
		return 0;
	}
	return wrong(r, "bad type");
}

/* value=privileged,200,deny */
static int parse_rctl_value(struct reader *r, char *text, struct snapshot_rctl_value *v)
{
	char *limit = strchr(text, ','), *action;

	if (!limit)
		return wrong(r, "bad rctl value");
	*limit++ = '\0';
	action = strchr(limit, ',');
	if (!action)
		return wrong(r, "bad rctl value");
	*action++ = '\0';
	if (!streq(text, "privileged") && !streq(text, "basic"))
		return wrong(r, "bad rctl privilege");
	if (!streq(action, "deny") && !streq(action, "none"))
		return wrong(r, "bad rctl action");
	if (!parse_number(limit, &v->limit))
		return wrong(r, "bad rctl limit");
	v->privileged = text[0] == 'p';
	v->deny = action[0] == 'd';
	return 0;
}

static int add_rctl_value(struct reader *r, char *value)
{
	struct snapshot_rctl *rctl = r->elem;
	int e = list_grow(&rctl->values, &rctl->n_values, sizeof(*rctl->values));

	return e ? e : parse_rctl_value(r, value, &rctl->values[rctl->n_values - 1]);
}

static int add_option(struct reader *r, char *value)
{
	struct snapshot_fs *fs = r->elem;
	int e = list_grow(&fs->options, &fs->n_options, sizeof(*fs->options));

	if (!e)
		fs->options[fs->n_options - 1] = value;
	return e;
}

/* property-name= opens an entry, property-value= completes it. */
static int add_prop(struct reader *r, char *value, bool is_name)
{
	struct snapshot_net *net = r->elem;
	int e;

	if (is_name == r->open_prop)
		return wrong(r, "property-name and property-value must alternate");
	r->open_prop = is_name;
	if (!is_name) {
		net->props[net->n_props - 1].value = value;
		return 0;
	}
	e = list_grow(&net->props, &net->n_props, sizeof(*net->props));
	if (e)
		return e;
	net->props[net->n_props - 1] = (struct snapshot_prop){.name = value, .value = ""};
	return 0;
}

static int set_sublist(struct reader *r, const char *key, char *value)
{
	switch (r->sec->sublist) {
	case SNAPSHOT_PROPS:
		if (streq(key, "property-name"))
			return add_prop(r, value, true);
		if (streq(key, "property-value"))
			return add_prop(r, value, false);
		break;
	case SNAPSHOT_OPTIONS:
		if (streq(key, "option"))
			return add_option(r, value);
		break;
	case SNAPSHOT_VALUES:
		if (streq(key, "value"))
			return add_rctl_value(r, value);
		break;
	case SNAPSHOT_NO_SUBLIST:
		break;
	}
	return wrong(r, "unknown key");
}

static int set_key(struct reader *r, const char *key, char *value)
{
	size_t i;

	if (!decode(value))
		return wrong(r, "bad escape");
	for (i = 0; i < r->sec->n_fields; i++) {
		if (!streq(r->sec->fields[i].key, key))
			continue;
		if (r->seen & 1ULL << i)
			return wrong(r, "key comes twice");
		r->seen |= 1ULL << i;
		return set_field(r, &r->sec->fields[i], value);
	}
	return set_sublist(r, key, value);
}

/* Leaving a section: what it requires must be there. */
static int close_section(struct reader *r)
{
	const struct snapshot_rctl *rctl = r->elem;
	const struct snapshot_field *f;
	char *const *text;
	size_t i;

	for (i = 0; i < r->sec->n_fields; i++) {
		f = &r->sec->fields[i];
		text = member_at(r->elem, f->offset);
		if (f->required && !**text)
			return wrong(r, "required key missing above");
	}
	if (r->open_prop)
		return wrong(r, "property without a value above");
	if (r->sec->sublist == SNAPSHOT_VALUES && !rctl->n_values)
		return wrong(r, "rctl without a value above");
	return 0;
}

static int open_section(struct reader *r, char *line)
{
	size_t i, n = strlen(line);
	int e = close_section(r);

	if (e)
		return e;
	if (n < 3 || line[n - 1] != ']')
		return wrong(r, "bad section line");
	line[n - 1] = '\0';
	for (i = 1; i < snapshot_section_count; i++) {
		if (streq(snapshot_sections[i].name, line + 1)) {
			r->sec = &snapshot_sections[i];
			r->seen = 0;
			e = snapshot_add(r->s, r->sec, &r->elem);
			return e == -E2BIG ? wrong(r, "too many sections") : e;
		}
	}
	return wrong(r, "unknown section");
}

/* One line between the first and the last. */
static int read_line(struct reader *r, char *line)
{
	char *eq;

	if (*line == '[')
		return open_section(r, line);
	eq = strchr(line, '=');
	if (!eq)
		return wrong(r, "no key=value");
	*eq = '\0';
	return set_key(r, line, eq + 1);
}

/* s->text is the file, terminated. *ret_line counts from 1. */
static int read_text(struct reader *r, size_t size, unsigned *ret_line)
{
	char *line = r->s->text, *end = line + size, *nl;
	int e;

	for (*ret_line = 1; line < end; line = nl + 1, (*ret_line)++) {
		nl = memchr(line, '\n', (size_t)(end - line));
		if (!nl)
			return wrong(r, "line without an end");
		*nl = '\0';
		if (strlen(line) != (size_t)(nl - line))
			return wrong(r, "NUL byte");
		if (*ret_line == 1) {
			if (!streq(line, SNAPSHOT_MAGIC))
				return wrong(r, "not a snapshot of this version");
			continue;
		}
		if (streq(line, SNAPSHOT_END))
			return nl + 1 == end ? close_section(r) : wrong(r, "text after the end");
		e = read_line(r, line);
		if (e)
			return e;
	}
	return wrong(r, "cut short");
}

/* Takes data, which is malloc'd and terminated, even when it fails. */
static int read_consume(
	const char *name, char *data, size_t size, struct zone_snapshot *s, struct diag *d)
{
	struct reader r = {.s = s, .sec = &snapshot_sections[0], .elem = s};
	unsigned line;
	int e;

	zone_snapshot_init(s);
	s->text = data;
	e = read_text(&r, size, &line);
	if (!e)
		return 0;
	if (e == -EBADMSG)
		(void)diag_set(d, e, "%s: line %u: %s", name, line, r.what);
	else
		(void)diag_errno(d, e, "%s: line %u", name, line);
	zone_snapshot_fini(s);
	return e;
}

int zone_snapshot_parse(const char *text, size_t size, struct zone_snapshot *s, struct diag *d)
{
	char *copy;

	zone_snapshot_init(s);
	if (size > SNAPSHOT_FILE_MAX)
		return diag_set(d, -EFBIG, "snapshot: more than %d bytes", SNAPSHOT_FILE_MAX);
	copy = malloc(size + 1);
	if (!copy)
		return -ENOMEM;
	memcpy(copy, text, size);
	copy[size] = '\0';
	return read_consume("snapshot", copy, size, s, d);
}

int zone_snapshot_read(const char *path, struct zone_snapshot *s, struct diag *d)
{
	char *data;
	size_t size;
	int r;

	zone_snapshot_init(s);
	r = file_read(path, SNAPSHOT_FILE_MAX, &data, &size, NULL);
	if (r < 0)
		return diag_errno(d, r, "cannot read %s", path);
	return read_consume(path, data, size, s, d);
}

/* SPDX-License-Identifier: MIT */
/*
 * The index of zones (index.h). A change reads the file, makes the new text in
 * memory with every foreign line copied byte for byte, and replaces the file; what an editor wrote
 * meanwhile, who knows no lock, is read and changed again.
 *
 * Lock: the lock file is held exclusively from before the read until after the rename. It
 * is an open file description lock, so that two threads of one process exclude
 * each other too; it conflicts with the fcntl locks of other tools as those do.
 */
#include "zonecfg/index.h"

#include <ctype.h>
#include <limits.h>
#include <sys/random.h>

#include "linux/instance.h"
#include "zonecfg/file.h"
#include "zonecfg/rules.h"

#define INDEX_FILE_MAX (16 * 1024 * 1024)
#define INDEX_LINE_MAX 2048

static const char index_header[] =
	"# Index of zones, one line each: name:state:zonepath:uuid:brand:ip-type:debugid\n"
	"#\n"
	"# DO NOT EDIT: zonecfg(8) and zoneadm(8) write this file.\n"
	"#\n"
	"global:installed:/\n";

/* One line taken apart. The pointers are into the line. */
struct fields {
	struct zone_index_entry e;
	const char *rest; /* ":field:field", kept as it is, or "" */
};

/* Copies up to the next colon; moves *p behind the field, onto the colon or the end. */
static int take_field(const char **p, char *buf, size_t size)
{
	size_t n = strcspn(*p, ":");

	if (n >= size)
		return -ENAMETOOLONG;
	memcpy(buf, *p, n);
	buf[n] = '\0';
	*p += n;
	return 0;
}

/* A zonepath may be in double quotes; then it ends at the closing one. */
static int take_path(const char **p, char *buf, size_t size)
{
	const char *end;

	if (**p != '"')
		return take_field(p, buf, size);
	end = strchr(*p + 1, '"');
	if (!end || (end[1] != ':' && end[1] != '\0') || (size_t)(end - *p) > size)
		return -EINVAL;
	memcpy(buf, *p + 1, (size_t)(end - *p - 1));
	buf[end - *p - 1] = '\0';
	*p = end + 1;
	return 0;
}

/* ":brand:ip-type:debugid". What has another form is not looked at, and stays as it is. */
static void take_facts(const char **p, struct zone_index_entry *e)
{
	const char *at = *p;
	char did[16];
	uint64_t n = 0;

	if (*at++ != ':' || take_field(&at, e->brand, sizeof(e->brand)) < 0 || *at++ != ':' ||
		take_field(&at, e->ip_type, sizeof(e->ip_type)) < 0 || *at++ != ':' ||
		take_field(&at, did, sizeof(did)) < 0 ||
		(*did && (did[0] == '0' || zonecfg_parse_u64(did, &n) || n > INT32_MAX))) {
		e->brand[0] = e->ip_type[0] = '\0';
		return;
	}
	e->did = (uint32_t)n;
	*p = at;
}

/* Takes a terminated line without its newline apart. False for a line to skip. */
static bool parse_line(const char *line, struct fields *f)
{
	char state[32];
	const char *p = line;

	memset(f, 0, sizeof(*f));
	f->rest = "";
	if (*p == '#' || take_field(&p, f->e.name, sizeof(f->e.name)) < 0 || !f->e.name[0])
		return false;
	if (*p++ != ':' || take_field(&p, state, sizeof(state)) < 0)
		return false;
	if (zone_state_parse(state, &f->e.state) != Z_OK || f->e.state > ZONE_STATE_INSTALLED)
		return false;
	if (*p++ != ':' || take_path(&p, f->e.zonepath, sizeof(f->e.zonepath)) < 0)
		return false;
	if (*p == ':') {
		p++;
		if (take_field(&p, f->e.uuid, sizeof(f->e.uuid)) < 0)
			return false;
		take_facts(&p, &f->e);
	}
	f->rest = p;
	return true;
}

static bool line_is_for(const char *line, size_t len, const char *name)
{
	size_t n = strlen(name);

	return len > n && memcmp(line, name, n) == 0 && line[n] == ':';
}

/* So often a file that somebody replaces without the lock is read and changed again. */
#define CHANGE_TRIES 50

static int index_read(char **ret_data, size_t *ret_size)
{
	char path[PATH_MAX];
	int r = instance_path(path, sizeof(path), "/etc/zones/index");

	if (r < 0)
		return r;
	return file_read(path, INDEX_FILE_MAX, ret_data, ret_size, NULL);
}

int zone_index_iterate(int (*fn)(const struct zone_index_entry *e, void *arg), void *arg)
{
	_cleanup_free_ char *data = NULL;
	char *line, *end, *next;
	struct fields f;
	size_t size;
	int r;

	r = index_read(&data, &size);
	if (r == -ENOENT)
		return 0;
	if (r < 0)
		return r;
	for (line = data; line < data + size; line = next) {
		end = memchr(line, '\n', (size_t)(data + size - line));
		next = end ? end + 1 : data + size;
		if (end)
			*end = '\0';
		else
			end = next;
		/* a NUL byte in a line spoils this one, not those behind it */
		if (end - line >= INDEX_LINE_MAX || strlen(line) != (size_t)(end - line) ||
			!parse_line(line, &f))
			continue;
		r = fn(&f.e, arg);
		if (r)
			return r;
	}
	return 0;
}

struct find_arg {
	const char *name;
	const char *uuid;
	struct zone_index_entry *ret_entry;
};

static int find_one(const struct zone_index_entry *e, void *arg)
{
	struct find_arg *f = arg;

	if (f->name ? !streq(e->name, f->name) : strcasecmp(e->uuid, f->uuid) != 0)
		return 0;
	*f->ret_entry = *e;
	return 1;
}

static int find_with(struct find_arg *f)
{
	int r = zone_index_iterate(find_one, f);

	if (r < 0)
		return r;
	return r ? Z_OK : Z_NO_ZONE;
}

int zone_index_find(const char *name, struct zone_index_entry *ret_entry)
{
	return find_with(&(struct find_arg){.name = name, .ret_entry = ret_entry});
}

int zone_index_find_uuid(const char *uuid, struct zone_index_entry *ret_entry)
{
	if (!*uuid)
		return Z_NO_ZONE;
	return find_with(&(struct find_arg){.uuid = uuid, .ret_entry = ret_entry});
}

/* A random (version 4) uuid. */
static int make_uuid(char *buf, size_t size)
{
	unsigned char u[16];

	if (getrandom(u, sizeof(u), 0) != (ssize_t)sizeof(u))
		return -EIO;
	u[6] = (unsigned char)((u[6] & 0x0f) | 0x40);
	u[8] = (unsigned char)((u[8] & 0x3f) | 0x80);
	(void)snprintf(buf, size,
		"%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", u[0], u[1],
		u[2], u[3], u[4], u[5], u[6], u[7], u[8], u[9], u[10], u[11], u[12], u[13], u[14],
		u[15]);
	return 0;
}

static bool uuid_valid(const char *uuid)
{
	size_t i;

	if (strlen(uuid) != ZONE_UUID_MAX - 1)
		return false;
	for (i = 0; i < ZONE_UUID_MAX - 1; i++) {
		if (i == 8 || i == 13 || i == 18 || i == 23) {
			if (uuid[i] != '-')
				return false;
		} else if (!isxdigit((unsigned char)uuid[i])) {
			return false;
		}
	}
	return true;
}

/* Checks what is about to be written, and completes the uuid. */
static int entry_finish(struct zone_index_entry *e)
{
	if (e->state < ZONE_STATE_CONFIGURED || e->state > ZONE_STATE_INSTALLED)
		return Z_INVAL;
	if (strpbrk(e->zonepath, "\"\n") || (e->uuid[0] && !uuid_valid(e->uuid)))
		return Z_INVAL;
	if (e->state > ZONE_STATE_CONFIGURED && !e->uuid[0])
		return make_uuid(e->uuid, sizeof(e->uuid));
	return Z_OK;
}

/* The line of a zone, with its newline. */
static int format_line(char *buf, size_t size, const struct fields *f)
{
	const char *quote = strchr(f->e.zonepath, ':') ? "\"" : "";
	char facts[128] = "", did[16] = "";
	int n;

	if (f->e.did)
		(void)snprintf(did, sizeof(did), "%u", f->e.did);
	if (f->e.brand[0] || f->e.ip_type[0] || f->e.did)
		(void)snprintf(facts, sizeof(facts), ":%s:%s:%s", f->e.brand, f->e.ip_type, did);
	n = snprintf(buf, size, "%s:%s:%s%s%s:%s%s%s\n", f->e.name, zone_state_str(f->e.state),
		quote, f->e.zonepath, quote, f->e.uuid, facts, f->rest);

	return n < 0 || (size_t)n >= size ? Z_TOO_BIG : Z_OK;
}

/* What a change does to the target's line. */
enum index_op {
	INDEX_ADD,
	INDEX_MODIFY,
	INDEX_DELETE,
};

struct change {
	enum index_op op;
	const char *name;
	const struct zone_index_entry *add;   /* INDEX_ADD */
	int state;			      /* INDEX_MODIFY; negative keeps */
	const char *zonepath;		      /* INDEX_MODIFY; NULL keeps */
	const char *uuid;		      /* INDEX_MODIFY; NULL keeps */
	const char *new_name;		      /* INDEX_MODIFY; NULL keeps */
	const struct zone_index_entry *facts; /* INDEX_MODIFY; NULL keeps */
	bool seen;			      /* the target's line was there */
};

/* Applies a modification to a parsed line. */
static int modify_entry(const struct change *c, struct zone_index_entry *e)
{
	if (c->state >= 0)
		e->state = (zone_state_t)c->state;
	if (c->zonepath && str_copy(e->zonepath, sizeof(e->zonepath), c->zonepath) < 0)
		return Z_TOO_BIG;
	if (c->uuid && str_copy(e->uuid, sizeof(e->uuid), c->uuid) < 0)
		return Z_INVAL;
	if (c->facts) {
		(void)str_copy(e->brand, sizeof(e->brand), c->facts->brand);
		(void)str_copy(e->ip_type, sizeof(e->ip_type), c->facts->ip_type);
		e->did = c->facts->did;
	}
	if (c->new_name)
		(void)str_copy(e->name, sizeof(e->name), c->new_name);
	return entry_finish(e);
}

/*
 * Writes what becomes of the target's line. A line that is too long is dropped,
 * as it could never be read; one that cannot be understood is an error, as to
 * guess a state would be worse.
 */
static int change_line(struct change *c, const char *line, size_t len, FILE *out)
{
	char copy[INDEX_LINE_MAX], text[INDEX_LINE_MAX];
	struct fields f;
	int r;

	if (c->op == INDEX_ADD)
		return Z_NAME_IN_USE;
	if (len >= sizeof(copy) || c->op == INDEX_DELETE)
		return Z_OK;
	memcpy(copy, line, len);
	copy[len] = '\0';
	if (!parse_line(copy, &f))
		return Z_INVALID_DOCUMENT;
	c->seen = true;
	r = modify_entry(c, &f.e);
	if (!r)
		r = format_line(text, sizeof(text), &f);
	if (!r && fputs(text, out) < 0)
		r = -ENOMEM;
	return r;
}

static int add_line(const struct change *c, FILE *out)
{
	struct fields f = {.e = *c->add, .rest = ""};
	char text[INDEX_LINE_MAX];
	int r = entry_finish(&f.e);

	if (!r)
		r = format_line(text, sizeof(text), &f);
	if (!r && fputs(text, out) < 0)
		r = -ENOMEM;
	return r;
}

/* The new text of the index in out. */
static int change_text(struct change *c, const char *data, size_t size, FILE *out)
{
	const char *line = data, *end = data + size, *nl;
	size_t len;
	int r = Z_OK;

	for (; line < end && !r; line += len + 1) {
		nl = memchr(line, '\n', (size_t)(end - line));
		len = nl ? (size_t)(nl - line) : (size_t)(end - line);
		if (line_is_for(line, len, c->name))
			r = change_line(c, line, len, out);
		else if (c->new_name && line_is_for(line, len, c->new_name))
			r = Z_NAME_IN_USE;
		else if (fwrite(line, 1, len, out) != len || fputc('\n', out) == EOF)
			r = -ENOMEM;
	}
	if (r)
		return r;
	if (c->op == INDEX_ADD)
		return add_line(c, out);
	return c->op == INDEX_MODIFY && !c->seen ? Z_NO_ZONE : Z_OK;
}

/* Takes the lock; the descriptor holds it. */
static int index_lock(void)
{
	char path[PATH_MAX];
	int r;

	r = instance_path(path, sizeof(path), INSTANCE_RUN);
	if (!r)
		r = file_mkdirs(path);
	if (!r)
		r = instance_path(path, sizeof(path), INSTANCE_RUN "/index.lock");
	return r < 0 ? r : file_lock(path);
}

/*
 * Makes the new text from the old one, and replaces the file. The lock is held; -EAGAIN: somebody
 * who does not know it has written meanwhile.
 */
static int change_once(struct change *c, const char *path)
{
	_cleanup_free_ char *data = NULL, *text = NULL;
	_cleanup_fclose_ FILE *out = NULL;
	struct file_stamp stamp = {0};
	size_t size, text_size;
	int r;

	r = file_read(path, INDEX_FILE_MAX, &data, &size, &stamp);
	if (r < 0 && r != -ENOENT)
		return r;
	out = open_memstream(&text, &text_size);
	if (!out)
		return -errno;
	r = data ? change_text(c, data, size, out)
		 : change_text(c, index_header, sizeof(index_header) - 1, out);
	if (r)
		return r;
	if (fflush(out) == EOF)
		return -errno;
	if (c->op == INDEX_DELETE && data && text_size == size)
		return Z_OK;
	return file_replace(path, 0644, text, text_size, &stamp);
}

static int change_locked(struct change *c, const char *path)
{
	int i, r = -EAGAIN;

	for (i = 0; i < CHANGE_TRIES && r == -EAGAIN; i++) {
		c->seen = false;
		r = change_once(c, path);
	}
	return r == -EAGAIN ? -EBUSY : r;
}

static int change(struct change *c)
{
	_cleanup_close_ int lock = FD_NONE;
	char path[PATH_MAX];
	int r;

	if (zonecfg_check_zonename(c->name) != Z_OK)
		return Z_BOGUS_ZONE_NAME;
	r = instance_path(path, sizeof(path), "/etc/zones");
	if (!r)
		r = file_mkdirs(path);
	if (!r)
		r = instance_path(path, sizeof(path), "/etc/zones/index");
	if (r < 0)
		return r;
	lock = index_lock();
	if (lock < 0)
		return lock;
	return change_locked(c, path);
}

int zone_index_add(const struct zone_index_entry *entry)
{
	return change(&(struct change){.op = INDEX_ADD, .name = entry->name, .add = entry});
}

int zone_index_modify(const char *name, int state, const char *zonepath, const char *uuid)
{
	return change(&(struct change){.op = INDEX_MODIFY,
		.name = name,
		.state = state,
		.zonepath = zonepath,
		.uuid = uuid});
}

int zone_index_facts(struct zone_index_entry *e, const char *brand, bool exclusive, uint32_t did)
{
	if (str_copy(e->brand, sizeof(e->brand), brand ? brand : "") < 0 ||
		strpbrk(e->brand, ":\n"))
		return Z_INVAL;
	(void)str_copy(e->ip_type, sizeof(e->ip_type), exclusive ? "excl" : "shared");
	e->did = did;
	return Z_OK;
}

int zone_index_set_facts(const char *name, const char *brand, bool exclusive, uint32_t did)
{
	struct zone_index_entry facts = {0};
	int r = zone_index_facts(&facts, brand, exclusive, did);

	return r ? r
		 : change(&(struct change){
			   .op = INDEX_MODIFY, .name = name, .state = -1, .facts = &facts});
}

int zone_index_set_state(const char *name, zone_state_t state)
{
	return zone_index_modify(name, (int)state, NULL, NULL);
}

int zone_index_rename(const char *name, const char *new_name)
{
	if (zonecfg_check_zonename(new_name) != Z_OK)
		return Z_BOGUS_ZONE_NAME;
	if (streq(name, new_name))
		return Z_NAME_IN_USE;
	return change(&(struct change){
		.op = INDEX_MODIFY, .name = name, .state = -1, .new_name = new_name});
}

int zone_index_delete(const char *name)
{
	return change(&(struct change){.op = INDEX_DELETE, .name = name});
}

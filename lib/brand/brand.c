/* SPDX-License-Identifier: MIT */
/*
 * A brand in memory, where it lives, and its commands with the tokens expanded
 * (brand.h). Its files are read in brand-read.c.
 */
#include "brand/brand.h"

#include <limits.h>

#include "linux/instance.h"

static const char *const hook_names[BRAND_HOOK_COUNT] = {
	[BRAND_INSTALL] = "install",
	[BRAND_POSTINSTALL] = "postinstall",
	[BRAND_BOOT] = "boot",
	[BRAND_SYSBOOT] = "sysboot",
	[BRAND_HALT] = "halt",
	[BRAND_SHUTDOWN] = "shutdown",
	[BRAND_VERIFY_CFG] = "verify_cfg",
	[BRAND_VERIFY_ADM] = "verify_adm",
	[BRAND_PREUNINSTALL] = "preuninstall",
	[BRAND_UNINSTALL] = "uninstall",
	[BRAND_PREATTACH] = "preattach",
	[BRAND_ATTACH] = "attach",
	[BRAND_POSTATTACH] = "postattach",
	[BRAND_PREDETACH] = "predetach",
	[BRAND_DETACH] = "detach",
	[BRAND_POSTDETACH] = "postdetach",
	[BRAND_PRECLONE] = "preclone",
	[BRAND_CLONE] = "clone",
	[BRAND_POSTCLONE] = "postclone",
	[BRAND_PRESNAP] = "presnap",
	[BRAND_POSTSNAP] = "postsnap",
	[BRAND_VALIDATESNAP] = "validatesnap",
	[BRAND_QUERY] = "query",
	[BRAND_PRESTATECHANGE] = "prestatechange",
	[BRAND_POSTSTATECHANGE] = "poststatechange",
	[BRAND_LOGIN_CMD] = "login_cmd",
	[BRAND_FORCEDLOGIN_CMD] = "forcedlogin_cmd",
	[BRAND_USER_CMD] = "user_cmd",
};

const char *brand_hook_name(enum brand_hook hook)
{
	return hook_names[hook];
}

/* True when dir/name holds a config.xml; ret_dir is dir/name then. */
static bool holds_brand(const char *dir, const char *name, char *ret_dir, size_t size)
{
	char path[PATH_MAX];
	int n = snprintf(path, sizeof(path), "%s/%s/config.xml", dir, name);

	if (n < 0 || (size_t)n >= sizeof(path) || access(path, R_OK) < 0)
		return false;
	n = snprintf(ret_dir, size, "%s/%s", dir, name);
	return n >= 0 && (size_t)n < size;
}

bool brand_is_foreign(const char *name)
{
	static const char *const known[] = {"bhyve", "cluster", "emu", "illumos", "ipkg", "joyent",
		"joyent-minimal", "kvm", "labeled", "lipkg", "lx", "native", "omicron1", "pkgsrc",
		"propolis", "sn1", "solaris", "solaris10", "solaris8", "solaris9"};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(known); i++) {
		if (streq(known[i], name))
			return true;
	}
	return false;
}

int brand_find(const char *name, char *ret_dir, size_t size)
{
	const char *brands = getenv("ZONES_BRANDS");
	char dir[PATH_MAX];
	int r;

	if (zonecfg_check_brandname(name))
		return Z_BRAND_ERROR;
	r = instance_path(dir, sizeof(dir), "%s", instance_brands());
	if (r)
		return r;
	if (holds_brand(dir, name, ret_dir, size))
		return Z_OK;
	if (brands && brands[0] == '/' && holds_brand(brands, name, ret_dir, size))
		return Z_OK;
	return holds_brand(instance_brands(), name, ret_dir, size) ? Z_OK : Z_BRAND_ERROR;
}

struct brand *brand_free(struct brand *b)
{
	size_t i;

	if (!b)
		return NULL;
	for (i = 0; i < BRAND_HOOK_COUNT; i++)
		free(b->hooks[i]);
	for (i = 0; i < b->n_mounts; i++) {
		free(b->mounts[i].special);
		free(b->mounts[i].dir);
		free(b->mounts[i].type);
		free(b->mounts[i].opt);
	}
	for (i = 0; i < b->n_devices; i++) {
		free(b->devices[i].match);
		free(b->devices[i].name);
		free(b->devices[i].ip_type);
	}
	for (i = 0; i < b->n_symlinks; i++) {
		free(b->symlinks[i].source);
		free(b->symlinks[i].target);
	}
	for (i = 0; i < b->n_privileges; i++) {
		free(b->privileges[i].set);
		free(b->privileges[i].name);
		free(b->privileges[i].ip_type);
	}
	free(b->mounts);
	free(b->devices);
	free(b->symlinks);
	free(b->privileges);
	free(b->name);
	free(b->dir);
	free(b->modname);
	free(b->restartinit);
	free(b->initname);
	free(b->installopts);
	free(b);
	return NULL;
}

/* Characters that mean nothing to a shell. */
static bool is_safe(const char *value)
{
	static const char safe[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				   "0123456789/._-+:@,=";

	return *value && strspn(value, safe) == strlen(value);
}

/*
 * Writes a token's value. keep_percent: the text will be expanded a second time,
 * so a percent sign in the value is doubled.
 */
static void put_value(FILE *out, const char *value, bool quote, bool keep_percent)
{
	bool quoted = quote && !is_safe(value);

	if (quoted)
		(void)fputc('\'', out);
	for (; *value; value++) {
		if (quoted && *value == '\'')
			(void)fputs("'\\''", out);
		else if (keep_percent && *value == '%')
			(void)fputs("%%", out);
		else
			(void)fputc(*value, out);
	}
	if (quoted)
		(void)fputc('\'', out);
}

/* Writes one token. Z_OK or Z_BRAND_ERROR. */
static int put_token(FILE *out, char token, const struct brand_tokens *t)
{
	switch (token) {
	case 'z':
		put_value(out, t->zone, t->quote, !t->user);
		return Z_OK;
	case 'R':
		put_value(out, t->root, t->quote, !t->user);
		return Z_OK;
	case 'B':
		put_value(out, t->dir, t->quote, !t->user);
		return Z_OK;
	case 'u':
		if (t->user)
			put_value(out, t->user, t->quote, false);
		else
			(void)fputs("%u", out);
		return Z_OK;
	case '%':
		(void)fputs(t->user ? "%" : "%%", out);
		return Z_OK;
	default:
		return Z_BRAND_ERROR;
	}
}

int brand_expand(const char *text, const struct brand_tokens *t, char **ret_text)
{
	_cleanup_free_ char *result = NULL;
	size_t size;
	FILE *out = open_memstream(&result, &size);
	int r = Z_OK;

	if (!out)
		return -errno;
	for (; *text && !r; text++) {
		if (*text == '%')
			r = put_token(out, *++text, t);
		else
			(void)fputc(*text, out);
		if (r)
			break;
	}
	if (fclose(out) == EOF)
		return -ENOMEM;
	if (!r)
		*ret_text = TAKE_PTR(result);
	return r;
}

int brand_command(const struct brand *brand, enum brand_hook hook, const char *zone,
	const char *zonepath, const char *user, char **ret_command)
{
	const struct brand_tokens tokens = {
		.zone = zone,
		.root = zonepath,
		.dir = brand->dir,
		.user = user,
		.quote = true,
	};

	if (!brand->hooks[hook]) {
		*ret_command = NULL;
		return Z_OK;
	}
	return brand_expand(brand->hooks[hook], &tokens, ret_command);
}

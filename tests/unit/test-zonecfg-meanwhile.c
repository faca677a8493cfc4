/* SPDX-License-Identifier: MIT */
/*
 * What happens to the files while zonecfg works on them: somebody else changes, moves, deletes or
 * only half writes them. Nobody's work is lost. The brand's verify_cfg hook, which runs between the
 * reading and the writing of a commit, stands for the other one.
 */
#include "zonecfg-run.h"

#include <pthread.h>

#include "zonecfg/file.h"

/* A brand whose hook does this, with %R/../.. for the root of the tree. */
static void meanwhile(const char *what)
{
	char text[1024];

	tree_mkdir("/zones/web");
	(void)snprintf(text, sizeof(text),
		"<brand name=\"sparse\"><initname>/init</initname>"
		"<login_cmd>/bin/login</login_cmd><verify_cfg>cd %%R/../../etc/zones; %s; true"
		"</verify_cfg></brand>",
		what);
	tree_write("/usr/lib/brand/sparse/config.xml", text);
}

/* Refused with this text; the other one's change is there, ours is not. */
static void lost(const char *zone, const char *commands, const char *why, const char *theirs)
{
	char *xml;

	expect(zone, commands, 1, why);
	xml = strdup(tree_read(XML));
	if (theirs && !strstr(xml, theirs))
		fail_msg("'%s' is not in %s", theirs, xml);
	assert_null(strstr(xml, "pool=\"ours\""));
	free(xml);
	make_brand();
}

static void another_one_saves_first(void **state)
{
	meanwhile("sed -i 's/ autoboot/ bootargs=&quot;theirs&quot; autoboot/' web.xml");
	lost("web", "set pool=ours", "web.xml was changed by somebody else: nothing was saved",
		"bootargs=\"theirs\"");
	expect("web", "set pool=ours; info bootargs", 0, "bootargs: theirs");
	/* one run may save several times */
	expect("web", "set pool=a; commit; set pool=b; commit; info pool", 0, "pool: b");
	/* begun anew on purpose */
	meanwhile("sed -i s/theirs/others/ web.xml");
	expect("web", "create -F -b; set brand=sparse; set zonepath=/zones/web; commit", 0, "");
	make_brand();
}

static void it_moves(void **state)
{
	assert_int_equal(zone_index_set_state("web", ZONE_STATE_INSTALLED), Z_OK);
	meanwhile("sed -i s,/zones/web,/zones/new, index web.xml");
	lost("web", "set pool=ours", "its zonepath is /zones/new now: nothing was saved",
		"zonepath=\"/zones/new\"");
	assert_non_null(strstr(tree_read(INDEX), "web:installed:/zones/new:"));
	/* the file has moved already, the index has not */
	expect("web", "info zonepath", 0, "zonepath: /zones/new");
	meanwhile("sed -i s,/zones/new,/zones/third, web.xml");
	lost("web", "set pool=ours", "was changed by somebody else", "zonepath=\"/zones/third\"");
	assert_non_null(strstr(tree_read(INDEX), "web:installed:/zones/new:"));
}

static void it_goes(void **state)
{
	meanwhile("sed -i /^web:/d index; rm web.xml");
	lost("web", "set pool=ours", "it was deleted by somebody else", NULL);
	assert_false(tree_exists(XML));
	assert_null(strstr(tree_read(INDEX), "\nweb:"));
	/* deleted and made anew */
	assert_int_equal(make_web(state), 0);
	meanwhile("sed s/web0/web7/ web.xml > new; mv new web.xml");
	lost("web", "set pool=ours", "was changed by somebody else", "web7");
	/* only the file goes */
	assert_int_equal(make_web(state), 0);
	meanwhile("rm web.xml");
	lost("web", "set pool=ours", "was changed by somebody else", NULL);
	assert_non_null(strstr(tree_read(INDEX), "\nweb:configured:"));
}

static void two_make_it(void **state)
{
	expect("web", "delete -F", 0, "");
	meanwhile("echo web:configured:/zones/theirs: >> index; "
		  "echo theirs > web.xml");
	lost("web", "create; set zonepath=/zones/web; set pool=ours", "Zone name already in use",
		"theirs");
	assert_non_null(strstr(tree_read(INDEX), "web:configured:/zones/theirs:"));
	assert_int_equal(zone_index_delete("web"), Z_OK);
	/* renamed to a name that is taken meanwhile */
	assert_int_equal(unlink(tree_path(XML)), 0);
	assert_int_equal(make_web(state), 0);
	meanwhile("echo other:configured:/zones/other: >> index");
	expect("web", "set zonename=other; set pool=ours", 1,
		"zonename 'other': Zone name already in use");
	assert_null(strstr(tree_read(XML), "ours"));
	assert_int_equal(zone_index_delete("other"), Z_OK);
	make_brand();
}

static void the_index_breaks(void **state)
{
	meanwhile("mv index index.old; mkdir index");
	expect("web", "set pool=ours", 1, "cannot read the index of zones");
	assert_null(strstr(tree_read(XML), "ours"));
	expect("web", "info", 1, "cannot read the index of zones");
	expect("web", "delete -F", 1, "cannot");
	assert_true(tree_exists(XML));
	assert_int_equal(rmdir(tree_path(INDEX)), 0);
	assert_int_equal(rename(tree_path("/etc/zones/index.old"), tree_path(INDEX)), 0);
	make_brand();
}

/* ---- many at once ---- */

#define WRITERS 4
#define ROUNDS	20

static void *add_and_remove(void *arg)
{
	struct zone_index_entry e = {.state = ZONE_STATE_CONFIGURED};
	int i;

	(void)snprintf(e.name, sizeof(e.name), "w%d", *(const int *)arg);
	(void)snprintf(e.zonepath, sizeof(e.zonepath), "/zones/%s", e.name);
	for (i = 0; i < ROUNDS; i++) {
		if (zone_index_add(&e) || (i + 1 < ROUNDS && zone_index_delete(e.name)))
			return arg;
	}
	return NULL;
}

static void many_writers(void **state)
{
	pthread_t threads[WRITERS];
	int numbers[WRITERS], i;
	char name[16];
	void *failed;

	tree_write(INDEX, "# mine\nglobal:installed:/\nold:installed:/zones/old::extra\n");
	for (i = 0; i < WRITERS; i++) {
		numbers[i] = i;
		assert_int_equal(pthread_create(&threads[i], NULL, add_and_remove, &numbers[i]), 0);
	}
	for (i = 0; i < WRITERS; i++) {
		assert_int_equal(pthread_join(threads[i], &failed), 0);
		assert_null(failed);
	}
	for (i = 0; i < WRITERS; i++) {
		(void)snprintf(name, sizeof(name), "\nw%d:", i);
		assert_non_null(strstr(tree_read(INDEX), name));
	}
	assert_non_null(strstr(tree_read(INDEX), "# mine\nglobal:installed:/\n"
						 "old:installed:/zones/old::extra\n"));
}

/* What an editor saved, who knows no lock, is not replaced by what was made of the file before. */
static void replaced_meanwhile(void **state)
{
	struct file_stamp stamp;
	const char *path = tree_path("/f");

	tree_write("/f", "one");
	assert_int_equal(file_stamp(path, &stamp), 0);
	tree_write("/f", "the other one");
	assert_int_equal(file_replace(path, 0644, "two", 3, &stamp), -EAGAIN);
	assert_string_equal(tree_read("/f"), "the other one");
	assert_int_equal(file_stamp(path, &stamp), 0);
	assert_int_equal(file_replace(path, 0644, "two", 3, &stamp), 0);
	assert_string_equal(tree_read("/f"), "two");
	assert_int_equal(unlink(path), 0);
	assert_int_equal(file_replace(path, 0644, "two", 3, &stamp), -EAGAIN);
	assert_false(tree_exists("/f"));
	assert_int_equal(file_replace(path, 0644, "two", 3, &(struct file_stamp){0}), 0);
	assert_int_equal(file_replace(path, 0644, "two", 3, &(struct file_stamp){0}), -EAGAIN);
	assert_int_equal(unlink(path), 0);
}

/* A file that is written in place is read when it has come to rest. */
static void *write_slowly(void *arg)
{
	static const char text[] =
		"<zone name=\"slow\" zonepath=\"/zones/slow\" brand=\"sparse\">\n"
		"<rctl name=\"zone.max-lwps\">"
		"<rctl-value priv=\"privileged\" limit=\"100\" action=\"deny\"/></rctl></zone>\n";
	int fd = open(arg, O_WRONLY | O_TRUNC | O_CLOEXEC);
	size_t i;

	for (i = 0; fd >= 0 && i < sizeof(text) - 1; i++) {
		if (write(fd, text + i, 1) != 1)
			break;
		(void)usleep(500);
	}
	(void)close(fd);
	return NULL;
}

static void a_slow_writer(void **state)
{
	char path[PATH_MAX + 64];
	pthread_t writer;
	int r = 1, whole = 0;

	tree_write("/etc/zones/slow.xml", "");
	(void)zone_index_add(&(struct zone_index_entry){
		.name = "slow", .state = ZONE_STATE_CONFIGURED, .zonepath = "/zones/slow"});
	(void)str_copy(path, sizeof(path), tree_path("/etc/zones/slow.xml"));
	assert_int_equal(pthread_create(&writer, NULL, write_slowly, path), 0);
	while (pthread_tryjoin_np(writer, NULL)) {
		r = CFG("slow", "info zonepath");
		if (r == 0 && !strstr(out, "zonepath: /zones/slow\n"))
			fail_msg("half a file was taken: %s", out);
		whole += r == 0;
	}
	expect("slow", "info max-lwps", 0, "[max-lwps: 100]");
	expect("slow", "delete -F", 0, "");
}

int main(int argc, char *argv[])
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(another_one_saves_first, make_web),
		cmocka_unit_test_setup(it_moves, make_web),
		cmocka_unit_test_setup(it_goes, make_web),
		cmocka_unit_test_setup(two_make_it, make_web),
		cmocka_unit_test_setup(the_index_breaks, make_web),
		cmocka_unit_test(many_writers),
		cmocka_unit_test(replaced_meanwhile),
		cmocka_unit_test(a_slow_writer),
	};

	if (!programs_from(argc, argv))
		return 2;
	return cmocka_run_group_tests(tests, setup, tree_remove);
}

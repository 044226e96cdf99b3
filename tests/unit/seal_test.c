/* Sealed text: what opens and what does not, and the vectors of the standards it stands on. */
#include "wire/seal.h"

#include "base/map.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

struct world {
	struct ctx cx;
	struct seal_ring ring;
};

static const struct seal_context here = {
	{"cases", sizeof "cases" - 1}, {"who", sizeof "who" - 1}, {"17", sizeof "17" - 1}};

static int set_up(void **state)
{
	static struct world w;

	w = (struct world){.cx = {.mem = arena_create(), .is_english = true, .now_us = 1}};
	*state = &w;
	return 0;
}

static int tear_down(void **state)
{
	arena_free(((struct world *)*state)->cx.mem);
	return 0;
}

static struct seal_key *new_key(struct world *w, enum seal_suite suite)
{
	struct seal_key *key;

	assert_int_equal(seal_key_new(&w->cx, w->cx.mem, suite, &key), ERR_OK);
	*VEC_PUSH(w->cx.mem, &w->ring.list) = key;
	w->ring.current = key;
	return key;
}

static struct str seal(struct world *w, struct str text)
{
	struct str sealed;

	assert_int_equal(
		seal_text(&w->cx, w->cx.mem, w->ring.current, &here, NULL, text, &sealed), ERR_OK);
	return sealed;
}

static enum err open_at(struct world *w, const struct seal_context *at, struct str sealed)
{
	struct str out;

	return seal_open(&w->cx, w->cx.mem, &w->ring, at, sealed, &out);
}

static void text_comes_back(void **state)
{
	static const char *const texts[] = {"", "a", "fifteen bytes!!", "sixteen bytes!!!",
		"欧阳 \n\t second line", "v1:000000000000:AAAA", "~1AAAAAAAAAAAA"};
	struct world *w = *state;
	struct str sealed, out;
	char id[SEAL_KEY_ID_SIZE], head[SEAL_HEAD_SIZE];

	for (int suite = SEAL_XCHACHA20; suite <= SEAL_SM4; suite++) {
		const struct seal_key *key = new_key(w, (enum seal_suite)suite);
		for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
			sealed = seal(w, str_from(texts[i]));
			assert_true(seal_is_sealed(sealed, id));
			assert_string_equal(id, key->id);
			assert_true(
				str_starts(sealed, str_z(w->cx.mem, seal_head(key, false, head))));
			assert_int_equal(
				seal_open(&w->cx, w->cx.mem, &w->ring, &here, sealed, &out),
				ERR_OK);
			assert_true(str_eq(out, str_from(texts[i])));
		}
	}
}

static void the_same_text_differs_and_short_texts_are_as_long(void **state)
{
	struct world *w = *state;

	new_key(w, SEAL_XCHACHA20);
	assert_false(str_eq(seal(w, STR("yes")), seal(w, STR("yes"))));
	assert_int_equal(seal(w, STR("no")).n, seal(w, STR("欧阳娜娜")).n);
}

/* Every single byte counts, head, nonce, text and tag. */
static void what_was_changed_does_not_open(void **state)
{
	struct world *w = *state;

	for (int suite = SEAL_XCHACHA20; suite <= SEAL_SM4; suite++) {
		struct str sealed;
		new_key(w, (enum seal_suite)suite);
		sealed = seal(w, STR("secret"));
		for (size_t i = 0; i < sealed.n; i++) {
			char *bent = arena_strn(w->cx.mem, sealed.p, sealed.n);
			bent[i] = bent[i] == 'A' ? 'B' : 'A';
			assert_int_not_equal(
				open_at(w, &here, (struct str){bent, sealed.n}), ERR_OK);
			assert_int_not_equal(open_at(w, &here, str_sub(sealed, 0, i)), ERR_OK);
		}
		assert_int_equal(open_at(w, &here, sealed), ERR_OK);
	}
}

static void what_was_moved_does_not_open(void **state)
{
	static const struct seal_context others[] = {
		{{"cases", sizeof "cases" - 1}, {"who", sizeof "who" - 1}, {"18", sizeof "18" - 1}},
		{{"cases", sizeof "cases" - 1}, {"whom", sizeof "whom" - 1},
			{"17", sizeof "17" - 1}},
		{{"case", sizeof "case" - 1}, {"swho", sizeof "swho" - 1}, {"17", sizeof "17" - 1}},
		{{"cases", sizeof "cases" - 1}, {"who1", sizeof "who1" - 1},
			{"7", sizeof "7" - 1}}};
	struct world *w = *state;

	for (int suite = SEAL_XCHACHA20; suite <= SEAL_SM4; suite++) {
		struct str sealed;
		new_key(w, (enum seal_suite)suite);
		sealed = seal(w, STR("secret"));
		for (size_t i = 0; i < ARRAY_LEN(others); i++)
			assert_int_equal(open_at(w, &others[i], sealed), ERR_STORE);
	}
}

static void another_key_does_not_open(void **state)
{
	struct world *w = *state;
	const struct seal_key *first = new_key(w, SEAL_XCHACHA20), *second;
	struct str sealed = seal(w, STR("secret"));
	struct seal_ring ring = {0};
	char *claimed, head[SEAL_HEAD_SIZE];

	second = new_key(w, SEAL_XCHACHA20);
	assert_string_not_equal(first->id, second->id);
	*VEC_PUSH(w->cx.mem, &ring.list) = w->ring.list.items[1];
	w->ring = ring;
	assert_int_equal(open_at(w, &here, sealed), ERR_CONFLICT);
	assert_non_null(strstr(w->cx.error.p, first->id));
	/* Under the second key's name it is not the second key's. */
	claimed = arena_strn(w->cx.mem, sealed.p, sealed.n);
	memcpy(claimed, head, seal_head(second, false, head).n);
	assert_int_equal(open_at(w, &here, (struct str){claimed, sealed.n}), ERR_STORE);
}

static void prints_compare_and_tell_nothing_else(void **state)
{
	struct world *w = *state;
	unsigned char prints[6][SEAL_PRINT_BYTES];

	for (int suite = SEAL_XCHACHA20; suite <= SEAL_SM4; suite++) {
		const struct seal_key *key = new_key(w, (enum seal_suite)suite);
		const struct seal_key *other = new_key(w, (enum seal_suite)suite);
		assert_int_equal(seal_print(&w->cx, key, STR("a.b"), STR("x"), prints[0]), ERR_OK);
		assert_int_equal(seal_print(&w->cx, key, STR("a.b"), STR("x"), prints[1]), ERR_OK);
		assert_int_equal(seal_print(&w->cx, key, STR("a.b"), STR("y"), prints[2]), ERR_OK);
		assert_int_equal(seal_print(&w->cx, key, STR("a.c"), STR("x"), prints[3]), ERR_OK);
		assert_int_equal(seal_print(&w->cx, key, STR("a."), STR("bx"), prints[4]), ERR_OK);
		assert_int_equal(
			seal_print(&w->cx, other, STR("a.b"), STR("x"), prints[5]), ERR_OK);
		assert_memory_equal(prints[0], prints[1], SEAL_PRINT_BYTES);
		for (size_t i = 2; i < ARRAY_LEN(prints); i++)
			assert_memory_not_equal(prints[0], prints[i], SEAL_PRINT_BYTES);
	}
}

/* Made by a program from before the short form, with the bytes 0 to 31 as the key. */
static const struct {
	enum seal_suite suite;
	const char *sealed, *print;
} former[] = {{SEAL_XCHACHA20,
		      "v1:4adb810c434c:c6FK2BASCzVFcSiqNa0bscpWp2m/aOOWQ/x0qeN6OxOnomNvsehroR4z4/"
		      "66H8a2O3XsVZ/riKU",
		      "2bdea8e89d1989d82002ae9344a21198"},
	{SEAL_SM4,
		"v2:ea0259d3e406:ZOxGrU0MxtOo3WffBATQzFXx22n/P0jJaQMvbn+0ldxFDaR6q5N/"
		"GMVoghiNPJSZhHY/5p501E4dhpMuELY55A",
		"46a056aefb32bf60625f7d77082e486c"}};

static struct seal_key *former_key(struct world *w, enum seal_suite suite)
{
	unsigned char master[SEAL_KEY_SIZE];
	struct seal_key *key;

	for (size_t i = 0; i < sizeof master; i++)
		master[i] = (unsigned char)i;
	assert_int_equal(seal_key_of(&w->cx, w->cx.mem, suite, master, &key), ERR_OK);
	*VEC_PUSH(w->cx.mem, &w->ring.list) = key;
	return key;
}

static void the_former_form_opens_where_it_belongs(void **state)
{
	struct seal_context moved = here;
	struct world *w = *state;

	moved.row = STR("18");
	for (size_t k = 0; k < ARRAY_LEN(former); k++) {
		const struct seal_key *key = former_key(w, former[k].suite);
		struct str sealed = str_from(former[k].sealed), out;
		char id[SEAL_KEY_ID_SIZE], head[SEAL_HEAD_SIZE];
		assert_true(seal_is_sealed(sealed, id));
		assert_string_equal(id, key->id);
		assert_true(str_starts(sealed, str_z(w->cx.mem, seal_head(key, true, head))));
		assert_int_equal(
			seal_open(&w->cx, w->cx.mem, &w->ring, &here, sealed, &out), ERR_OK);
		assert_true(str_is(out, "欧阳"));
		assert_int_equal(open_at(w, &moved, sealed), ERR_STORE);
		for (size_t i = 0; i < sealed.n; i++) {
			char *bent = arena_strn(w->cx.mem, sealed.p, sealed.n);
			bent[i] = bent[i] == 'A' ? 'B' : 'A';
			assert_int_not_equal(
				open_at(w, &here, (struct str){bent, sealed.n}), ERR_OK);
			assert_int_not_equal(open_at(w, &here, str_sub(sealed, 0, i)), ERR_OK);
		}
	}
}

static void a_print_is_that_of_the_former_form(void **state)
{
	struct world *w = *state;
	unsigned char print[SEAL_PRINT_BYTES];
	char text[SEAL_PRINT_SIZE], hex[SEAL_PRINT_HEX];

	for (size_t k = 0; k < ARRAY_LEN(former); k++) {
		const struct seal_key *key = former_key(w, former[k].suite);
		assert_int_equal(
			seal_print(&w->cx, key, STR("cases.who"), STR("欧阳"), print), ERR_OK);
		seal_print_hex(print, hex);
		assert_string_equal(hex, former[k].print);
		seal_print_text(print, text);
		assert_int_equal(strlen(text), SEAL_PRINT_SIZE - 1);
	}
}

/* An identity number: 85 letters in the store, where the former form took 145. */
static void a_short_text_is_kept_short(void **state)
{
	struct world *w = *state;

	new_key(w, SEAL_XCHACHA20);
	assert_int_equal(seal(w, STR("990000201401010008")).n, 85);
	assert_int_equal(seal(w, STR("short")).n, 64);
}

/* More values than one drawing of salts is enough for: no two are the same, and all open. */
static void salts_drawn_ahead_never_repeat(void **state)
{
	enum { COUNT = 2000 };
	struct world *w = *state;
	struct seal_salts salts = {0};
	struct strmap seen;

	strmap_init(&seen, w->cx.mem);
	for (int suite = SEAL_XCHACHA20; suite <= SEAL_SM4; suite++) {
		new_key(w, (enum seal_suite)suite);
		for (size_t i = 0; i < COUNT; i++) {
			struct str sealed;
			bool is_new;
			assert_int_equal(seal_text(&w->cx, w->cx.mem, w->ring.current, &here,
						 &salts, STR("yes"), &sealed),
				ERR_OK);
			(void)strmap_put(&seen, sealed, &is_new);
			assert_true(is_new);
			assert_int_equal(open_at(w, &here, sealed), ERR_OK);
		}
	}
}

static void a_text_that_only_begins_so_is_not_sealed(void **state)
{
	static const char *const texts[] = {"", "~", "~1", "~1AAAAAAAA", "~1AAAAAAAAAAAAAAAAAAAA",
		"~1 and a long sentence that goes on and on until it is long enough for one",
		"~1AAAAAAAA and a long sentence that goes on until it is long enough for one",
		"~3AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
		"v1:", "v1:00000000000g:AAAA", "v3:000000000000:AAAA", "990000201401010008"};
	char id[SEAL_KEY_ID_SIZE];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		assert_false(seal_is_sealed(str_from(texts[i]), id));
}

static void a_key_is_known_by_what_it_is(void **state)
{
	struct world *w = *state;
	const struct seal_key *made = new_key(w, SEAL_XCHACHA20);
	struct seal_key *again, *other;

	assert_int_equal(
		seal_key_of(&w->cx, w->cx.mem, SEAL_XCHACHA20, made->master, &again), ERR_OK);
	assert_string_equal(made->id, again->id);
	assert_memory_equal(made->cipher, again->cipher, SEAL_KEY_SIZE);
	assert_int_equal(seal_key_of(&w->cx, w->cx.mem, SEAL_SM4, made->master, &other), ERR_OK);
	assert_string_not_equal(made->id, other->id);
}

static void bytes_of_hex(const char *hex, unsigned char *out)
{
	for (size_t i = 0; hex[2 * i]; i++) {
		char digits[3] = {hex[2 * i], hex[2 * i + 1]}, *end;
		out[i] = (unsigned char)strtoul(digits, &end, 16);
		assert_ptr_equal(end, digits + 2);
	}
}

/* GB/T 32907-2016, A.1: the key stream of one block is the block enciphered. */
static void sm4_is_that_of_the_standard(void **state)
{
	struct world *w = *state;
	unsigned char block[16], expected[16], zero[16] = {0}, out[16];

	bytes_of_hex("0123456789abcdeffedcba9876543210", block);
	bytes_of_hex("681edf34d206965e86b3e94f536e4246", expected);
	assert_int_equal(seal_sm4_ctr(&w->cx, block, block, zero, sizeof zero, out), ERR_OK);
	assert_memory_equal(out, expected, sizeof out);
}

/* GM/T 0042-2015, D.3: HMAC with SM3; in two parts, as it is used here. */
static void hmac_sm3_is_that_of_the_standard(void **state)
{
	struct world *w = *state;
	const struct str text = STR("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"
				    "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq");
	const struct str parts[] = {str_sub(text, 0, 7), str_sub(text, 7, text.n)};
	unsigned char key[32], expected[32], out[32];

	bytes_of_hex("0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20", key);
	bytes_of_hex("ca05e144ed05d1857840d1f318a4a8669e559fc8391f414485bfdf7bb408963a", expected);
	assert_int_equal(seal_hmac_sm3(&w->cx, (struct str){(const char *)key, sizeof key}, parts,
				 ARRAY_LEN(parts), out),
		ERR_OK);
	assert_memory_equal(out, expected, sizeof out);
}

#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {T(text_comes_back),
		T(the_same_text_differs_and_short_texts_are_as_long),
		T(what_was_changed_does_not_open), T(what_was_moved_does_not_open),
		T(another_key_does_not_open), T(prints_compare_and_tell_nothing_else),
		T(the_former_form_opens_where_it_belongs), T(a_print_is_that_of_the_former_form),
		T(a_short_text_is_kept_short), T(salts_drawn_ahead_never_repeat),
		T(a_text_that_only_begins_so_is_not_sealed), T(a_key_is_known_by_what_it_is),
		T(sm4_is_that_of_the_standard), T(hmac_sm3_is_that_of_the_standard)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

"""tools/check-layers: each rule with a tree that breaks it and one that keeps it."""
import importlib.machinery
import importlib.util
import os
import tempfile
import unittest

loader = importlib.machinery.SourceFileLoader("check_layers", os.path.abspath("tools/check-layers"))
spec = importlib.util.spec_from_loader("check_layers", loader)
check_layers = importlib.util.module_from_spec(spec)
loader.exec_module(check_layers)


class CheckLayers(unittest.TestCase):
    def run_on(self, files):
        with tempfile.TemporaryDirectory() as root:
            for path, text in files.items():
                full = os.path.join(root, "src", path)
                os.makedirs(os.path.dirname(full), exist_ok=True)
                with open(full, "w", encoding="utf-8") as f:
                    f.write(text)
            return check_layers.check(root)

    def good(self, files):
        self.assertEqual(self.run_on(files)[0], [])

    def bad(self, files, *parts):
        errors = self.run_on(files)[0]
        self.assertEqual(len(errors), 1, errors)
        for part in parts:
            self.assertIn(part, errors[0])

    def test_each_layer_may_use_what_is_below_it(self):
        self.good({
            "base/a.c": '#include "base/a.h"\n#include <stdio.h>\n',
            "wire/a.c": '#include "base/a.h"\n#include "wire/b.h"\n',
            "db/a.c": '#include "wire/b.h"\n#include <sqlite3.h>\n',
            "engine/lp/a.c": '#include "engine/graph/g.h"\n#include "base/a.h"\n',
            "mod/org/org.c": '#include "mod/org/org_internal.h"\n#include "mod/pack/pack.h"\n#include "db/db.h"\n',
            "app.c": '#include "mod/org/org_api.h"\n#include "app.h"\n',
        })

    def test_base_must_not_reach_up(self):
        self.bad({"base/a.c": '\n  #  include "wire/b.h"\n'}, "src/base/a.c:2", "base must not use wire")

    def test_wire_must_not_use_the_store(self):
        self.bad({"wire/a.h": '#include "db/db.h"\n'}, "wire must not use db")

    def test_siblings_must_not_use_each_other(self):
        self.bad({"http/a.c": '#include "db/db.h"\n'}, "http must not use db")

    def test_engine_uses_base_only(self):
        self.bad({"engine/lp/a.c": '#include "wire/json.h"\n'}, "engine/lp must not use wire")

    def test_nothing_below_uses_a_module(self):
        self.bad({"job/a.c": '#include "mod/org/org.h"\n'}, "job must not use mod/org")

    def test_of_another_module_only_its_front_header_is_used(self):
        self.bad({"mod/org/org.c": '#include "mod/pack/pack_internal.h"\n'}, "keeps this header to itself")

    def test_a_circle_of_modules_is_found(self):
        self.bad({
            "mod/a/a.c": '#include "mod/b/b.h"\n',
            "mod/b/b.c": '#include "mod/c/c.h"\n',
            "mod/c/c.c": '#include "mod/a/a.h"\n',
        }, "a circle", "src/mod/a/a.c:1 uses mod/b", "src/mod/c/c.c:1 uses mod/a")

    def test_a_circle_of_engine_rooms_is_found(self):
        self.bad({
            "engine/a/a.h": '#include "engine/b/b.h"\n',
            "engine/b/b.h": '#include "engine/a/a.h"\n',
        }, "a circle")

    def test_includes_are_written_from_src(self):
        self.bad({"base/a.c": '#include "a.h"\n'}, "not written from src/")
        self.bad({"wire/a.c": '#include "../base/a.h"\n'}, "not written from src/")

    def test_a_library_is_seen_only_by_the_layer_that_wraps_it(self):
        self.bad({"mod/org/org.c": "#include <libpq-fe.h>\n"}, "<libpq-fe.h> belongs to db/")

    def test_an_include_in_a_comment_is_no_include(self):
        self.good({"base/a.c": '/*\n#include "db/db.h"\n*/\n//\n'})

    def test_a_file_outside_the_layers_is_refused(self):
        self.bad({"util/a.c": "\n"}, "src/util/a.c: is in no layer")
        self.bad({"mod/a.c": "\n"}, "is in no layer")

    def test_nobody_but_the_top_uses_app_h(self):
        self.bad({"mod/org/org.c": '#include "app.h"\n'}, "must not use top")

    def test_a_file_of_800_lines_passes_and_of_801_does_not(self):
        self.good({"base/a.c": "\n" * 800})
        self.bad({"base/a.c": "\n" * 801}, "801 lines")

    def test_an_empty_tree_is_an_error(self):
        self.bad({}, "no C files")

    def test_words_of_education_are_warned_of_in_code_and_strings_not_in_comments(self):
        _, warnings = self.run_on({
            "db/a.c": '/* a school */\nint schoolCount;\n// 学校\nconst char *s = "学校";\nint preschooler;\n',
        })
        self.assertEqual(len(warnings), 2, warnings)
        self.assertIn("src/db/a.c:2: 'school'", warnings[0])
        self.assertIn("src/db/a.c:4: '学校'", warnings[1])

    def test_an_allowed_place_may_say_the_words(self):
        self.assertEqual(self.run_on({"base/date.h": "int school_year;\n"})[1], [])

    def test_every_allowed_place_has_a_reason(self):
        for place, reason in check_layers.WORDS_ALLOWED.items():
            self.assertGreater(len(reason), 10, place)

    def test_this_tree_is_clean(self):
        self.assertEqual(check_layers.check(os.getcwd())[0], [])


if __name__ == "__main__":
    unittest.main()

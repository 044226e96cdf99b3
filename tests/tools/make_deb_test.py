"""tools/make-deb writes a package that Debian's tools accept, with what a bureau needs and nothing that only we need."""
import os
import re
import shutil
import subprocess
import tempfile
import unittest

SHUREN = os.environ["SHUREN"]


def out(*args, **kw):
    done = subprocess.run(args, capture_output=True, text=True, **kw)
    assert done.returncode == 0, f"{args}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@unittest.skipUnless(shutil.which("dpkg-deb") and shutil.which("dpkg-shlibdeps"), "no dpkg-dev")
class MakeDeb(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="shuren-deb-")
        env = {**os.environ, "SOURCE_DATE_EPOCH": "1764000000"}
        cls.deb = out("tools/make-deb", "--binary", SHUREN, "--to", cls.folder, env=env).strip()

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.folder)

    def test_its_control_file_is_whole(self):
        fields = dict(re.findall(r"^ ?([A-Z][A-Za-z-]*): (.*)$", out("dpkg-deb", "--field", self.deb), re.M))
        with open("meson.build") as f:
            version = re.search(r"version: '([0-9.]+)'", f.read())[1]
        with open("src/base/version.h") as f:
            self.assertIn(f'SHUREN_VERSION "{version}"', f.read())
        self.assertEqual((fields["Package"], fields["Version"]), ("shuren", version))
        self.assertEqual(os.path.basename(self.deb), f"shuren_{version}_{fields['Architecture']}.deb")
        for library in ("libsqlite3-0", "libsodium23", "libmicrohttpd12", "libc6"):
            self.assertIn(library, fields["Depends"])
        self.assertIn("conffiles", out("dpkg-deb", "--info", self.deb))

    def test_it_holds_what_a_bureau_needs(self):
        files = {}
        for line in out("dpkg-deb", "--contents", self.deb).splitlines():
            mode, owner, _, _, _, name = line.split(None, 5)
            self.assertEqual(owner, "root/root", line)
            self.assertNotRegex(mode, r"^-.......w|^-....w", line)
            files[name.split(" -> ")[0].lstrip(".")] = mode
        for name in ("/usr/bin/shuren", "/etc/default/shuren", "/lib/systemd/system/shuren.service",
                     "/lib/systemd/system/shuren-backup.timer", "/usr/share/doc/shuren/operations.md",
                     "/usr/share/doc/shuren/copyright", "/usr/share/shuren/packs/national/roles/base.yaml"):
            self.assertIn(name, files)
        self.assertEqual(files["/usr/bin/shuren"][:4], "-rwx")
        self.assertEqual(os.path.isdir("web/dist"), "/usr/share/shuren/web/index.html" in files)
        self.assertFalse([n for n in files if "/tests/" in n or n.endswith((".c", ".h"))])

    def test_what_is_unpacked_makes_a_place(self):
        root = os.path.join(self.folder, "root")
        out("dpkg-deb", "--extract", self.deb, root)
        place = os.path.join(self.folder, "place")
        out(os.path.join(root, "usr/bin/shuren"), "init", place, cwd=os.path.join(root, "usr/share/shuren"))
        self.assertIn("lvliang-2026", out(SHUREN, "pack", "list", place))

    def test_its_scripts_and_units_are_well_formed(self):
        for script in ("postinst", "prerm"):
            out("sh", "-n", f"packaging/debian/{script}")
        with open("packaging/default") as f:
            settings = set(re.findall(r"^([A-Z_]+)=", f.read(), re.M))
        with open("packaging/shuren.service") as f:
            unit = f.read()
        self.assertLessEqual(set(re.findall(r"SHUREN_[A-Z]+", unit)), settings)
        for line in unit.splitlines():
            self.assertRegex(line, r"^$|^#|^\[[A-Z][a-z]+\]$|^[A-Za-z]+=")

    def test_wrong_usage_is_told(self):
        for args in (["--nothing"], ["--to"]):
            self.assertEqual(subprocess.run(["tools/make-deb", *args], capture_output=True).returncode, 2, args)


if __name__ == "__main__":
    unittest.main()

use std::path::PathBuf;
use std::process::Command;

use super::*;

/// A root of its own with packages that dpkg installed there.
struct Root(tempfile::TempDir);

impl Root {
    /// Where `/bin` is a link into `/usr`, or a folder beside it.
    fn new(merged: bool) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let root = Self(folder);
        for folder in [
            "usr/bin",
            "var/lib/dpkg/info",
            "var/lib/dpkg/updates",
            "packages",
        ] {
            std::fs::create_dir_all(root.at(folder)).unwrap();
        }
        std::fs::write(root.at("var/lib/dpkg/status"), "").unwrap();
        if merged {
            std::os::unix::fs::symlink("usr/bin", root.at("bin")).unwrap();
        } else {
            std::fs::create_dir(root.at("bin")).unwrap();
        }
        root
    }

    fn at(&self, path: &str) -> PathBuf {
        self.0.path().join(path)
    }

    fn run(&self, program: &str, arguments: &[&str]) -> String {
        let output = Command::new(program)
            .args(arguments)
            .env("LC_ALL", "C")
            .output()
            .unwrap_or_else(|error| panic!("{program}: {error}"));
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{program} {arguments:?}: {error}");
        String::from_utf8(output.stdout).unwrap()
    }

    fn install(&self, name: &str, version: &str, files: &[&str]) {
        let tree = self.at(&format!("packages/{name}"));
        std::fs::create_dir_all(tree.join("DEBIAN")).unwrap();
        let control = format!(
            "Package: {name}\nVersion: {version}\nArchitecture: all\nMaintainer: a <a@example.org>\n\
             Description: a test\n"
        );
        std::fs::write(tree.join("DEBIAN/control"), control).unwrap();
        for file in files {
            let file = tree.join(file.trim_start_matches('/'));
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(file, name).unwrap();
        }
        let package = self.at(&format!("packages/{name}.deb"));
        let (tree, package) = (tree.to_str().unwrap(), package.to_str().unwrap());
        self.run("dpkg-deb", &["--root-owner-group", "-b", tree, package]);
        let (admin, root) = (self.at("var/lib/dpkg"), self.at(""));
        self.run(
            "dpkg",
            &[
                &format!("--admindir={}", admin.display()),
                &format!("--instdir={}", root.display()),
                "--force-not-root",
                "--force-bad-path",
                "--log=/dev/null",
                "-i",
                package,
            ],
        );
    }

    fn divert(&self, by: &str, from: &str, to: &str) {
        let admin = format!("--admindir={}", self.at("var/lib/dpkg").display());
        let by: &[&str] = if by.is_empty() {
            &["--local"]
        } else {
            &["--package", by]
        };
        let rest = ["--divert", to, "--no-rename", "--add", from];
        self.run("dpkg-divert", &[&[admin.as_str()], by, &rest].concat());
    }

    /// `name version` of the package of a path, or nothing.
    fn package(&self, path: &str) -> String {
        let found = packages(self.0.path(), &[path.to_owned()]);
        found
            .get(path)
            .map(|package| format!("{} {}", package.name, package.version.clone().unwrap()))
            .unwrap_or_default()
    }
}

#[test]
fn a_file_is_found_under_the_name_it_was_shipped_with() {
    let root = Root::new(true);
    root.install("older", "1:2.0-1", &["/bin/older"]);
    root.install("newer", "3.0", &["/usr/bin/newer", "/opt/x/newer"]);
    assert_eq!(root.package("/usr/bin/older"), "older 1:2.0-1");
    assert_eq!(root.package("/usr/bin/newer"), "newer 3.0");
    assert_eq!(root.package("/opt/x/newer"), "newer 3.0");
    assert_eq!(root.package("/usr/bin/new"), "");
    assert_eq!(root.package("/usr/bin/newer2"), "");
    assert_eq!(root.package("/bin/newer/"), "");
    // All in one go, and dpkg's own answer.
    let paths = ["/usr/bin/older", "/usr/bin/none", "/usr/bin/newer"].map(str::to_owned);
    assert_eq!(packages(root.0.path(), &paths).len(), 2);
    let admin = format!("--admindir={}", root.at("var/lib/dpkg").display());
    assert_eq!(
        root.run("dpkg-query", &[&admin, "-S", "/bin/older"]),
        "older: /bin/older\n"
    );
}

#[test]
fn two_folders_that_are_no_links_have_files_of_their_own() {
    let root = Root::new(false);
    root.install("one", "1", &["/bin/tool"]);
    root.install("two", "2", &["/usr/bin/tool"]);
    assert_eq!(root.package("/bin/tool"), "one 1");
    assert_eq!(root.package("/usr/bin/tool"), "two 2");
}

#[test]
fn a_diverted_file_is_still_its_packages_and_the_other_takes_its_name() {
    let root = Root::new(true);
    root.divert("wrapper", "/usr/bin/tool", "/usr/bin/tool.real");
    root.install("tool", "1.0", &["/usr/bin/tool"]);
    root.install("wrapper", "2.0", &["/usr/bin/tool"]);
    assert_eq!(
        std::fs::read_to_string(root.at("usr/bin/tool.real")).unwrap(),
        "tool"
    );
    assert_eq!(
        std::fs::read_to_string(root.at("usr/bin/tool")).unwrap(),
        "wrapper"
    );
    assert_eq!(root.package("/usr/bin/tool.real"), "tool 1.0");
    assert_eq!(root.package("/usr/bin/tool"), "wrapper 2.0");
    // By the administrator: what takes the name is no package's; and by the other form.
    root.divert("", "/bin/own", "/bin/own.packaged");
    root.install("own", "3.0", &["/bin/own"]);
    assert_eq!(root.package("/usr/bin/own"), "");
    assert_eq!(root.package("/usr/bin/own.packaged"), "own 3.0");
}

#[test]
fn each_architecture_has_a_version() {
    let status = b"Package: a\nStatus: x\nArchitecture: amd64\nVersion: 1\n\nPackage: a\n\
        Architecture: i386\nVersion: 2\n\nPackage: aa\nArchitecture: all\nVersion: 3\n\nPackage: b\n";
    assert_eq!(version(status, "a", "i386").as_deref(), Some("2"));
    assert_eq!(version(status, "a", "amd64").as_deref(), Some("1"));
    assert_eq!(version(status, "a", "").as_deref(), Some("1"));
    assert_eq!(version(status, "aa", "").as_deref(), Some("3"));
    assert_eq!(version(status, "b", ""), None);
    assert_eq!(version(b"", "b", ""), None);
}

#[test]
fn a_system_without_dpkg_has_no_packages() {
    let root = tempfile::tempdir().unwrap();
    assert!(packages(root.path(), &["/usr/bin/cat".to_owned()]).is_empty());
}

#[test]
fn the_last_line_needs_no_end() {
    let told = |text: &'static str| lines(text.as_bytes()).map(<[u8]>::len).collect::<Vec<_>>();
    assert_eq!(told("a\nbb"), [1, 2]);
    assert_eq!(told("a\n\n"), [1, 0]);
    assert_eq!(told(""), [0; 0]);
}

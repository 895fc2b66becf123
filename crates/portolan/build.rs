//! Links the unwinder into the program.
//!
//! Rust's standard library asks for `libgcc_s.so.1`, and to find, map and relocate that file at
//! every start costs a cold look-up about a tenth of its time. The same code from the compiler's
//! `libgcc_eh.a` costs nothing. Where there is no such archive the program links as usual.

use std::path::Path;
use std::process::Command;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let target = |key: &str| std::env::var(key).unwrap_or_default();
    if target("CARGO_CFG_TARGET_OS") != "linux" || target("CARGO_CFG_TARGET_ENV") != "gnu" {
        return;
    }
    if std::env::var("HOST") != std::env::var("TARGET") {
        return;
    }
    let found = Command::new("cc")
        .arg("-print-file-name=libgcc_eh.a")
        .output();
    let Ok(found) = found else { return };
    let archive = String::from_utf8_lossy(&found.stdout);
    let Some(folder) = Path::new(archive.trim())
        .parent()
        .filter(|folder| folder.is_absolute())
    else {
        return;
    };
    println!("cargo::rustc-link-search=native={}", folder.display());
    println!("cargo::rustc-link-lib=static:+whole-archive,-bundle=gcc_eh");
}

//! Makes the program start quickly: links the unwinder into it, at an address that is known.
//!
//! Rust's standard library asks for `libgcc_s.so.1`, and to find, map and relocate that file at
//! every start costs a cold look-up about a tenth of its time. The same code from the compiler's
//! `libgcc_eh.a` costs nothing. Where there is no such archive the program links as usual.
//!
//! A position-independent program has some 8,000 pointers to which the dynamic linker adds its
//! address at every start; that touches 36 pages and costs another seventh. So it is linked for a
//! fixed address, as Go's programs are; libraries, stack and heap stay where chance puts them, and
//! what reads bytes of strangers is safe Rust. Set PORTOLAN_PIE in the environment of the build to
//! have it position-independent all the same, with its relocations packed (`DT_RELR`).

use std::path::Path;
use std::process::Command;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=PORTOLAN_PIE");
    let target = |key: &str| std::env::var(key).unwrap_or_default();
    if target("CARGO_CFG_TARGET_OS") != "linux" || target("CARGO_CFG_TARGET_ENV") != "gnu" {
        return;
    }
    if std::env::var("HOST") != std::env::var("TARGET") {
        return;
    }
    if std::env::var_os("PORTOLAN_PIE").is_none() {
        println!("cargo::rustc-link-arg-bins=-no-pie");
    } else if glibc().is_some_and(|version| version >= (2, 36)) {
        println!("cargo::rustc-link-arg-bins=-Wl,-z,pack-relative-relocs");
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

/// The version of this machine's C library; packed relocations need 2.36.
fn glibc() -> Option<(u32, u32)> {
    let told = Command::new("getconf")
        .arg("GNU_LIBC_VERSION")
        .output()
        .ok()?;
    let told = String::from_utf8(told.stdout).ok()?;
    let (major, minor) = told.trim().strip_prefix("glibc ")?.split_once('.')?;
    Some((major.parse().ok()?, minor.split('.').next()?.parse().ok()?))
}

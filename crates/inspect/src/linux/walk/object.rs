//! The iterator's program as clang compiled it, taken apart.
//!
//! Source: `bpf/owners.bpf.o`, which `cargo xtask bpf` makes; the parts are described in
//! Documentation/bpf/btf.rst, "ELF File Format Interface".

use std::ffi::CStr;

use object::read::elf::ElfFile64;
use object::{Object, ObjectSection};

use super::call::Table;

static OBJECT: &[u8] = include_bytes!("../../../bpf/owners.bpf.o");

/// The section of the program: its kind, by the custom of libbpf.
const PROGRAM: &str = "iter/task_file";
/// The magic number that begins `.BTF.ext`, as that of `.BTF`.
const MAGIC: u16 = 0xeb9f;

/// The parts that the kernel wants.
#[derive(Clone, Copy, Debug)]
pub(super) struct Parts {
    pub(super) instructions: &'static [u8],
    pub(super) license: &'static CStr,
    /// Its types (BTF).
    pub(super) types: &'static [u8],
    /// Which type its one function has.
    pub(super) functions: Table<'static>,
    /// Where it touches structures of the kernel (CO-RE).
    pub(super) relocations: Table<'static>,
}

/// Takes it apart; `None` where it was made for the other byte order, or is no such object.
pub(super) fn parts() -> Option<Parts> {
    let file = ElfFile64::<object::Endianness>::parse(OBJECT).ok()?;
    if file.is_little_endian() != cfg!(target_endian = "little") {
        return None;
    }
    let section = |name: &str| file.section_by_name(name)?.data().ok();
    let extra = section(".BTF.ext")?;
    Some(Parts {
        instructions: section(PROGRAM)?,
        license: CStr::from_bytes_until_nul(section("license")?).ok()?,
        types: section(".BTF")?,
        functions: table(extra, 8)?,
        relocations: table(extra, 24)?,
    })
}

/// The table whose place and length stand at `at` in the head of `.BTF.ext`. It says how long a
/// row is, then for one section after another its name, how many rows, and these; here is one
/// section.
fn table(extra: &'static [u8], at: usize) -> Option<Table<'static>> {
    let word = |bytes: &'static [u8], at: usize| {
        let word = bytes.get(at..)?.first_chunk()?;
        Some(u32::from_ne_bytes(*word))
    };
    if extra.first_chunk().map(|magic| u16::from_ne_bytes(*magic)) != Some(MAGIC) {
        return None;
    }
    let start = word(extra, 4)?.checked_add(word(extra, at)?)? as usize;
    let length = word(extra, at + 4)? as usize;
    let table = extra.get(start..start.checked_add(length)?)?;
    let (size, count) = (word(table, 0)?, word(table, 8)?);
    let rows = table.get(12..)?;
    let is_one_section = rows.len() == (size as usize).checked_mul(count as usize)?;
    (is_one_section && size > 0).then_some(Table { rows, size })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_committed_object_has_every_part() {
        let parts = parts().unwrap();
        assert_eq!(parts.license, c"Dual MIT/GPL");
        assert_eq!(parts.instructions.len() % 8, 0);
        // One function, at the start: what a file counts in bytes and the kernel in instructions.
        assert_eq!(parts.functions.rows.len() as u32, parts.functions.size);
        assert_eq!(parts.functions.rows.first_chunk(), Some(&[0; 4]));
        assert!(!parts.relocations.rows.is_empty());
    }
}

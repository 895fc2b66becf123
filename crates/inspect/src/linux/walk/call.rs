//! The four calls of bpf(2) that an iterator needs. The one module of this crate with `unsafe`:
//! no library offers these without its own loader around them, and aya's reads all of the kernel's
//! types into memory, which took 43 milliseconds of CPU where these take less than 2.
//!
//! Source: bpf(2), `union bpf_attr` in `linux/bpf.h`.
#![expect(
    unsafe_code,
    reason = "rustix has no bpf(2), and libc offers it as a bare syscall(2)"
)]

use std::ffi::CStr;
use std::os::fd::{AsFd, AsRawFd, FromRawFd, OwnedFd, RawFd};

use rustix::io::Errno;

const BPF_PROG_LOAD: libc::c_int = 5;
const BPF_BTF_LOAD: libc::c_int = 18;
const BPF_LINK_CREATE: libc::c_int = 28;
const BPF_ITER_CREATE: libc::c_int = 33;
const BPF_PROG_TYPE_TRACING: u32 = 26;
const BPF_TRACE_ITER: u32 = 28;

/// What the kernel wants of a program.
#[derive(Clone, Copy, Debug)]
pub(super) struct Program<'a> {
    /// Its instructions, 8 bytes each.
    pub(super) instructions: &'a [u8],
    pub(super) license: &'a CStr,
    /// `struct bpf_func_info`s of this size.
    pub(super) functions: Table<'a>,
    /// `struct bpf_core_relo`s of this size.
    pub(super) relocations: Table<'a>,
    /// The number of the kernel's function that is the iterator's kind.
    pub(super) kind: u32,
}

/// Some rows of one size.
#[derive(Clone, Copy, Debug)]
pub(super) struct Table<'a> {
    pub(super) rows: &'a [u8],
    /// Bytes in a row, not 0.
    pub(super) size: u32,
}

impl Table<'_> {
    fn count(self) -> u32 {
        (self.rows.len() as u32).checked_div(self.size).unwrap_or(0)
    }
}

/// Gives the kernel a program's types (BTF).
pub(super) fn load_types(types: &[u8]) -> Result<OwnedFd, Errno> {
    #[repr(C)]
    struct Attributes {
        types: u64,
        log: u64,
        size: u32,
        log_size: u32,
        log_level: u32,
        zero: u32,
    }
    let attributes = Attributes {
        types: address(types),
        log: 0,
        size: types.len() as u32,
        log_size: 0,
        log_level: 0,
        zero: 0,
    };
    bpf(BPF_BTF_LOAD, &attributes)
}

/// Gives the kernel an iterator's program; it proves that it does no harm, and fits it to itself.
pub(super) fn load_program(program: &Program<'_>, types: &OwnedFd) -> Result<OwnedFd, Errno> {
    #[repr(C)]
    struct Attributes {
        program_type: u32,
        instruction_count: u32,
        instructions: u64,
        license: u64,
        log_level: u32,
        log_size: u32,
        log: u64,
        kernel_version: u32,
        flags: u32,
        name: [u8; 16],
        interface: u32,
        expected_attach_type: u32,
        types: RawFd,
        function_size: u32,
        functions: u64,
        function_count: u32,
        line_size: u32,
        lines: u64,
        line_count: u32,
        kind: u32,
        attach_to: u32,
        relocation_count: u32,
        descriptors: u64,
        relocations: u64,
        relocation_size: u32,
        zero: u32,
    }
    let attributes = Attributes {
        program_type: BPF_PROG_TYPE_TRACING,
        instruction_count: (program.instructions.len() / 8) as u32,
        instructions: address(program.instructions),
        license: program.license.as_ptr().addr() as u64,
        log_level: 0,
        log_size: 0,
        log: 0,
        kernel_version: 0,
        flags: 0,
        name: *b"portolan_owners\0",
        interface: 0,
        expected_attach_type: BPF_TRACE_ITER,
        types: types.as_raw_fd(),
        function_size: program.functions.size,
        functions: address(program.functions.rows),
        function_count: program.functions.count(),
        line_size: 0,
        lines: 0,
        line_count: 0,
        kind: program.kind,
        attach_to: 0,
        relocation_count: program.relocations.count(),
        descriptors: 0,
        relocations: address(program.relocations.rows),
        relocation_size: program.relocations.size,
        zero: 0,
    };
    bpf(BPF_PROG_LOAD, &attributes)
}

/// Makes a source of iterators of a loaded program.
pub(super) fn link(program: &OwnedFd) -> Result<OwnedFd, Errno> {
    #[repr(C)]
    struct Attributes {
        program: RawFd,
        target: u32,
        attach_type: u32,
        flags: u32,
    }
    let attributes = Attributes {
        program: program.as_raw_fd(),
        target: 0,
        attach_type: BPF_TRACE_ITER,
        flags: 0,
    };
    bpf(BPF_LINK_CREATE, &attributes)
}

/// Begins one walk; reading the descriptor makes it.
pub(super) fn iterate(link: &OwnedFd) -> Result<OwnedFd, Errno> {
    #[repr(C)]
    struct Attributes {
        link: RawFd,
        flags: u32,
    }
    let attributes = Attributes {
        link: link.as_raw_fd(),
        flags: 0,
    };
    bpf(BPF_ITER_CREATE, &attributes)
}

fn address(bytes: &[u8]) -> u64 {
    bytes.as_ptr().addr() as u64
}

/// Calls bpf(2) with a command that returns a new descriptor.
fn bpf<A>(command: libc::c_int, attributes: &A) -> Result<OwnedFd, Errno> {
    // SAFETY: the kernel reads `size_of::<A>()` bytes at `attributes`, which is a live structure of
    // that size without padding, and the bytes that its addresses and lengths name. Those are of
    // slices that this module's functions borrow until the call has returned. None of the four
    // commands writes to this process's memory, for the addresses and sizes of logs are 0, and
    // none keeps an address.
    let result = unsafe {
        libc::syscall(
            libc::SYS_bpf,
            command,
            std::ptr::from_ref(attributes),
            size_of::<A>(),
        )
    };
    if result < 0 {
        return Err(std::io::Error::last_os_error()
            .raw_os_error()
            .map_or(Errno::IO, Errno::from_raw_os_error));
    }
    let descriptor = RawFd::try_from(result).map_err(|_| Errno::BADF)?;
    // SAFETY: each of the four commands returns a descriptor that the kernel has just opened (with
    // the flag that closes it at exec), and that nobody else in this process knows of.
    let owned = unsafe { OwnedFd::from_raw_fd(descriptor) };
    debug_assert!(rustix::io::fcntl_getfd(owned.as_fd()).is_ok());
    Ok(owned)
}

//! Which calls to the system touch a file, and where their arguments name it.

use nix::libc;

use super::machine::Arguments;

/// What a call does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Opens what is there.
    Open,
    /// Makes a file, a folder, a link.
    Make,
    Write,
    Sync,
    Rename,
    Remove,
    /// Sets a length, bits, an owner or a time.
    Set,
    /// Reads bytes, the names in a folder, or where a link leads.
    Read,
    /// Looks at what is there.
    Look,
}

/// Where a call names its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Named {
    /// By this argument, a descriptor.
    Descriptor(usize),
    /// By these two, a folder's descriptor and a path.
    Beneath(usize, usize),
    /// By this argument, a path.
    Path(usize),
}

/// A call of a kind, and where it names its file. A rename or a link is named by where it leads to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Known {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    pub(crate) named: Named,
    /// Which argument is how many bytes are written.
    pub(crate) count: Option<usize>,
}

/// What is known of a call; `None` of one that touches no file.
pub(crate) fn known(number: i64, arguments: &Arguments) -> Option<Known> {
    use Kind::{Look, Make, Read, Remove, Rename, Set, Sync, Write};
    use Named::{Beneath, Descriptor};
    let of = |name, kind, named| {
        Some(Known {
            name,
            kind,
            named,
            count: None,
        })
    };
    let write = |name, count| {
        Some(Known {
            name,
            kind: Write,
            named: Descriptor(0),
            count,
        })
    };
    match number {
        libc::SYS_openat if has(arguments[2], libc::O_DIRECTORY) => of("opendir", Kind::Open, Beneath(0, 1)),
        libc::SYS_openat => of("openat", opening(arguments[2]), Beneath(0, 1)),
        // Here it opens folders only.
        libc::SYS_openat2 => of("openat2", Kind::Open, Beneath(0, 1)),
        libc::SYS_mkdirat => of("mkdirat", Make, Beneath(0, 1)),
        libc::SYS_linkat => of("linkat", Make, Beneath(2, 3)),
        libc::SYS_symlinkat => of("symlinkat", Make, Beneath(1, 2)),
        libc::SYS_write => write("write", Some(2)),
        libc::SYS_pwrite64 => write("pwrite64", Some(2)),
        libc::SYS_writev => write("writev", None),
        libc::SYS_pwritev => write("pwritev", None),
        libc::SYS_sendfile => write("sendfile", None),
        libc::SYS_copy_file_range => of("copy_file_range", Write, Descriptor(2)),
        libc::SYS_fsync => of("fsync", Sync, Descriptor(0)),
        libc::SYS_fdatasync => of("fdatasync", Sync, Descriptor(0)),
        libc::SYS_syncfs => of("syncfs", Sync, Descriptor(0)),
        libc::SYS_renameat2 => of("renameat2", Rename, Beneath(2, 3)),
        libc::SYS_unlinkat => of("unlinkat", Remove, Beneath(0, 1)),
        libc::SYS_ftruncate => of("ftruncate", Set, Descriptor(0)),
        libc::SYS_fallocate => of("fallocate", Set, Descriptor(0)),
        libc::SYS_fchmod => of("fchmod", Set, Descriptor(0)),
        libc::SYS_fchmodat => of("fchmodat", Set, Beneath(0, 1)),
        libc::SYS_fchown => of("fchown", Set, Descriptor(0)),
        libc::SYS_utimensat => of("utimensat", Set, Beneath(0, 1)),
        libc::SYS_flock => of("flock", Set, Descriptor(0)),
        libc::SYS_read => of("read", Read, Descriptor(0)),
        libc::SYS_pread64 => of("pread64", Read, Descriptor(0)),
        libc::SYS_getdents64 => of("getdents64", Read, Descriptor(0)),
        libc::SYS_readlinkat => of("readlinkat", Read, Beneath(0, 1)),
        libc::SYS_statx => of("statx", Look, Beneath(0, 1)),
        libc::SYS_newfstatat => of("newfstatat", Look, Beneath(0, 1)),
        libc::SYS_fstat => of("fstat", Look, Descriptor(0)),
        libc::SYS_faccessat => of("faccessat", Look, Beneath(0, 1)),
        _ => older(number, arguments),
    }
}

/// Calls that newer machines do not have any more.
#[cfg(target_arch = "x86_64")]
fn older(number: i64, arguments: &Arguments) -> Option<Known> {
    use Kind::{Look, Make, Read, Remove, Rename, Set};
    use Named::{Beneath, Path};
    let (name, kind, named) = match number {
        libc::SYS_open => ("open", opening(arguments[1]), Path(0)),
        libc::SYS_creat => ("creat", Make, Path(0)),
        libc::SYS_mkdir => ("mkdir", Make, Path(0)),
        libc::SYS_link => ("link", Make, Path(1)),
        libc::SYS_symlink => ("symlink", Make, Path(1)),
        libc::SYS_rename => ("rename", Rename, Path(1)),
        libc::SYS_renameat => ("renameat", Rename, Beneath(2, 3)),
        libc::SYS_unlink => ("unlink", Remove, Path(0)),
        libc::SYS_rmdir => ("rmdir", Remove, Path(0)),
        libc::SYS_chmod => ("chmod", Set, Path(0)),
        libc::SYS_readlink => ("readlink", Read, Path(0)),
        libc::SYS_stat => ("stat", Look, Path(0)),
        libc::SYS_lstat => ("lstat", Look, Path(0)),
        libc::SYS_access => ("access", Look, Path(0)),
        _ => return None,
    };
    Some(Known {
        name,
        kind,
        named,
        count: None,
    })
}

#[cfg(not(target_arch = "x86_64"))]
fn older(number: i64, _: &Arguments) -> Option<Known> {
    (number == libc::SYS_renameat).then_some(Known {
        name: "renameat",
        kind: Kind::Rename,
        named: Named::Beneath(2, 3),
        count: None,
    })
}

fn opening(flags: u64) -> Kind {
    if has(flags, libc::O_CREAT) {
        Kind::Make
    } else {
        Kind::Open
    }
}

fn has(flags: u64, flag: libc::c_int) -> bool {
    flags & u64::from(flag.cast_unsigned()) != 0
}

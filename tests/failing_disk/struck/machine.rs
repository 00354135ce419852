//! Registers of a thread that stands before or behind a call to the system, on the machines that are known here.

use nix::libc::user_regs_struct;

/// The six arguments of a call.
pub(crate) type Arguments = [u64; 6];

#[cfg(target_arch = "x86_64")]
mod here {
    use super::{Arguments, user_regs_struct};

    pub(crate) fn number(registers: &user_regs_struct) -> i64 {
        registers.orig_rax.cast_signed()
    }

    pub(crate) fn arguments(r: &user_regs_struct) -> Arguments {
        [r.rdi, r.rsi, r.rdx, r.r10, r.r8, r.r9]
    }

    pub(crate) fn set_arguments(r: &mut user_regs_struct, to: Arguments) {
        [r.rdi, r.rsi, r.rdx, r.r10, r.r8, r.r9] = to;
    }

    pub(crate) fn set_result(registers: &mut user_regs_struct, to: i64) {
        registers.rax = to.cast_unsigned();
    }
}

#[cfg(target_arch = "aarch64")]
mod here {
    use super::{Arguments, user_regs_struct};

    pub(crate) fn number(registers: &user_regs_struct) -> i64 {
        registers.regs[8].cast_signed()
    }

    pub(crate) fn arguments(registers: &user_regs_struct) -> Arguments {
        let [a, b, c, d, e, f, ..] = registers.regs;
        [a, b, c, d, e, f]
    }

    pub(crate) fn set_arguments(registers: &mut user_regs_struct, to: Arguments) {
        registers.regs[..6].copy_from_slice(&to);
    }

    /// The first argument and the result are one register: the result is set last.
    pub(crate) fn set_result(registers: &mut user_regs_struct, to: i64) {
        registers.regs[0] = to.cast_unsigned();
    }
}

pub(crate) use here::{arguments, number, set_arguments, set_result};

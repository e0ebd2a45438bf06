// SPDX-License-Identifier: MIT OR Apache-2.0
//! Makes the compiler describe every type and constant of the crate that a feature chooses:
//! only what is used is in its debug information, and a constant never is. So each type is
//! an argument of a function, and each constant the value of an enumerator.
#![no_std]
#![allow(non_camel_case_types, non_snake_case, unused_variables)]

/// One enumeration for each constant: two of one value cannot share one.
macro_rules! constants {
    ($group:ident: $($name:ident = $value:expr),* $(,)?) => {
        pub mod $group { $(
            pub mod $name {
                #[allow(unused_imports)]
                use crate::parameters::*;
                #[repr(u64)]
                #[derive(Clone, Copy)]
                pub enum Value { $name = $value as u64 }
                #[no_mangle]
                pub static $name: Value = Value::$name;
            }
        )* }
    };
}

/// Types as arguments of a function that stays in the library.
macro_rules! types {
    ($function:ident: $($argument:ident: $type:ty),* $(,)?) => {
        #[no_mangle]
        pub fn $function($($argument: &$type),*) {}
    };
}

types!(boot: a: hermit_entry::boot_info::RawBootInfo);

#[cfg(feature = "interface-0-1-4")]
mod chosen {
    pub use v0_1_4::parameters;
    pub use v0_1_4::{HypercallAddress as V1Address, MAX_ARGC_ENVC};
    pub use v0_1_4::parameters as v1;
}
#[cfg(feature = "interface-0-2-0")]
mod chosen {
    pub use v0_2_0::v1::parameters;
    pub use v0_2_0::v1::{parameters as v1, HypercallAddress as V1Address, MAX_ARGC_ENVC};
    pub use v0_2_0::v2::{parameters as v2, HypercallAddress};
    pub use v0_2_0::GuestPhysAddr;
}
#[cfg(feature = "interface-0-3-0")]
mod chosen {
    pub use v0_3_0::v1::parameters;
    pub use v0_3_0::v1::{parameters as v1, HypercallAddress as V1Address, MAX_ARGC_ENVC};
    pub use v0_3_0::v2::{parameters as v2, HypercallAddress};
    pub use v0_3_0::{GuestPhysAddr, UHYVE_INTERFACE_VERSION as INTERFACE};
}
use chosen::*;

types!(version_1:
    a: V1Address, b: v1::CmdsizeParams, c: v1::CmdvalParams, d: v1::ExitParams,
    e: v1::UnlinkParams, f: v1::WriteParams, g: v1::ReadParams, h: v1::CloseParams,
    i: v1::OpenParams, j: v1::LseekParams, k: v1::SerialWriteBufferParams,
);
constants!(uhyve_constants:
    UHYVE_O_RDONLY = O_RDONLY, UHYVE_O_WRONLY = O_WRONLY, UHYVE_O_RDWR = O_RDWR,
    UHYVE_O_CREAT = O_CREAT, UHYVE_O_EXCL = O_EXCL, UHYVE_O_TRUNC = O_TRUNC,
    UHYVE_O_APPEND = O_APPEND, UHYVE_O_DIRECTORY = O_DIRECTORY,
    UHYVE_O_ALLOWED = ALLOWED_OPEN_FLAGS,
    UHYVE_SEEK_SET = SEEK_SET, UHYVE_SEEK_CUR = SEEK_CUR, UHYVE_SEEK_END = SEEK_END,
    UHYVE_ENOENT = ENOENT, UHYVE_EBADF = EBADF, UHYVE_EFAULT = EFAULT, UHYVE_EINVAL = EINVAL,
    UHYVE_EROFS = EROFS, UHYVE_V1_MAX_ARGS = crate::MAX_ARGC_ENVC,
);

#[cfg(not(feature = "interface-0-1-4"))]
constants!(uhyve_more_constants:
    UHYVE_EPERM = EPERM, UHYVE_EIO = EIO, UHYVE_EEXIST = EEXIST, UHYVE_EISDIR = EISDIR,
    UHYVE_EOVERFLOW = EOVERFLOW,
);
#[cfg(not(feature = "interface-0-1-4"))]
types!(version_2:
    a: HypercallAddress, b: v2::WriteParams, c: v2::ReadParams, d: v2::LseekParams,
    e: v2::SerialWriteBufferParams, f: v2::SerialReadBufferParams, g: v2::OpenParams,
    h: v2::CloseParams, i: v2::UnlinkParams, j: GuestPhysAddr,
);
#[cfg(feature = "interface-0-3-0")]
constants!(uhyve_newest: UHYVE_INTERFACE_VERSION = crate::INTERFACE);
#[cfg(feature = "interface-0-3-0")]
types!(version_3:
    a: v2::FileType, b: v2::Dirent64, c: v2::GetdentParams, d: v2::MkdirParams,
    e: v2::StatKind, f: v2::FileAttr, g: v2::StatParams, h: v2::FstatParams,
);

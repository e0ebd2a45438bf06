// SPDX-License-Identifier: MIT OR Apache-2.0
//! A guest that opens a file, writes it, reads it back and says so, with the published crates
//! and nothing else. x86-64.
#![no_std]
#![no_main]

use core::arch::{asm, naked_asm};

use hermit_entry::boot_info::RawBootInfo;
use uhyve_interface::GuestPhysAddr;
use uhyve_interface::v2::HypercallAddress;
use uhyve_interface::v2::parameters::*;

// The three notes of an image. Name the lowest interface version whose calls are made.
hermit_entry::define_entry_version!();
hermit_entry::define_uhyve_interface_version!(2);
hermit_entry::define_abi_tag!();

const STACK_SIZE: usize = 0x8000;

#[repr(C, align(16))]
struct Stack([u8; STACK_SIZE]);
static mut STACK: Stack = Stack([0; STACK_SIZE]);

/// Entry of every vCPU: RDI is the boot information, RSI the number of the vCPU. RSP is the
/// *lowest* address of a stack that all vCPUs are given, so vCPU 0 takes one of its own and the
/// others are parked.
#[unsafe(no_mangle)]
#[unsafe(naked)]
unsafe extern "C" fn _start() -> ! {
    naked_asm!(
        "test esi, esi",
        "jnz 2f",
        "lea rsp, [rip + {stack} + {size}]",
        "xor ebp, ebp",
        "call {main}",
        "2: cli",
        "3: hlt",
        "jmp 3b",
        stack = sym STACK,
        size = const STACK_SIZE,
        main = sym main,
    )
}

/// Makes a call: a 32-bit OUT to the number, with the argument in RDI.
fn call(number: HypercallAddress, argument: u64) {
    unsafe {
        asm!("out dx, eax", in("dx") number as u16, in("eax") 0, in("rdi") argument,
             options(nostack, preserves_flags));
    }
}

fn call_block<T>(number: HypercallAddress, block: &mut T) {
    call(number, block as *mut T as u64);
}

/// Memory is mapped one to one at the start.
fn address<T: ?Sized>(of: &T) -> GuestPhysAddr {
    GuestPhysAddr::new(of as *const T as *const u8 as u64)
}

fn print(text: &str) {
    let mut block = SerialWriteBufferParams { len: text.len() as u64, buf: address(text) };
    call_block(HypercallAddress::SerialWriteBuffer, &mut block);
}

fn exit(code: i32) -> ! {
    call(HypercallAddress::Exit, code as u32 as u64);
    loop {
        unsafe { asm!("cli", "hlt") }
    }
}

/// Everything that can go wrong is a message and a status.
fn check(held: bool, what: &str, code: i32) {
    if !held {
        print(what);
        exit(code);
    }
}

extern "C" fn main(_info: &'static RawBootInfo) -> ! {
    let text = b"hello\n";
    let mut open = OpenParams {
        name: address(c"/data/hello.txt".to_bytes_with_nul()),
        flags: 0x40 | 0x200 | 0x2, // O_CREAT, O_TRUNC, O_RDWR: always those of Linux on x86-64
        mode: 0o644,
        ret: -38,
    };
    call_block(HypercallAddress::FileOpen, &mut open);
    let fd = open.ret;
    check(fd >= 0, "/data/hello.txt cannot be opened\n", 1);

    let mut rest = &text[..]; // a FileWrite may write less than it was given
    while !rest.is_empty() {
        let mut write = WriteParams { len: rest.len() as u64, ret: -38, buf: address(rest), fd };
        call_block(HypercallAddress::FileWrite, &mut write);
        check(write.ret > 0, "/data/hello.txt cannot be written\n", 2);
        rest = rest.get(write.ret as usize..).unwrap_or(&[]);
    }

    let mut seek = LseekParams { offset: 0, whence: 0, fd };
    call_block(HypercallAddress::FileLseek, &mut seek);
    check(seek.offset == 0, "/data/hello.txt has no position\n", 2);

    let mut back = [0u8; 6];
    let mut had = 0; // and a FileRead may read less
    while had < back.len() {
        let rest = &mut back[had..];
        let mut read = ReadParams { len: rest.len() as u64, ret: -38, buf: address(rest), fd };
        call_block(HypercallAddress::FileRead, &mut read);
        check(read.ret > 0, "/data/hello.txt cannot be read\n", 2);
        had += read.ret as usize;
    }
    print(core::str::from_utf8(&back).unwrap_or("?\n"));
    exit(0)
}

#[panic_handler]
fn panic(_: &core::panic::PanicInfo) -> ! {
    print("panic\n");
    exit(101)
}
